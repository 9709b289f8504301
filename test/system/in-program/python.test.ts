/** What the tracer for Python tells of connections, transactions and calls: each type of message, in each Python. */
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { decoded, lines } from "../../support/decoded-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { program, pythons, traced } from "../../support/python-programs.ts";

const TRANSACTIONS = `import sqlite3, sys, time
c = sqlite3.connect("a.db", timeout=0.01)
c.execute("create table t(a)")
def write(value):
    c.execute("insert into t values (?)", (value,))
write(1)
print(c.execute("select * from t").fetchall())
time.sleep(0.05)
c.commit()
d = sqlite3.connect("a.db", timeout=0.01, isolation_level=None)
d.execute("begin immediate")
try:
    write(2)
except sqlite3.OperationalError as error:
    print(error)
d.execute("rollback")
with c:
    c.execute("delete from t")
for i in range(300):
    d.execute("select 1").fetchone()
d.executescript("begin; insert into t values (3)")
d.executemany("insert into t values (?)", [(4,), (5,)])
d.rollback()
d.close()
try:
    d.execute("select 2")
except sqlite3.ProgrammingError as error:
    print(error)
c.execute("insert into t values (6)")
c.close()
`;

const python = pythons();

test.each(python)("transactions, calls and misuse: %s", async (path) => {
  const run = await traced(TRANSACTIONS, path);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toBe("[(1,)]\ndatabase is locked\nCannot operate on a closed database.\n");
  const told = lines(run.messages);
  const once = told.filter((line) => !line.startsWith("call a main.py:20"));
  expect(once.filter((line) => line !== "call a main.py:3 create table t(a)")).toEqual([
    "open main.py:2",
    "call bw main.py:5 insert into t values (?)",
    "call r main.py:7 select * from t",
    "end commit main.py:9 7-9",
    "open main.py:10",
    "call b main.py:11 begin immediate",
    "call be main.py:5 insert into t values (?) SQLITE_BUSY",
    "end rollback main.py:16 rollback 11-16",
    "call w main.py:18 delete from t",
    expect.stringMatching(/^end commit main.py:1[78] /),
    "call b main.py:21 begin; insert into t values (3)",
    "call w main.py:22 insert into t values (?)",
    expect.stringMatching(/^end rollback main.py:23 /),
    "close closed main.py:24",
    "misuse used-after-close main.py:26",
    "call bw main.py:29 insert into t values (6)",
    "end closed main.py:30 29-30",
    "close closed main.py:30",
  ]);
  const times = decoded(run.messages).filter(({ site, type }) => site === "main.py:20" && type === "call");
  expect(times.reduce((sum, { raw }) => sum + (raw[10] as number), 0)).toBe(300);
  expect(times.length).toBeLessThan(100);
  const [begun] = decoded(run.messages).filter(({ what }) => what === "bw");
  expect(begun?.frames).toEqual(["main.py:5 write", "main.py:6 -"]);
});

test.each(python)("numbers, times and the first and last messages: %s", async (path) => {
  const run = await traced(TRANSACTIONS, path);
  const [first] = run.messages;
  expect(first?.slice(0, 1)).toEqual(["hello"]);
  expect(first?.slice(2, 4)).toEqual([0, 1]);
  expect(first?.[4]).toMatch(/^\d+$/);
  expect(first?.slice(5)).toEqual(["python", expect.stringMatching(/^3\.\d+\.\d+$/)]);
  expect(run.messages.map(([, , seq]) => seq)).toEqual(run.messages.map((_, index) => index));
  expect(run.messages.at(-1)?.[0]).toBe("bye");
  const calls = run.messages.filter(([type]) => type === "call" || type === "open");
  const spans = calls.map((each) => (each[0] === "open" ? [each[6], each[7]] : [each[7], each[8]]) as [number, number]);
  for (const [begin, end] of spans) expect(end).toBeGreaterThanOrEqual(begin);
  const end = run.messages.find(([type]) => type === "end");
  const [, , , , , , , begin, , outcome, statements, inside, gap] = end as unknown as number[];
  expect([outcome, statements]).toEqual(["commit", 2]);
  expect(gap).toBeGreaterThanOrEqual(50_000);
  expect(inside).toBeLessThan((begin ?? 0) + 50_000);
});

const OPENS = `import sqlite3, pathlib
class Own(sqlite3.Connection):
    pass
sqlite3.connect("file:b.db?mode=rwc&x=1", uri=True)
sqlite3.connect(pathlib.Path("b.db"), 1.5)
sqlite3.connect(b"b.db", factory=Own)
sqlite3.Connection("b.db")
sqlite3.connect("file:b.db?mode=ro", uri=True)
sqlite3.connect("file:shared?mode=memory&cache=shared", uri=True)
sqlite3.connect("file::memory:?cache=shared", uri=True)
sqlite3.connect(":memory:")
sqlite3.connect("")
try:
    sqlite3.connect("missing/b.db")
except sqlite3.OperationalError as error:
    print(error)
sqlite3.connect(database="b.db", timeout=0)
`;

test("what a connection is opened with", async () => {
  const { folder, path } = program(OPENS);
  const run = await runTraced([python[0] ?? "", path], { cwd: folder });
  expect(run.stdout).toBe("unable to open database file\n");
  const opened = decoded(run.messages).filter(({ type }) => type === "open");
  const told = opened.map(({ raw, site }) => [site.split(":")[1], raw[9], raw[10]]);
  const file = join(folder, "b.db");
  const options = { timeoutMs: 5000, memory: null, readOnly: false };
  expect(told).toEqual([
    ["4", file, options],
    ["5", file, { ...options, timeoutMs: 1500 }],
    ["6", file, options],
    ["7", file, options],
    ["8", file, { ...options, readOnly: true }],
    ["9", null, { ...options, memory: "shared" }],
    ["10", null, { ...options, memory: ":memory:" }],
    ["11", null, options],
    ["12", null, options],
    ["14", join(folder, "missing/b.db"), { ...options, error: "SQLITE_CANTOPEN" }],
    ["17", file, { ...options, timeoutMs: 0 }],
  ]);
  expect(opened.every(({ raw }) => raw[8] === "sqlite3")).toBe(true);
});

const COLLECTED = `import sqlite3, gc
def leave():
    c = sqlite3.connect("a.db")
    c.execute("create table t(a)")
    c.execute("insert into t values (1)")
leave()
gc.collect()
print(sqlite3.connect("a.db").execute("select count(*) from t").fetchone())
`;

test.each(python)("a connection that is collected, with a transaction: %s", async (path) => {
  const run = await traced(COLLECTED, path);
  expect(run.stdout).toBe("(0,)\n");
  const told = lines(run.messages);
  expect(told).toEqual(expect.arrayContaining(["end closed 5-?", "close collected"]));
  expect(told.indexOf("end closed 5-?")).toBe(told.indexOf("close collected") - 1);
});

test("bound values and the rest of a long text never leave the program", async () => {
  const text = `import sqlite3
c = sqlite3.connect("a.db")
c.execute("select ?, 'visible'", ("secret",))
c.execute("select '" + "é" * 5000 + "'")
c.execute("select '" + "x" * 5000 + "'")
`;
  const run = await traced(text);
  const sql = run.messages.filter(([type]) => type === "sql").map((each) => each.slice(4) as [string, number]);
  expect(sql[0]).toEqual(["select ?, 'visible'", 0]);
  expect(sql[1]?.[1]).toBe(10_009);
  expect(sql[2]).toEqual([`select '${"x".repeat(992)}`, 5009]);
  for (const message of run.messages) expect(JSON.stringify(message).length).toBeLessThan(4096);
  expect(JSON.stringify(run.messages)).not.toContain("secret");
});

test("a site in a library is told as one, and a -c program is the program's own", async () => {
  const { folder } = program("");
  const site = join(folder, "site-packages/lib");
  const files =
    `import os, sys; os.makedirs("${site}"); open("${site}/__init__.py", "w").write("import sqlite3\\n` +
    `c = sqlite3.connect(':memory:')\\n")`;
  const made = await runTraced([python[0] ?? "", "-c", files], { cwd: folder });
  expect(made.messages).toEqual([]);
  const env = { ...process.env, PYTHONPATH: dirname(site) };
  const run = await runTraced([python[0] ?? "", "-c", "import lib\nlib.c.execute('select 1')"], { cwd: folder, env });
  const told = decoded(run.messages);
  expect(told.map(({ site: line, isLibrary }) => [line, isLibrary])).toEqual([
    [`${basename("<string>")}:1`, false],
    ["<string>:2", false],
  ]);
  const library = await runTraced([python[0] ?? "", "-m", "lib"], { cwd: folder, env });
  expect(decoded(library.messages)[0]).toMatchObject({ site: "__init__.py:2", isLibrary: true });
});
