/** Verdicts, problems and the document, of databases as they are met. */
import { copyFileSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { check, integrity, results, temporaryFiles } from "../support/check.ts";
import { made } from "../support/made.ts";
import { python } from "../support/python.ts";
import { expectToFit } from "../support/schema.ts";
import { isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const OK = { header: "ok", "companion-files": "ok", structure: "ok", "virtual-tables": "ok", "foreign-keys": "ok" };

/** The index says another thing than the table: its declaration was changed for a moment. */
const WRONG_INDEX = [
  "create table t(a, b)",
  "create index i on t(a)",
  "insert into t(rowid, a, b) values (10, 1, 1), (20, 2, 2), (30, 3, 3)",
  "pragma writable_schema=on",
  "update sqlite_master set sql = 'create index i on t(b)' where name = 'i'",
];

test("rows that an index lacks, with the rowids that SQLite does not tell", async () => {
  const path = made(...WRONG_INDEX);
  python(
    `import sqlite3; c = sqlite3.connect(${JSON.stringify(path)}); c.execute("update t set b = b + 100 where ` +
      'rowid > 10"); c.commit()',
  );
  python(`
import sqlite3
c = sqlite3.connect(${JSON.stringify(path)}, isolation_level=None); c.execute("pragma writable_schema=on")
c.execute("update sqlite_master set sql = 'create index i on t(a)' where name = 'i'")`);
  const seen = await check(path);
  expect(seen).toMatchObject({
    code: 1,
    verdict: "corrupt",
    reason: null,
    reasonCode: null,
    method: "in-place",
    truncated: false,
  });
  expect(results(seen)).toEqual({ ...OK, structure: "failed" });
  expect(seen.problems).toMatchObject([
    { message: "row 2 missing from index i", table: "t", index: "i", rowid: "20", page: null },
    { message: "row 3 missing from index i", table: "t", index: "i", rowid: "30", page: null },
  ]);
  expect(seen.remedy).toContain("REINDEX");
  expect((await check(path, ["--quick"])).verdict).toBe("ok"); // quick_check does not compare
  expect(await check(path, ["--max-problems", "1"])).toMatchObject({ problems: [{ rowid: "20" }], truncated: true });
});

test("foreign keys: each row that refers to none, and a declaration that is wrong hides no other", async () => {
  const path = made(
    "create table p(a, b)",
    "create table mismatch(x references p(a))",
    "insert into mismatch values (1)",
    "create table q(i integer primary key)",
    "create table c(y references q, z references nowhere(k))",
    "insert into c(rowid, y, z) values (9007199254740993, 5, null), (2, null, 'z')",
    "create table w(k primary key, r references q) without rowid",
    "insert into w values ('k', 9)",
  );
  const seen = await check(path);
  expect(seen).toMatchObject({ code: 1, verdict: "corrupt" });
  expect(results(seen)).toEqual({ ...OK, "foreign-keys": "failed" });
  expect(seen.checks[4]?.reason).toContain('mismatch: foreign key mismatch - "mismatch" referencing "p"');
  expect(seen.problems).toEqual([
    {
      check: "foreign-keys",
      message: "row 2 of c refers to nowhere, and there is no such table (z → k)",
      table: "c",
      index: null,
      rowid: "2",
      parent: "nowhere",
      page: null,
    },
    expect.objectContaining({
      message: "row 9007199254740993 of c refers to a row of q that does not exist (y → its primary key)",
      rowid: "9007199254740993",
      parent: "q",
    }),
    expect.objectContaining({
      message: "a row of w refers to a row of q that does not exist (r → its primary key)",
      table: "w",
      rowid: null,
    }),
  ]);
  const left = await check(path, ["--no-foreign-keys"]);
  expect(left).toMatchObject({ code: 0, verdict: "ok", reason: null, problems: [] });
  expect(left.checks[4]).toEqual({
    name: "foreign-keys",
    result: "not-checked",
    reason: "skipped (--no-foreign-keys)",
    reasonCode: "left-out",
    durationMs: null,
    way: null,
  });
});

test("a declaration of a foreign key that cannot be checked is not ok", async () => {
  const seen = await check(made("create table p(a)", "create table c(x references p(a))", "insert into c values (1)"));
  expect(seen).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "failed",
    reason: expect.stringContaining("foreign key mismatch"),
  });
});

const VIRTUAL = [
  "create virtual table ft using fts5(a)",
  "insert into ft values ('hello world')",
  "create virtual table f4 using fts4(x)",
  "insert into f4 values ('some text')",
  "create virtual table r using rtree(id, a, b)",
  "insert into r values (1, 2, 3)",
];
const WITHOUT_MODULE = [
  "pragma writable_schema=on",
  "insert into sqlite_master values ('table', 'vv', 'vv', 0, 'CREATE VIRTUAL TABLE vv USING vec0(a float[3])')",
];

test("virtual tables are checked, also in a copy", async () => {
  expect(await check(made(...VIRTUAL), ["--copy"])).toMatchObject({ code: 0, verdict: "ok" });
});

test("virtual tables that are damaged hide neither one another nor the rest", async () => {
  const path = made(
    ...VIRTUAL,
    "create virtual table ft2 using fts5(a)",
    "delete from ft_data",
    "delete from r_node",
    "delete from f4_segdir",
    "create table t(a check (a > 0))",
    "pragma ignore_check_constraints=on",
    "insert into t values (-1)",
  );
  const seen = await check(path);
  expect(seen).toMatchObject({ code: 1, verdict: "corrupt" });
  expect(results(seen)).toEqual({ ...OK, structure: "failed", "virtual-tables": "failed" });
  expect(seen.problems.map((problem) => [problem.check, problem.table])).toEqual([
    ["virtual-tables", "ft"],
    ["virtual-tables", "f4"],
    ["virtual-tables", "r"],
    ["structure", "t"],
  ]);
});

test("a module that is missing: the rest is checked, and it is not ok", async () => {
  const damaged = [
    "create table t(a check (a > 0))",
    "pragma ignore_check_constraints=on",
    "insert into t values (-1)",
  ];
  const { code, report } = await integrity([made(...VIRTUAL, ...WITHOUT_MODULE), made(...damaged, ...WITHOUT_MODULE)]);
  expect(code).toBe(1);
  expect(report.databases).toMatchObject([
    {
      verdict: "not-checked",
      reasonCode: "missing-module",
      reason: "vv needs the module vec0, which this SQLite does not have",
    },
    { verdict: "corrupt", reasonCode: null, problems: [{ table: "t" }] },
  ]);
  expect(report.databases.map(({ checks }) => results({ checks })["virtual-tables"])).toEqual([
    "not-checked",
    "not-checked",
  ]);
});

test("a tokenizer that is missing is no damage", async () => {
  const path = made(
    ...VIRTUAL,
    "pragma writable_schema=on",
    "update sqlite_master set sql = 'CREATE VIRTUAL TABLE ft USING fts5(a, tokenize=\"snowball english\")' where " +
      "name = 'ft'",
  );
  expect(await check(path)).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "missing-module",
    reason: "ft needs the tokenizer snowball, which this SQLite does not have",
  });
});

test.each([
  [
    "the collation mine",
    ["create table t(a text collate mine)", "create index i on t(a)", "insert into t values ('x')"],
  ],
  ["the function f", ["create table t(a)", "create index i on t(f(a))", "insert into t values ('x')"]],
])("%s is missing: what does not need it is checked", async (what, statements) => {
  const damaged = [
    ...statements,
    "create table u(a check (a > 0))",
    "pragma ignore_check_constraints=on",
    "insert into u values (-1)",
  ];
  const { report } = await integrity([made(...statements), made(...damaged)]);
  expect(report.databases).toMatchObject([
    {
      verdict: "not-checked",
      reasonCode: "missing-module",
      reason: `the database needs ${what}, which this SQLite does not have`,
    },
    { verdict: "corrupt", problems: [{ message: "CHECK constraint failed in u", table: "u" }] },
  ]);
});

test("a truncated file: what is left of it is checked", async () => {
  const path = await newDatabase();
  truncateSync(path, 20 * 4096);
  const seen = await check(path);
  expect(seen).toMatchObject({ code: 1, verdict: "corrupt" });
  expect(results(seen)).toMatchObject({ header: "failed", structure: "failed" });
  expect(seen.problems[0]).toMatchObject({
    check: "header",
    message: expect.stringMatching(
      /^the file is truncated: the header says \d+ pages of 4096 bytes, but the file has 81920 bytes/,
    ),
  });
  expect(seen.problems.some(({ check: name, table }) => name === "structure" && table === "t")).toBe(true);
});

test("a header that SQLite puts up with is a finding", async () => {
  const path = made("create table t(a)");
  python(`f = open(${JSON.stringify(path)}, "r+b"); f.seek(59); f.write(b"\\x05"); f.close()`);
  const seen = await check(path);
  expect(seen).toMatchObject({
    code: 0,
    verdict: "ok",
    findings: [{ id: "header-mismatch", severity: "warning", pids: [] }],
  });
  expect(results(seen)).toEqual(OK);
});

test("a damaged magic is corrupt, and an empty file a database of 0 pages", async () => {
  const path = made("create table t(a)");
  python(`f = open(${JSON.stringify(path)}, "r+b"); f.seek(2); f.write(b"!"); f.close()`);
  const empty = join(tempFolder(), "empty.db");
  writeFileSync(empty, "");
  const { report } = await integrity([path, empty]);
  expect(report.databases).toMatchObject([
    { verdict: "corrupt", problems: [{ check: "header", message: expect.stringContaining("the first 16 bytes") }] },
    { verdict: "ok", pageCount: 0, sizeBytes: 0, method: null },
  ]);
});

test(
  "-r: databases by their first bytes and names, in the order of their names; one that is corrupt outweighs one that " +
    "is not checked",
  async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "b"));
    const good = made("create table t(a)");
    copyFileSync(good, join(folder, "b/data.bin"));
    copyFileSync(good, join(folder, "a.sqlite"));
    copyFileSync(good, join(folder, " z.db "));
    writeFileSync(join(folder, "text.db"), "no database");
    writeFileSync(join(folder, "empty.db"), "");
    symlinkSync(join(folder, "a.sqlite"), join(folder, "link.db"));
    const { code, report } = await integrity(["-r", folder]);
    expect(code).toBe(2);
    expect(report.databases.map(({ path, verdict }) => [path, verdict])).toEqual([
      [join(folder, " z.db "), "ok"],
      [join(folder, "a.sqlite"), "ok"],
      [join(folder, "b/data.bin"), "ok"],
      [join(folder, "empty.db"), "not-checked"],
      [join(folder, "text.db"), "not-checked"],
    ]);
    truncateSync(join(folder, "b/data.bin"), 4096);
    const mixed = await integrity(["-r", folder, join(folder, "none.db")]);
    expect(mixed.code).toBe(1);
    expect(mixed.report.databases.map(({ verdict }) => verdict)).toEqual([
      "not-checked",
      "ok",
      "ok",
      "corrupt",
      "not-checked",
      "not-checked",
    ]);
  },
);

test("strange names are no obstacle", async () => {
  const folder = tempFolder();
  const good = made("create table t(a)");
  const names = ["with space ", "ending in newline\n", 'quote\'d "db"', "-wal", "file:x", "%41", "ümläut"];
  const paths = names.map((name) => join(folder, name));
  for (const path of paths) copyFileSync(good, path);
  for (const [args, method] of [
    [[], "in-place"],
    [["--copy"], "backup"],
  ] as const) {
    const { report } = await integrity([...args, ...paths]);
    expect(report.databases).toMatchObject(paths.map((path) => ({ path, verdict: "ok", method })));
  }
});

test("what is printed is what the schema says", async () => {
  const locked = await newDatabase();
  await holding(locked, "c.execute('begin exclusive')");
  const cut = await newDatabase();
  truncateSync(cut, 20 * 4096);
  const wrong = made(
    "create table q(i integer primary key)",
    "create table c(y references q)",
    "insert into c values (5)",
    ...WITHOUT_MODULE,
  );
  const paths = [locked, cut, wrong, await newDatabase("wal"), join(tempFolder(), "none"), ":memory:"];
  const { code, report } = await integrity(["--wait", "100ms", ...paths]);
  expect(code).toBe(1);
  expectToFit("integrity", report);
  expect(report.databases.map(({ verdict }) => verdict)).toEqual([
    "not-checked",
    "corrupt",
    "corrupt",
    "ok",
    "not-checked",
    "not-checked",
  ]);
  expect(report.databases[0]?.blockedBy).toHaveLength(1);
  expect(report.databases[2]?.problems).toHaveLength(1);
  expect(() => expectToFit("integrity", { ...report, more: 1 })).toThrow();
});

test("no room for a private copy: it says so, and the way out", async (context) => {
  need(context, isRoot, "root, to mount a small file system");
  const path = await newDatabase("wal");
  const temporary = temporaryFiles();
  const mount = [
    "unshare",
    "-m",
    "sh",
    "-c",
    `mount -t tmpfs -o size=16k tmpfs '${temporary.folder}' && exec "$@"`,
    "sh",
  ];
  const seen = await check(path, [], { env: temporary.env, through: mount });
  expect(seen).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "no-space",
    reason: expect.stringMatching(/a private copy needs 1\d\d KiB, but .* 16 KiB free/),
  });
  expect(seen.remedy).toContain("--allow-companions");
  expect(await check(path, ["--allow-companions"], { env: temporary.env, through: mount })).toMatchObject({
    code: 0,
    verdict: "ok",
    method: "in-place",
  });
});

test("a private copy is removed as soon as it is checked, not only at the end", async (context) => {
  need(context, isRoot, "root, to mount a small file system");
  const folder = tempFolder();
  const path = await newDatabase("wal");
  const copies = Array.from({ length: 3 * availableParallelism() }, (_, i) => join(folder, `${i}.db`));
  for (const copy of copies) copyFileSync(path, copy);
  const temporary = temporaryFiles();
  const kib = Math.ceil(statSync(path).size / 1024) * (availableParallelism() + 1);
  const mount = [
    "unshare",
    "-m",
    "sh",
    "-c",
    `mount -t tmpfs -o size=${kib}k tmpfs '${temporary.folder}' && exec "$@"`,
    "sh",
  ];
  const { code, report } = await integrity(copies, { env: temporary.env, through: mount });
  expect(report.databases.map(({ verdict, reason }) => [verdict, reason])).toEqual(copies.map(() => ["ok", null]));
  expect(code).toBe(0);
});

test("a part of a check that could not run is reported beside the problems of the rest", async () => {
  const path = join(tempFolder(), "db.sqlite3");
  const db = new Database(path);
  db.pragma("foreign_keys = off");
  db.exec(
    "create table a(x references nix(id)); insert into a values (1); create table p(q); create table b(x " +
      "references p(q)); insert into b values (1)",
  );
  db.close();
  const { code, stdout } = await sqlock(["integrity", path]);
  expect([code, stdout.includes("foreign key mismatch")]).toEqual([1, true]);
});

test("where the schema could not be read, what depends on it is not called ok", async () => {
  const path = made(
    "create table p(id integer primary key)",
    "create table c(id integer primary key, pid references p(id))",
    "insert into c values (1, 99)",
    "pragma writable_schema=on",
    "update sqlite_master set sql = 'create tabl' where name = 'c'",
  );
  const seen = await check(path);
  expect(seen).toMatchObject({ code: 1, verdict: "corrupt" });
  expect(results(seen)).toEqual({
    ...OK,
    structure: "failed",
    "virtual-tables": "not-checked",
    "foreign-keys": "not-checked",
  });
});
