/** What integrity advises, carried out as it stands, mends the damage that it is said of. */
import { execFileSync } from "node:child_process";
import { closeSync, copyFileSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeEach, describe, expect, test } from "vitest";
import type { DatabaseCheck, IntegrityReport } from "../../src/features/integrity/report.ts";
import { has, need } from "../support/skip.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

beforeEach((context) => need(context, has("sqlite3"), "the sqlite3 shell"));

/** A database of that SQL; `damage` may write to the schema, and to the tables of virtual tables. */
function make(folder: string, sql: string, damage = ""): string {
  const path = join(folder, "db.sqlite3");
  for (const each of [sql, damage]) {
    const db = new Database(path);
    db.unsafeMode(true);
    db.pragma("page_size = 1024");
    db.pragma("foreign_keys = off");
    db.pragma("writable_schema = on");
    db.exec(each);
    db.close();
  }
  return path;
}

async function look(path: string): Promise<DatabaseCheck> {
  const { stdout } = await sqlock(["integrity", "--json", path]);
  const [database] = (JSON.parse(stdout) as IntegrityReport).databases;
  if (database === undefined) throw new Error(stdout);
  return database;
}

/** The commands in a remedy: from `sqlite3` to where the sentence goes on. */
function commandsIn(remedy: string | null): string[] {
  return (
    remedy
      ?.match(/sqlite3 [\w./-]+ (?:'(?:[^']|'\\'')*'|"[^"]*"|\.\w+)(?: \| (?:sed '[^']*'|sqlite3 [\w.]+))*/g)
      ?.map((command) => command.replace(/\.$/, "")) ?? []
  );
}

/** @returns what sqlock says of `result` after the first of the commands that was for `what`. */
async function mend(folder: string, remedy: string | null, what: string, result: string): Promise<DatabaseCheck> {
  const command = commandsIn(remedy).find((each) => each.includes(what));
  if (command === undefined) throw new Error(`no ${what} in: ${remedy}`);
  execFileSync("sh", ["-c", command], { cwd: folder });
  return look(result);
}

const ROWS =
  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) select i, 'row ' || i from n";

test("entries that are missing from indexes: REINDEX", async () => {
  const folder = tempFolder();
  const path = make(
    folder,
    `create table t(a, b); create index "it's" on t(a); insert into t ${ROWS};
     update sqlite_schema set sql = 'CREATE INDEX "it''s" on t(a) where a < 0' where name = 'it''s'`,
    "insert into t values (1, 2); update sqlite_schema set sql = 'CREATE INDEX \"it''s\" on t(a)' where type = 'index'",
  );
  const before = await look(path);
  expect(before.problems.map(({ message }) => message)).toContain("wrong # of entries in index it's");
  expect(await mend(folder, before.remedy, "REINDEX", path)).toMatchObject({ verdict: "ok" });
});

test("rows that are twice in a unique index: REINDEX, once they are not", async () => {
  const folder = tempFolder();
  const path = make(
    folder,
    "create table t(a, b); create index ti on t(a); insert into t values (1, 1), (1, 2)",
    "update sqlite_schema set sql = 'CREATE UNIQUE INDEX ti on t(a)' where type = 'index'",
  );
  const { problems, remedy } = await look(path);
  expect(problems.map(({ message }) => message)).toEqual(["non-unique entry in index ti"]);
  expect(remedy).toContain(
    "Find and remove the duplicate rows in ti: until then REINDEX fails with 'UNIQUE constraint failed'.",
  );
  await expect(mend(folder, remedy, "REINDEX", path)).rejects.toThrow("UNIQUE constraint failed");
  execFileSync("sqlite3", [path, "delete from t not indexed where b = 2"]);
  expect(await mend(folder, remedy, "REINDEX", path)).toMatchObject({ verdict: "ok" });
});

describe("a full-text index: rebuild", () => {
  test.each([
    [
      "of a row that has changed",
      "update docs_content set c0 = 'three' where id = 2",
      /^fts5: checksum mismatch for table "docs"$/,
    ],
    [
      "without the size of a row",
      "delete from docs_docsize where id = 1",
      /^malformed inverted index for FTS5 table main.docs$/,
    ],
    [
      "without a page of its index",
      "delete from docs_data where id > 10",
      /^fts5: corruption found reading blob \d+ from table "docs"$/,
    ],
  ])("%s", async (_, damage, message) => {
    const folder = tempFolder();
    const path = make(
      folder,
      "create virtual table docs using fts5(body); insert into docs values ('one'), ('two')",
      damage,
    );
    const { problems, remedy } = await look(path);
    expect(problems).toMatchObject([
      { check: "virtual-tables", table: "docs", message: expect.stringMatching(message) },
    ]);
    expect(await mend(folder, remedy, "'rebuild'", path)).toMatchObject({ verdict: "ok" });
  });
});

describe("free pages: VACUUM INTO", () => {
  test("a list of them that is too short", async () => {
    const folder = tempFolder();
    const path = make(folder, `create table t(a, b); insert into t ${ROWS}`, "delete from t where a > 10");
    overwrite(path, 36, Buffer.from([0, 0, 0, 1]));
    const { verdict, remedy } = await look(path);
    expect(verdict).toBe("corrupt");
    expect(await mend(folder, remedy, "VACUUM INTO", join(folder, "new.db"))).toMatchObject({ verdict: "ok" });
  });

  test("pages that nothing uses", async () => {
    const folder = tempFolder();
    const path = make(
      folder,
      `create table t(a, b); create table u(a, b); insert into t ${ROWS}`,
      "delete from sqlite_schema where name = 'u'",
    );
    const { problems, remedy } = await look(path);
    expect(problems.map(({ message }) => message)).toEqual(["Page 3: never used"]);
    expect(await mend(folder, remedy, "VACUUM INTO", join(folder, "new.db"))).toMatchObject({ verdict: "ok" });
  });
});

test("pages of a table: the rows that .dump still reads", async () => {
  const folder = tempFolder();
  const path = make(folder, `create table t(a, b); create table u(a); insert into t ${ROWS}; insert into u values (1)`);
  overwrite(path, 4 * 1024, Buffer.alloc(1024));
  const { remedy } = await look(path);
  copyFileSync(path, join(folder, "copy.db"));
  const recovered = join(folder, "recovered.db");
  expect(await mend(folder, remedy, ".dump", recovered)).toMatchObject({ verdict: "ok" });
  const rows = Number(execFileSync("sqlite3", [recovered, "select count(*) from t"], { encoding: "utf8" }));
  expect(rows).toBeGreaterThan(400);
  expect(rows).toBeLessThan(500);
});

test("rows that refer to nothing: insert what they refer to", async () => {
  const path = make(
    tempFolder(),
    "create table c(id integer primary key); create table o(c references c); insert into o values (7)",
  );
  const { verdict, remedy } = await look(path);
  expect(verdict).toBe("corrupt");
  expect(remedy).toMatch(/^Rows of o refer to rows of c that do not exist: insert those/);
  expect(commandsIn(remedy)).toEqual([]);
  execFileSync("sqlite3", [path, "insert into c values (7)"]);
  expect(await look(path)).toMatchObject({ verdict: "ok" });
});

test("values that the table does not allow: correct them", async () => {
  const path = make(
    tempFolder(),
    "create table t(a); insert into t values (null)",
    "update sqlite_schema set sql = 'CREATE TABLE t(a not null)' where name = 't'",
  );
  const { remedy } = await look(path);
  expect(remedy).toContain("Correct or delete the rows that the definition of t does not allow (UPDATE, DELETE)");
  execFileSync("sqlite3", [path, "update t set a = 1"]);
  expect(await look(path)).toMatchObject({ verdict: "ok" });
});

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}
