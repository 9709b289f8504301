/** Holders that have a database open through SQLite. */
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Holder, startHolder } from "./holder.ts";
import { tempFolder } from "./temp.ts";

/** Python: opens the database as `c`. No transaction begins by itself, and no lock is waited for. */
export function connect(database: string): string {
  return `c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=0)`;
}

/** By path: what the last holder of a database was told. */
const turns = new Map<string, Promise<unknown>>();

/**
 * A process that has the database open as `c`, and has done what the Python text says. Several at once start at once,
 * and then take turns: who opens a WAL database first keeps others out for a moment, and no lock is waited for.
 */
export async function holding(database: string, python = ""): Promise<Holder> {
  const starting = startHolder();
  const before = turns.get(database);
  const turn = (async () => {
    const holder = await starting;
    await before?.catch(() => undefined);
    await holder.run(`${connect(database)}\n${python}`);
    return holder;
  })();
  turns.set(database, turn);
  return turn;
}

/** Python: so many rows of 1000 bytes. */
export function insertRows(rows: number): string {
  return (
    `c.execute("insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows}) ` +
    'select randomblob(1000) from n")'
  );
}

/** A closed database in a folder of its own, with a table `t(a)` of some rows on many pages. */
export function newDatabase(mode: "delete" | "wal" = "delete", folder = tempFolder()): string {
  const database = join(folder, "db.sqlite3");
  const db = new Database(database);
  db.exec(`pragma synchronous = off; pragma journal_mode = ${mode}; create table t(a);
    insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)
    select randomblob(1000) from n`);
  db.close();
  return database;
}
