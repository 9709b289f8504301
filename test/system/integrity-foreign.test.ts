/** Databases of programs that have more than this SQLite: what it lacks is no damage, and hides none. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { check, integrity, results, temporaryFiles } from "../support/check.ts";
import { listing } from "../support/listing.ts";
import { made } from "../support/made.ts";
import { python } from "../support/python.ts";
import { ROOT } from "../support/root.ts";
import { tempFolder } from "../support/temp.ts";

const FTS5 = ["create virtual table ft using fts5(a, tokenize='porter')", "insert into ft values ('hello world')"];

/** The text of the table, as another version of its module would have it. */
const declared = (text: string) => [
  "pragma writable_schema=on",
  `update sqlite_master set sql = 'CREATE VIRTUAL TABLE ft USING ${text.replaceAll("'", "''")}' where name = 'ft'`,
];

const LACKS = "which this SQLite does not have";

test("virtual tables that this SQLite cannot check are no damage, and the reason says why", async () => {
  const cases: readonly (readonly [readonly string[], string, string])[] = [
    [[...FTS5, ...declared("fts5(a, tokenize='porter jieba')")], "missing-module", `the tokenizer jieba, ${LACKS}`],
    [
      [...FTS5, ...declared("fts5(a, tok = \"Porter 'simple' 1\")")],
      "missing-module",
      `the tokenizer simple, ${LACKS}`,
    ],
    [
      [...FTS5, ...declared("fts5(a, tokenize='unicode61 newoption 1')")],
      "missing-module",
      "ft: this SQLite's tokenizer does not take these arguments: unicode61 newoption 1",
    ],
    [
      [...FTS5, ...declared("fts5(a, newer=1)")],
      "missing-module",
      'ft has something that fts5 of this SQLite does not know: unrecognized option: "newer"',
    ],
    [
      [...FTS5, "update ft_config set v = 9 where k = 'version'"],
      "missing-module",
      "ft has version 9 of the FTS5 format, and this SQLite knows 4 or 5",
    ],
    [
      ["create virtual table ft using fts4(a, content='')", "insert into ft(docid, a) values (1, 'hello')"],
      "failed",
      "ft is an FTS4 table that does not keep its text (content=''): there is nothing to compare its index with",
    ],
    [
      ["create virtual table ft using fts4(a, compress=zip, uncompress=unzip)", "insert into ft values ('hello')"],
      "missing-module",
      `ft needs the function unzip, ${LACKS}`,
    ],
    [
      [
        "create table t(a)",
        "insert into t values ('hello')",
        "create view v as select f(a) as a, rowid as docid from t",
        "create virtual table ft using fts4(a, content=v)",
        "insert into ft(docid, a) values (1, 'hello')",
      ],
      "missing-module",
      `ft needs the function f, ${LACKS}`,
    ],
    [
      ["create virtual table ft using fts4(a)", "insert into ft values ('hello')", ...declared("fts4(a, newer=1)")],
      "missing-module",
      "ft has something that fts4 of this SQLite does not know: unrecognized parameter: newer=1",
    ],
  ];
  const { code, report } = await integrity(cases.map(([statements]) => made(...statements)));
  expect(code).toBe(2);
  expect(report.databases.map(({ verdict, reasonCode, reason }) => [verdict, reasonCode, reason])).toEqual(
    cases.map(([, reasonCode, reason]) => [
      "not-checked",
      reasonCode,
      reason.startsWith("the tokenizer") ? `ft needs ${reason}` : reason,
    ]),
  );
  expect(report.databases.map((database) => results(database)["structure"])).toEqual(cases.map(() => "ok"));
});

test("a virtual table whose text encoding SQLite does not know hides no table behind it", async () => {
  const damaged = [
    "create table t(a check (a > 0))",
    "pragma ignore_check_constraints=on",
    "insert into t values (-1)",
  ];
  const paths = [
    [...FTS5, ...declared("fts5(a, tokenize='porter jieba')")],
    [...damaged, ...FTS5, ...declared("fts5(a, tokenize='porter jieba')")],
    ["create virtual table ft using fts4(a, content='')", "insert into ft(docid, a) values (1, 'hello')"],
  ].map((statements) => made(...statements));
  for (const path of paths) {
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(4, 56);
    writeFileSync(path, bytes);
  }
  const { report } = await integrity(paths);
  expect(report.databases).toMatchObject([
    { verdict: "not-checked" },
    { verdict: "corrupt", problems: [{ check: "structure", message: "CHECK constraint failed in t" }] },
    { verdict: "not-checked", problems: [] },
  ]);
});

test.each([[[]], [["--quick"]]])("a vector index of libSQL is no damage, and hides none %o", async (args) => {
  const original = join(ROOT, "test/fixtures/libsql/vectors.db");
  const { code, report } = await integrity([
    ...args,
    original,
    // on page 3, the root of movies_year: an entry fewer; and 2002 in place of 2001
    damaged(original, (bytes) => bytes.writeUInt16BE(3, 2 * 1024 + 3)),
    damaged(original, (bytes) => bytes.writeUInt16BE(2002, bytes.indexOf(Buffer.from([0x07, 0xd1]), 2 * 1024))),
  ]);
  const reason =
    "movies_idx of movies is a vector index of libSQL, another SQLite, which keeps its entries elsewhere: they were " +
    "not checked";
  const isQuick = args.length > 0;
  expect(code).toBe(1);
  expect(report.databases).toMatchObject([
    { verdict: "not-checked", reasonCode: "missing-module", reason, problems: [] },
    { verdict: "corrupt" },
    { verdict: isQuick ? "not-checked" : "corrupt" },
  ]);
  const [, fewer = [], other = []] = report.databases.map(({ problems }) => problems.map(({ message }) => message));
  expect(fewer).toContain("wrong # of entries in index movies_year");
  expect(fewer.includes("row 1 missing from index movies_year")).toBe(!isQuick);
  expect(fewer.join("\n")).not.toContain("movies_idx");
  expect(other).toEqual(isQuick ? [] : ["row 2 missing from index movies_year"]);
});

/** As Anki's, with a table that needs nothing, and some free pages. */
const UNICASE = [
  "create table notes(id integer primary key, t text collate unicase, u text, check (t <> 'x' collate \"unicase\"))",
  "create index nt on notes(t)",
  "create index nu on notes(u)",
  "create unique index ni on notes(u COLLATE/* its own */[ICU]desc)",
  "create table w(k text collate 'naturalsort' primary key, v) without rowid",
  "create table free(a)",
  "create index fa on free(a)",
  "insert into notes with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) select i, " +
    "substr('aBcDeF', i % 6 + 1, 1) || i, 'u' || i from n",
  "insert into w select t, id from notes",
  "insert into free select u from notes",
  "create table gone(a)",
  "insert into gone select zeroblob(3000) from notes limit 20",
  "drop table gone",
];

const NEEDS_UNICASE = ["unicase", "ICU", "naturalsort"].map(
  (name) => `the database needs the collation ${name}, ${LACKS}`,
);

function damaged(path: string, damage: (bytes: Buffer) => void): string {
  const bytes = readFileSync(path);
  damage(bytes);
  const copy = join(tempFolder(), "db.sqlite3");
  writeFileSync(copy, bytes);
  return copy;
}

/** The root page of a table or an index, from 1. */
function rootOf(path: string, name: string): number {
  const sql = `select rootpage from sqlite_master where name = '${name}'`;
  return Number(
    python(`import sqlite3; print(sqlite3.connect(${JSON.stringify(path)}).execute("${sql}").fetchone()[0])`),
  );
}

const PAGE = 4096;

test("a collation that only the program has hides no damage, and is none", async () => {
  const intact = made(...UNICASE);
  const before = listing(dirname(intact));
  const temporary = temporaryFiles();
  const firstChild = (bytes: Buffer, root: number) =>
    bytes.readUInt32BE((root - 1) * PAGE + bytes.readUInt16BE((root - 1) * PAGE + 12));
  const root = rootOf(intact, "notes");
  const cases: readonly (readonly [string, RegExp])[] = [
    [damaged(intact, (bytes) => bytes.writeUInt32BE(3, 36)), /^Freelist: size is \d+ but should be 3$/],
    [damaged(intact, (bytes) => bytes.fill(0, 32, 40)), /^Page \d+: never used$/],
    [
      damaged(intact, (bytes) => {
        const used = firstChild(bytes, root);
        const trunk = bytes.readUInt32BE(32);
        bytes.writeUInt32BE(used, (trunk - 1) * PAGE + 8);
      }),
      /2nd reference to page \d+/,
    ],
    [
      damaged(intact, (bytes) =>
        bytes.fill(0x55, (firstChild(bytes, root) - 1) * PAGE, firstChild(bytes, root) * PAGE),
      ),
      /^Tree \d+ page \d+: btreeInitPage\(\) returns error code/,
    ],
    // an index that needs no collation, of the table that does
    [
      damaged(intact, (bytes) => {
        const at = bytes.indexOf("u101", (rootOf(intact, "nu") - 1) * PAGE);
        bytes.write("u10~", at);
      }),
      /^row \d+ missing from index nu$/,
    ],
  ];
  const { code, report } = await integrity([intact, ...cases.map(([path]) => path)], { env: temporary.env });
  expect(code).toBe(1);
  const [first, ...others] = report.databases;
  expect(first).toMatchObject({
    verdict: "not-checked",
    reasonCode: "missing-module",
    reason: NEEDS_UNICASE.join("; "),
    method: "backup",
    methodReason: expect.stringContaining("unicase, ICU and naturalsort"),
    problems: [],
  });
  expect(listing(dirname(intact))).toEqual(before);
  expect(readdirSync(temporary.folder)).toEqual([]);
  for (const [i, [, message]] of cases.entries()) {
    expect(others[i]?.verdict, String(message)).toBe("corrupt");
    expect(others[i]?.problems.map((problem) => problem.message)).toContainEqual(expect.stringMatching(message));
  }
});

test("beside it a file that is cut off is told, as without it", async () => {
  const path = made(...UNICASE);
  truncateSync(path, statSync(path).size - 2 * PAGE);
  const seen = await check(path);
  expect(seen).toMatchObject({ verdict: "corrupt", method: "private-copy" });
  expect(seen.problems[0]).toMatchObject({
    check: "header",
    message: expect.stringMatching(/^the file is truncated: /),
  });
  expect(seen.problems.some(({ message }) => message.startsWith("Freelist: invalid page number"))).toBe(true);
});

test.each([["--quick"], ["--copy"], ["--no-foreign-keys"]])("the same with %s", async (option) => {
  const intact = made(...UNICASE);
  const free = damaged(intact, (bytes) => bytes.writeUInt32BE(3, 36));
  const { report } = await integrity([option, intact, free]);
  expect(report.databases).toMatchObject([
    { verdict: "not-checked", reasonCode: "missing-module", problems: [] },
    { verdict: "corrupt", problems: [{ message: expect.stringMatching(/^Freelist: /) }] },
  ]);
});

test("in UTF-16, beside a virtual table, with foreign keys that compare by the collation", async () => {
  const seen = await check(
    made(
      "pragma encoding='UTF-16be'",
      ...UNICASE,
      ...FTS5,
      "create table parent(name text collate unicase unique)",
      "insert into parent values ('Ä')",
      "create table child(p references parent(name))",
      "insert into child values ('Ä')",
    ),
  );
  expect(seen).toMatchObject({ verdict: "not-checked", method: "backup", problems: [] });
  expect(results(seen)).toMatchObject({
    structure: "not-checked",
    "virtual-tables": "ok",
    "foreign-keys": "not-checked",
  });
});

test("without room for a copy the tables that need no collation are checked, and the reason says so", async () => {
  const path = damaged(
    made(...UNICASE, "create table u(a check (a > 0))", "pragma ignore_check_constraints=on"),
    () => {},
  );
  const without = { env: { TMPDIR: join(tempFolder(), "missing") } };
  expect(await check(path, [], without)).toMatchObject({
    verdict: "not-checked",
    method: "in-place",
    reasonCode: "missing-module",
    reason: expect.stringContaining("the free list and unused pages were not checked: no copy could be made ("),
    remedy: expect.stringContaining("TMPDIR"),
  });
});

test("a function in a CHECK constraint hides no page, and its answers are not counted", async () => {
  const statements = [
    "create table t(a, b as (f(a)) not null, c check (f(c) > 0), d not null)",
    "create index tb on t(b)",
    "create index td on t(d)",
    "create index tf on t(f(d))",
    "insert into t(a, c, d) values (1, 1, 1), (2, 2, 2)",
    "create table k(a integer primary key)",
    "create table r(a, b as (f(a)) references k)",
    "insert into r values (7)",
    "create table gone(a)",
    "insert into gone values (zeroblob(9000))",
    "drop table gone",
  ];
  const intact = made(...statements);
  const { report } = await integrity([
    intact,
    damaged(intact, (bytes) => bytes.writeUInt32BE(1, 36)),
    made(
      ...statements,
      "pragma writable_schema=on",
      "update sqlite_master set sql = replace(sql, 'd not null', 'd         ') where name = 't'",
    ),
  ]);
  expect(report.databases).toMatchObject([
    { verdict: "not-checked", reasonCode: "missing-module", method: "in-place", problems: [] },
    { verdict: "corrupt", problems: [{ message: expect.stringMatching(/^Freelist: /) }] },
    { verdict: "not-checked", problems: [] },
  ]);
  // with an answer of a stand-in, the foreign key would seem to be in order
  expect(report.databases[0]?.checks.find(({ name }) => name === "foreign-keys")?.result).toBe("not-checked");
});

test("a query that met damage before the copy's schema is changed does not hide it", async () => {
  const path = join(tempFolder(), "damaged.db");
  python(
    `import sqlite3
c = sqlite3.connect(${JSON.stringify(path)}, isolation_level=None)
c.create_collation("unicase", lambda a, b: (a > b) - (a < b))
c.execute("create table t(id integer primary key, a text collate unicase, b)")
c.execute("create index i on t(a)")
c.execute("create index j on t(b)")
c.execute("with recursive k(i) as (select 1 union all select i + 1 from k where i < 2000) " +
  "insert into t select i, 'Abc' || i, i from k")
c.close()`,
  );
  const bytes = readFileSync(path);
  bytes.fill(0, 4 * 4096, 5 * 4096);
  writeFileSync(path, bytes);
  // Rows are read before, as in a large database.
  const merging = await check(path, [], { env: { SQLOCK_TEST_MERGE_ROWS: "0" } });
  const exact = await check(path, ["--exact"]);
  expect([merging.verdict, merging.code]).toEqual(["corrupt", 1]);
  expect(merging.problems).toEqual(exact.problems);
});
