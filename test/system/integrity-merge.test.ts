/** A merge of an index with its table, beside SQLite's own check: on records as SQLite writes them, and on others. */
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { contentOf } from "../../src/features/integrity/worker/merge/content.ts";
import { describeTable, listTables } from "../../src/features/integrity/worker/merge/describe.ts";
import { compare } from "../../src/features/integrity/worker/merge/merge.ts";
import { tempFolder } from "../support/temp.ts";

type Sql = readonly string[];

/** The database that these statements make: the file is closed in between. */
function made(sql: Sql): { path: string; db: Database.Database } {
  const path = join(tempFolder(), "db.sqlite3");
  const maker = new Database(path);
  maker.unsafeMode();
  maker.exec(["PRAGMA writable_schema = ON", ...sql].join(";"));
  maker.close();
  const db = new Database(path);
  onTestFinished(() => void db.close());
  db.defaultSafeIntegers();
  db.exec("BEGIN");
  db.prepare("SELECT 1 FROM sqlite_schema").get();
  return { path, db };
}

/** What the merge says of each index, and SQLite's messages. */
function both(sql: Sql) {
  const { path, db } = made(sql);
  const content = contentOf(db, path);
  if (content === null) throw new Error("the content is not known");
  const tables = (listTables(db) ?? []).map((table) => describeTable(db, table));
  const merges = tables.flatMap(({ indexes }) => indexes ?? []).map((index) => compare(db, index, content, () => true));
  const rows = (pragma: string) => db.prepare<[], string>(`PRAGMA ${pragma}`).pluck().all();
  return { merges, quick: rows("quick_check"), bare: rows("integrity_check") };
}

const NUMBERS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i FROM n)";

describe("an index as SQLite makes it is the same", () => {
  test.for<[string, string, string]>([
    ["numbers", "a INTEGER", "a"],
    ["two columns, one of them descending", "a TEXT, b", "a DESC, b"],
    ["a collation of the column", "a TEXT COLLATE NOCASE, b", "a, b"],
    ["another collation than the column's", "a TEXT COLLATE NOCASE, b", "a COLLATE RTRIM, b COLLATE NOCASE"],
    ["a stored column", "a TEXT, b, c AS (a || b) STORED", "c, a"],
    ["reals", "a REAL, b NUMERIC", "a, b"],
    ["columns that are called like the rowid", 'a, "rowid", "oid"', '"rowid", a'],
  ])("%s", ([, columns, key]) => {
    const names = columns.includes("oid") ? '"rowid", a' : columns.includes("b") ? "a, b" : "a";
    const values = names.includes(",") ? "i % 17, 'Text ' || i % 5 || iif(i % 3, '', ' ')" : "i * 7919 % 1009";
    const result = both([
      `CREATE TABLE t(${columns})`,
      `INSERT INTO t(${names}) SELECT ${values} FROM ${NUMBERS}`,
      "INSERT INTO t DEFAULT VALUES",
      `CREATE INDEX i ON t(${key})`,
    ]);
    expect(result).toEqual({ merges: ["same"], quick: ["ok"], bare: ["ok"] });
  });

  test("equal values of other types, texts with any bytes, NULLs", () => {
    const values = ["1", "1.0", "'1'", "x'31'", "NULL", "-0.0", "0", "9007199254740993", "9007199254740992.0", "1e300"];
    const texts = ["x'ff'", "x'00'", "x'ed a0 80'".replaceAll(" ", "")].map((bytes) => `CAST(${bytes} AS TEXT)`);
    const result = both([
      "CREATE TABLE t(a, b)",
      ...[...values, ...texts].map((value) => `INSERT INTO t VALUES (${value}, 1), (${value}, NULL)`),
      "CREATE INDEX i ON t(a)",
      "CREATE INDEX j ON t(b, a)",
    ]);
    expect(result).toEqual({ merges: ["same", "same"], quick: ["ok"], bare: ["ok"] });
  });
});

test("an index of another kind is not merged: its program would prove nothing", () => {
  const table = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)";
  const insert = `INSERT INTO t SELECT i, 'text ' || i FROM ${NUMBERS}`;
  for (const index of ["i ON t(a, a COLLATE NOCASE)", "i ON t(id, a)"])
    expect(both([table, insert, `CREATE INDEX ${index}`]).merges).toEqual(["unproved"]);
  const virtual = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, c AS (printf('%9999d', id)) VIRTUAL)";
  expect(both([virtual, "INSERT INTO t VALUES (1, 'a')", "CREATE INDEX i ON t(c)"]).merges).toEqual([]);
  for (const index of ["i ON t(a) WHERE id > 5", "i ON t(lower(a))"])
    expect(both([table, insert, `CREATE INDEX ${index}`]).merges).toEqual([]);
  expect(both(['CREATE TABLE t(a, "rowid", "oid", "_rowid_")', "CREATE INDEX i ON t(a)"]).merges).toEqual([]);
});

/** The index `i` of t(a): its records are those of a table WITHOUT ROWID with these columns. */
function withRecords(columns: string, select: string, { unique = false, table = "a", key = "a" } = {}): Sql {
  return [
    `CREATE TABLE t(${table})`,
    `INSERT INTO t SELECT 'Key ' || printf('%05d', i) FROM ${NUMBERS}`,
    `CREATE TABLE w(${columns}, PRIMARY KEY(${columns.replaceAll(" COLLATE NOCASE", "")})) WITHOUT ROWID`,
    `INSERT INTO w ${select}`,
    `UPDATE sqlite_schema SET type = 'index', name = 'i', tbl_name = 't', ` +
      `sql = 'CREATE ${unique ? "UNIQUE " : ""}INDEX i ON t(${key})' WHERE name = 'w'`,
  ];
}

describe("records that quick_check does not look into", () => {
  test.for<[string, Sql, string]>([
    ["as they should be", withRecords("a, r", "SELECT a, rowid FROM t"), "same"],
    ["a field between key and rowid", withRecords("a, x, r", "SELECT a, rowid + 1, rowid FROM t"), "unproved"],
    ["a field behind the rowid", withRecords("a, r, x", "SELECT a, rowid, rowid + 1 FROM t"), "unproved"],
    ["a second rowid behind the rowid", withRecords("a, r, x", "SELECT a, rowid, rowid FROM t"), "unproved"],
    ["no rowid", withRecords("a, b", "SELECT a, 'x' FROM t"), "unproved"],
    ["one key in other letters", withRecords("a, r", "SELECT iif(rowid = 77, lower(a), a), rowid FROM t"), "differs"],
    ["one rowid that is another's", withRecords("a, r", "SELECT a, iif(rowid = 77, 78, rowid) FROM t"), "differs"],
    [
      "other letters that the index takes for the same",
      withRecords("a COLLATE NOCASE, r", "SELECT iif(rowid = 77, lower(a), a), rowid FROM t", {
        table: "a COLLATE NOCASE",
      }),
      "differs",
    ],
    [
      "in the order of another collation",
      [
        "CREATE TABLE t(a)",
        `INSERT INTO t SELECT char(65 + i % 26 + iif(i % 2, 32, 0)) || i FROM ${NUMBERS}`,
        "CREATE INDEX i ON t(a)",
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t(a COLLATE NOCASE)' WHERE name = 'i'",
      ],
      "differs",
    ],
    [
      "the same key twice in a unique index",
      [
        "CREATE TABLE t(a)",
        `INSERT INTO t SELECT i / 2 * 2 FROM ${NUMBERS}`,
        "CREATE INDEX i ON t(a)",
        "UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX i ON t(a)' WHERE name = 'i'",
      ],
      "differs",
    ],
    [
      "the same key but for the letters, in an index that is unique without them",
      [
        "CREATE TABLE t(a)",
        "INSERT INTO t VALUES ('a'), ('B'), (NULL), (NULL), ('b')",
        "CREATE INDEX i ON t(a COLLATE NOCASE)",
        "UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX i ON t(a COLLATE NOCASE)' WHERE name = 'i'",
      ],
      "differs",
    ],
    [
      "an integer in an index of reals that no real is",
      [
        "CREATE TABLE t(a REAL)",
        "INSERT INTO t VALUES (9007199254740992.0), (1.5)",
        "CREATE TABLE w(a, r, PRIMARY KEY(a, r)) WITHOUT ROWID",
        "INSERT INTO w VALUES (9007199254740993, 1), (1.5, 2)",
        "UPDATE sqlite_schema SET type='index', name='i', tbl_name='t', sql='CREATE INDEX i ON t(a)' WHERE name='w'",
      ],
      "unproved",
    ],
    [
      "an integer in a table of reals that no real is",
      [
        "CREATE TABLE t(a REAL)",
        "INSERT INTO t VALUES (9007199254740992.0), (1.5)",
        "CREATE INDEX i ON t(a)",
        "CREATE TABLE o(a INTEGER)",
        "INSERT INTO o VALUES (9007199254740993), (1.5)",
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'o') WHERE name = 't'",
        "DELETE FROM sqlite_schema WHERE name = 'o'",
      ],
      "unproved",
    ],
  ])("%s", ([name, sql, expected]) => {
    const { merges, quick, bare } = both(sql);
    if (!name.includes("a table of reals")) expect(quick).toEqual(["ok"]); // there a page is left over
    expect(merges).toEqual([expected]);
    if (expected === "same") expect(bare).toEqual(["ok"]);
    if (expected === "differs") expect(bare).not.toEqual(["ok"]);
  });
});

describe("a schema that is not as SQLite writes it: which tables there are is SQLite's to say", () => {
  const damaged = withRecords("a, r", "SELECT iif(rowid = 77, lower(a), a), rowid FROM t");
  test.for<[string, string]>([
    ["a name in other letters", "UPDATE sqlite_schema SET name = 'T' WHERE name = 't'"],
    ["a type in other letters", "UPDATE sqlite_schema SET type = 'TABLE' WHERE name = 't'"],
    ["the name of a table as a blob", "UPDATE sqlite_schema SET tbl_name = CAST('t' AS BLOB) WHERE name = 'i'"],
    [
      "an index on the schema itself",
      "CREATE TABLE o(a); CREATE INDEX oi ON o(a); UPDATE sqlite_schema SET tbl_name = 'sqlite_master', " +
        "sql = 'CREATE INDEX oi ON sqlite_master(name)' WHERE name = 'oi'",
    ],
    ["names of bytes that are no text", 'CREATE TABLE "\ufffd"(a)'],
  ])("%s", ([, change]) => {
    const { db } = made([...damaged, change]);
    expect(listTables(db)).toBeNull();
  });

  test("a view that is called like a PRAGMA replaces none", () => {
    const view = "CREATE VIEW pragma_table_list AS SELECT 'w' AS name, 'table' AS type, 0 AS wr, 'main' AS schema";
    expect(both([...damaged, view]).merges).toEqual(["differs"]);
  });

  test("a table WITHOUT ROWID is SQLite's to check, with an index and without one", () => {
    const tables = ["CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE v(a PRIMARY KEY, b) WITHOUT ROWID"];
    const { db } = made([...tables, "CREATE INDEX v_b ON v(b)", "CREATE TABLE t(a)"]);
    const described = (listTables(db) ?? []).map((table) => describeTable(db, table));
    expect(described).toEqual([
      { name: "w", indexes: null },
      { name: "v", indexes: null },
      { name: "t", indexes: [] },
    ]);
  });
});
