/** Makes the database of a recipe, with its companion files, in a folder of its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { BYTE_DAMAGES, type Page, type Tree, type Victim } from "./byte-damages.ts";
import { FEATURES } from "./features.ts";
import { INDEX_DAMAGES } from "./index-damages.ts";
import { JOURNAL_DAMAGES, WAL_DAMAGES } from "./journal-damages.ts";
import { Random } from "./random.ts";
import type { Recipe } from "./recipe.ts";
import { SQL_DAMAGES } from "./sql-damages.ts";

type Connection = InstanceType<typeof Database>;

/** The database's path. Nobody else may have it open: what is copied here is read behind SQLite's back. */
export function make(recipe: Recipe, folder: string): string {
  const random = new Random(~recipe.seed, recipe.number);
  const workshop = join(folder, "workshop");
  mkdirSync(workshop, { recursive: true });
  const made = join(workshop, "db.sqlite3");
  const path = join(folder, "db.sqlite3");
  try {
    startWithReservedBytes(made, recipe);
    const connection = open(made);
    try {
      fill(connection, recipe, random);
      const known = { pages: pagesOf(connection), trees: treesOf(connection) };
      leave(connection, recipe, random, made, path);
      damageBytes(path, recipe, random, known);
    } finally {
      if (connection.open) connection.close();
    }
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return path;
}

/** SQLite has no pragma for them: the empty first page of a new database is given some. */
function startWithReservedBytes(path: string, { pageSize, reserved, encoding, autoVacuum }: Recipe): void {
  const connection = new Database(path);
  connection.exec(
    `pragma page_size=${pageSize}; pragma encoding='${encoding}'; pragma auto_vacuum=${autoVacuum}; pragma ` +
      "synchronous=off; pragma user_version=1",
  );
  connection.close();
  if (reserved === 0) return;
  const bytes = readFileSync(path);
  bytes[RESERVED] = reserved;
  bytes.writeUInt16BE(pageSize - reserved, EMPTY_CONTENT_START);
  writeFileSync(path, bytes);
}

const RESERVED = 20;
const EMPTY_CONTENT_START = 105;

function open(path: string): Connection {
  const connection = new Database(path, { timeout: 0 });
  connection.unsafeMode();
  connection.exec(
    "pragma synchronous=off; pragma foreign_keys=off; pragma journal_mode=memory; pragma wal_autocheckpoint=0; " +
      "pragma cell_size_check=off",
  );
  return connection;
}

function fill(connection: Connection, { features, rows }: Recipe, random: Random): void {
  connection.exec(
    "begin; create table gone(a, b); create table kept(a, b); create index kept_a on kept(a); insert into kept " +
      "values (-1, 1), (-2, 2), (-3, 3);",
  );
  for (const { name, schema, fill: insert } of FEATURES) {
    if (!features.includes(name)) continue;
    connection.exec(schema);
    connection.exec(insert(rows));
  }
  connection.exec(
    "insert into gone with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select i, " +
      "zeroblob(i * 20) from n; commit;",
  );
  // Free pages, in two of three cases.
  if (!random.oneIn(3)) connection.exec("drop table gone");
}

function pagesOf(connection: Connection): Page[] {
  const used = connection
    .prepare("select pageno as number, pagetype as kind from dbstat order by pageno")
    .all() as Page[];
  const count = Number(connection.pragma("page_count", { simple: true }));
  const numbers = new Set(used.map(({ number }) => number));
  const unused = Array.from({ length: count }, (_, i) => i + 1).filter((number) => !numbers.has(number));
  return [...used, ...unused.map((number) => ({ number, kind: "unused" as const }))];
}

function treesOf(connection: Connection): Tree[] {
  const collations = connection.prepare("select coll from pragma_index_xinfo(?) where key order by seqno").pluck();
  const trees = connection
    .prepare(
      `select name, tbl_name as "table", rootpage as root, type from sqlite_schema where rootpage > 1 order by rowid`,
    )
    .all() as Omit<Tree, "collations">[];
  return trees.map((tree) => ({
    ...tree,
    collations: tree.type === "index" ? (collations.all(tree.name) as string[]) : [],
  }));
}

/**
 * Makes the changes that SQL can make and leaves the files in the state that the recipe names: copied while they are in
 * use.
 */
function leave(connection: Connection, recipe: Recipe, random: Random, made: string, path: string): void {
  const { leftover } = recipe;
  const inWal = leftover.includes("wal");
  connection.pragma(`journal_mode=${inWal ? "wal" : "delete"}`);
  if (inWal) change(connection, random);
  if (leftover === "half-copied-wal") {
    connection.pragma("wal_checkpoint(passive)");
    change(connection, random);
  }
  damageBySql(connection, recipe, random);
  if (leftover === "hot-journal") {
    // A transaction that has outgrown its cache: its first pages are in the database, their former state in the
    // journal.
    connection.pragma("cache_size=1");
    attempt(() => connection.exec("begin"));
    change(connection, random);
  } else if (!leftover.endsWith("-wal") && leftover !== "wal-beside-rollback") {
    connection.close();
  }
  copyFileSync(made, path);
  for (const suffix of ["-wal", "-journal"]) if (existsSync(made + suffix)) copyFileSync(made + suffix, path + suffix);
  if (leftover === "stale-wal" || leftover === "stale-journal") foreign(recipe, random, `${made}-other`, path);
  if (leftover === "wal-beside-rollback") {
    const bytes = readFileSync(path);
    bytes.fill(1, 18, 20);
    writeFileSync(path, bytes);
  }
}

/** Rows of the tables that every database has; a damaged one may refuse. */
function change(connection: Connection, random: Random): void {
  const most = random.int(5, 60);
  attempt(() =>
    connection.exec(
      `insert into kept with recursive n(i) as (select 1 union all select i + 1 from n where i < ${most}) select ` +
        "i, zeroblob(200) from n",
    ),
  );
  attempt(() => connection.exec("update kept set a = a + 1; update plain set name = name || '!';"));
}

/** A companion file of another database of the same page size. */
function foreign(recipe: Recipe, random: Random, other: string, path: string): void {
  startWithReservedBytes(other, recipe);
  const connection = open(other);
  try {
    const wal = recipe.leftover === "stale-wal";
    connection.exec("create table kept(a, b)");
    connection.pragma(`journal_mode=${wal ? "wal" : "delete"}`);
    if (!wal) {
      change(connection, random);
      connection.exec("pragma cache_size=1; begin");
    }
    change(connection, random);
    const suffix = wal ? "-wal" : "-journal";
    copyFileSync(other + suffix, path + suffix);
  } finally {
    connection.close();
  }
}

function damageBySql(connection: Connection, recipe: Recipe, random: Random): void {
  for (const { name, apply } of SQL_DAMAGES) {
    if (!recipe.damages.includes(name)) continue;
    attempt(() => {
      connection.pragma("writable_schema=on");
      apply(connection, random);
    });
  }
}

function damageBytes(path: string, recipe: Recipe, random: Random, known: Pick<Victim, "pages" | "trees">): void {
  const { pageSize, reserved } = recipe;
  const victim: Victim = { bytes: readFileSync(path), pageSize, reserved, random, ...known };
  for (const name of recipe.damages)
    [...BYTE_DAMAGES, ...INDEX_DAMAGES].find((damage) => damage.name === name)?.apply(victim);
  writeFileSync(path, victim.bytes);
  for (const [suffix, damages] of [["-wal", WAL_DAMAGES] as const, ["-journal", JOURNAL_DAMAGES] as const]) {
    for (const { name, apply } of damages) {
      if (recipe.damages.includes(name) && existsSync(path + suffix))
        writeFileSync(path + suffix, apply(readFileSync(path + suffix), random));
    }
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
}
