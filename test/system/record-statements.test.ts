/** Statements that are longer than what the kernel copies, and those that are run again before their last row. */
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { RecordingLine, StatementFact } from "../../src/recording/lines.ts";
import { linesOfFile, type Recording, startRecording } from "../record/recording.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { newDatabase } from "../support/sqlite.ts";
import { AS_CALLER, sqlock } from "../support/sqlock.ts";
import { needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

/** `call(name, …)`: SQLite's own functions, in the library that Python uses. */
const SQLITE = `
import ctypes
name = next(line.split()[-1] for line in open("/proc/self/maps") if "libsqlite3" in line)
lib = ctypes.CDLL(name)
pointer, text = ctypes.c_void_p, ctypes.c_char_p
db = pointer()
def call(name, *args):
    function = getattr(lib, "sqlite3_" + name)
    function.argtypes = TYPES[name]
    return function(*args)
TYPES = {"open": [text, pointer], "exec": [pointer, text, pointer, pointer, pointer], "step": [pointer],
    "prepare_v2": [pointer, text, ctypes.c_int, pointer, pointer], "reset": [pointer], "finalize": [pointer]}
def run(sql):
    assert call("exec", db, sql.encode(), None, None, None) == 0, sql
def prepare(sql):
    statement = pointer()
    assert call("prepare_v2", db, sql.encode(), -1, ctypes.byref(statement), None) == 0, sql
    return statement
def once(sql):
    statement = prepare(sql)
    code = call("step", statement)
    call("finalize", statement)
    assert code in (100, 101), (sql, code)
assert call("open", path.encode(), ctypes.byref(db)) == 0
run("create table r(a, b, c); insert into r values (1, 2, 3), (4, 5, 6)")
`;

async function programWith(python: string) {
  const database = newDatabase("wal");
  const program = await startHolder();
  await program.run(`path = ${JSON.stringify(database)}\n${SQLITE}\n${python}`);
  const recording = await startRecording([database], dirname(database));
  await until("its statements are known", async () => {
    await program.run(`once("begin immediate"); once("commit")`);
    return recording.knows(program.pid);
  });
  return { program, recording, database };
}

/** All that has happened until now was read. */
async function heardOf(recording: Recording, database: string): Promise<void> {
  const other = await startHolder();
  await other.run(`db = sqlite3.connect(${JSON.stringify(database)}); db.execute("select * from r")`);
  await until("the recorder has heard of the other program", () =>
    linesOfFile(recording.file).some((line) => line.type === "process" && line.pid === other.pid),
  );
}

/** The statements of each transaction that begins so, with their whole texts. */
function transactionsOf(lines: readonly RecordingLine[], begin: string): StatementFact[][] {
  const texts = new Map(lines.flatMap((line) => (line.type === "statement" ? [[line.id, line.sql] as const] : [])));
  return lines.flatMap((line) => {
    if (line.type !== "transaction" || line.statements[0]?.sql !== begin) return [];
    return [line.statements.map((each) => ({ ...each, sql: texts.get(each.statement ?? 0) ?? each.sql }))];
  });
}

const columns = (number: number) => Array.from({ length: number }, (_, n) => `a as column_${n}`).join(", ");

test("a long statement that was prepared before the recording: its text and its length in bytes", async (context) => {
  needTracing(context);
  const long = `select ${columns(900)}, 'ä€😀' from r where a in (1, 4)`;
  const middle = `select ${columns(20)}, 'ä€😀' from r`;
  const { program, recording } = await programWith(
    `kept = [prepare(${JSON.stringify(long)}), prepare(${JSON.stringify(middle)})]`,
  );
  await program.run(`
once("begin immediate /* kept */")
for statement in kept:
    assert call("step", statement) == 100
    assert call("step", statement) == 100
    call("reset", statement)
run(${JSON.stringify(`${middle} where 0`)})
once("commit")`);
  const lines = await recording.stops();
  const [told] = transactionsOf(lines, "begin immediate /* kept */");
  expect(told).toMatchObject([
    {},
    { sql: `${long.slice(0, 1000)} …`, sqlBytes: Buffer.byteLength(long) },
    { sql: middle },
    {},
    { sql: "commit" },
  ]);
  expect(told?.[1]).not.toHaveProperty("sqlBytesAtLeast");
  expect(told?.[1]).not.toHaveProperty("times");
  expect(told?.[2]).not.toHaveProperty("sqlBytes");
});

test("statements that take each other's place at once never have each other's text", async (context) => {
  needTracing(context);
  const start = `select ${columns(12)}`;
  const { program, recording, database } = await programWith(`texts = [${JSON.stringify(start)} + ", a as tail_%d" % n +
    " from r where " + "1 and " * n + "1" for n in range(4)]`);
  await program.run(`
for round in range(20):
    once("begin immediate /* swap */")
    for text in texts:
        once(text)
    run(";".join(texts[:2]))
    once("commit")`);
  for (const tail of [1, 3]) {
    await program.run(`
once("begin immediate /* kept ${tail} */")
kept = prepare(texts[${tail}])
call("step", kept)`);
    await heardOf(recording, database);
    await program.run(`call("finalize", kept); once("commit")`);
  }
  const lines = await recording.stops();
  const told = transactionsOf(lines, "begin immediate /* swap */");
  expect(told).toHaveLength(20);
  const text = (tail: number) => `${start}, a as tail_${tail} from r where ${"1 and ".repeat(tail)}1`;
  for (const statements of told) {
    const list = statements.flatMap((each) => Array.from({ length: each.times ?? 1 }, () => each)).slice(1, -1);
    expect(list).toHaveLength(6);
    // Each is gone before its memory is read: the first four are told of at their ends, the others by sqlite3_exec.
    expect(list.map(({ sql }) => sql?.replace(/;$/, ""))).toEqual([0, 1, 2, 3, 0, 1].map(text));
    for (const each of list) expect(each).not.toHaveProperty("sqlBytes");
  }
  for (const tail of [1, 3])
    expect(transactionsOf(lines, `begin immediate /* kept ${tail} */`)[0]?.[1]?.sql).toBe(text(tail));
});

test("a query that is run again before its last row counts again", async (context) => {
  needTracing(context);
  const { program, recording } = await programWith(`rows = prepare("select a from r")`);
  await program.run(`
once("begin immediate /* rows */")
for _ in range(5):
    call("step", rows)
    call("reset", rows)
once("select 1")
for _ in range(7): once("select b from r")
once("commit")
python = sqlite3.connect(path, isolation_level=None)
python.execute("begin immediate /* python */")
for _ in range(6): python.execute("select c from r").fetchone()
python.execute("commit")`);
  const lines = await recording.stops();
  expect(transactionsOf(lines, "begin immediate /* rows */")[0]).toMatchObject([
    {},
    { sql: "select a from r", times: 5 },
    { sql: "select 1" },
    { sql: "select b from r", times: 7 },
    { sql: "commit" },
  ]);
  expect(transactionsOf(lines, "begin immediate /* python */")[0]).toMatchObject([
    {},
    { sql: "select c from r", times: 6 },
    { sql: "commit" },
  ]);
});

test("a program that is over at once: all of its statements, from the first one on", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const insert = (n: number) => `insert into orders (customer, total, note) values (${n}, ${n}, 'a note of the order')`;
  const program = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("create table if not exists orders (id integer primary key, customer, total, note)")
c.execute("begin immediate")
for n in range(3): c.execute(${JSON.stringify(insert(0))}.replace("0", str(n)))
c.execute("commit")`;
  const file = join(dirname(database), "x.jsonl");
  const { code } = await sqlock([
    "record",
    "--source",
    "kernel",
    "--min-wait",
    "0",
    ...AS_CALLER,
    "-o",
    file,
    database,
    "--",
    pythonOf(0),
    "-c",
    program,
    database,
  ]);
  expect(code).toBe(0);
  const [told] = transactionsOf(linesOfFile(file), "begin immediate");
  expect(told?.map(({ sql, times }) => [sql, times])).toEqual([
    ["begin immediate", undefined],
    ["insert into orders (customer, total, note) values (?, ?, ?)", 3],
    ["commit", undefined],
  ]);
});
