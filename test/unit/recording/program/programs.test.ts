/** What a program tells becomes lines. */
import { expect, test } from "vitest";
import type { ConnectionLine } from "../../../../src/recording/program/lines.ts";
import { DATABASE, Told } from "../../../support/told.ts";

const at = (line: number) => ({ file: "/srv/app/views.py", line, function: "save" });

test("a connection: where it was opened and closed, and by which thread", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5, { timeoutMs: 2000 }, 2);
  program.close(1, 20, 9, "closed", 2);
  expect(told.lines).toEqual([
    {
      ...{ type: "connection", pid: 42, startTicks: "100", tid: 43, id: 1, path: DATABASE, memory: null },
      ...{ driver: "sqlite3", timeoutMs: 2000, openedMs: 5, closedMs: 9, closed: "closed" },
      openedAt: { ...at(10), thread: "worker", task: null },
      closedAt: { ...at(20), thread: "worker", task: null },
    },
  ]);
});

test("one that is dropped, one that ends with its process, one that stays open, one that could not be opened", () => {
  const told = new Told();
  const [one, two] = [told.process(42), told.process(50)];
  one.open(1, 10, 5);
  one.close(1, 0, 9, "collected");
  one.open(2, 11, 5);
  two.open(1, 12, 5, { memory: "shared" });
  one.open(3, 13, 5, { error: "SQLITE_CANTOPEN" });
  one.send("bye");
  told.programs.end((pid) => pid === 50);
  const found = told.lines.map((line) => [(line as ConnectionLine).openedAt?.line, (line as ConnectionLine).closed]);
  expect(found).toEqual([
    [10, "collected"],
    [13, "not-opened"],
    [11, "process-ended"],
    [12, "open"],
  ]);
});

test("the package that opened it", () => {
  const told = new Told();
  told.process(42).open(1, 10, 5, { library: "django" });
  told.programs.end(() => true);
  expect(told.lines).toMatchObject([{ type: "connection", library: "django" }]);
});

test("a loop outside of a transaction is one run, also if a call of it is told by itself", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "a", "INSERT INTO t VALUES (1)", 10, 30, { times: 15 });
  program.call(1, 20, "as", "INSERT INTO t VALUES (1)", 31, 95);
  program.call(1, 20, "a", "INSERT INTO t VALUES (1)", 96, 120, { times: 10 });
  told.programs.end(() => true);
  expect(told.alone.filter(({ type }) => type === "counts")).toMatchObject([
    { fromMs: 10, toMs: 120, oneStatement: [{ times: 25 }] },
  ]);
});

test("a transaction that ends with its connection: closed at a line, or dropped", () => {
  for (const [line, endedBy] of [
    [22, "close"],
    [0, "collected"],
  ] as const) {
    const told = new Told();
    const program = told.process(42);
    program.open(1, 10, 5);
    program.call(1, 20, "bw", "INSERT 1", 10, 11);
    program.end(1, line, "closed", 12, 13);
    expect(told.alone).toMatchObject([{ type: "transaction", program: { endedBy } }]);
  }
});

test("connections of other databases are not shown", () => {
  const told = new Told();
  told.process(42).send("open", 1, 1, 1, 5, 5, "sqlite3", "/srv/other.db", {});
  told.programs.end(() => true);
  expect(told.lines).toEqual([]);
});

test("of forty connections from one line, twenty are told, and the rest is counted", () => {
  const told = new Told();
  const program = told.process(42);
  for (let each = 1; each <= 40; each++) {
    program.open(each, 10, each);
    program.close(each, 0, each + 1, "collected");
  }
  expect(told.lines).toHaveLength(20);
  told.programs.end(() => true);
  expect(told.lines).toHaveLength(21);
  expect(told.lines.at(-1)).toMatchObject({ type: "connection", closed: "collected", times: 20 });
});

test("used after close: the three lines that explain it", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.close(1, 20, 9);
  program.misuse("used-after-close", 1, 30, 12);
  expect(told.lines.at(-1)).toMatchObject({
    ...{ type: "misuse", kind: "used-after-close", connectionId: 1, path: DATABASE, atMs: 12 },
    ...{ callSite: at(30), openedAt: at(10), closedAt: at(20) },
  });
});

test("a transaction: its first write, its end, its longest pause", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "b", "BEGIN", 10, 11);
  program.call(1, 21, "r", "SELECT 1", 12, 13);
  program.call(1, 22, "w", "INSERT INTO t VALUES (?)", 20, 22);
  const pause = { pauseMs: 500, pauseAfter: 22, pauseBefore: 23 };
  program.end(1, 23, "commit", 530, 531, { statements: 9, insideMs: 6, ...pause });
  expect(told.alone).toEqual([
    {
      ...{ type: "transaction", pid: 42, startTicks: "100", tid: 42, path: DATABASE, connection: null },
      ...{ kind: "upgrade", fromMs: 12, toMs: 531, atLeast: false, outcome: "commit", insideMs: 6, outsideMs: 515 },
      ...{ waitedMs: null, writeFromMs: 22, moreStatements: 6 },
      statements: [
        { sql: "BEGIN", atMs: 10, ms: 1, result: "SQLITE_DONE" },
        { sql: "SELECT 1", atMs: 12, ms: 1, result: "SQLITE_DONE" },
        { sql: "INSERT INTO t VALUES (?)", atMs: 20, ms: 2, result: "SQLITE_DONE" },
      ],
      callSite: { ...at(20), thread: null, task: null },
      program: {
        ...{ connectionId: 1, alone: true },
        readAt: { ...at(21), thread: null, task: null },
        wroteAt: { ...at(22), thread: null, task: null },
        endedAt: { ...at(23), thread: null, task: null },
        pause: {
          ms: 500,
          after: { ...at(22), thread: null, task: null },
          before: { ...at(23), thread: null, task: null },
        },
      },
    },
  ]);
});

test("BEGIN IMMEDIATE has the lock to write at once: it is no upgrade; a deferred one that did nothing is none", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "b", "BEGIN IMMEDIATE", 10, 11);
  program.call(1, 21, "r", "SELECT 1", 12, 13);
  program.end(1, 22, "rollback", 20, 21);
  program.call(1, 30, "b", "BEGIN", 30, 31);
  program.end(1, 31, "commit", 32, 33);
  expect(told.alone).toHaveLength(1);
  expect(told.alone[0]).toMatchObject({ kind: "write", fromMs: 11, writeFromMs: 11, outcome: "rollback" });
});

test("a transaction that was left behind: by a task, with its connection, or open at the end", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "bw", "INSERT 1", 10, 11, { who: 3 });
  program.misuse("left-open", 1, 20, 15, "task", 3);
  program.end(1, 0, "collected", 40, 40);
  program.open(2, 11, 5);
  program.call(2, 21, "bw", "INSERT 2", 50, 51);
  told.programs.end(() => true);
  expect(told.lines[0]).toMatchObject({ kind: "left-open", ended: "task", callSite: { ...at(20), task: "Task-7" } });
  expect(told.alone).toMatchObject([
    { outcome: "rollback", program: { leftOpenBy: "task", endedBy: "collected" } },
    { outcome: "open", toMs: null, atLeast: true },
  ]);
});

const REFUSALS = [
  ["a timeout of 0", 0, "a", 1, "SQLITE_BUSY", "no-wait"],
  ["it has waited", 5000, "a", 5_001, "SQLITE_BUSY", "unknown"],
  ["a snapshot", 5000, "a", 1, "SQLITE_BUSY_SNAPSHOT", "snapshot"],
  ["the cache is shared", 5000, "a", 1, "SQLITE_LOCKED_SHAREDCACHE", "inside-process"],
] as const;

test.each(REFUSALS)("a refusal, %s", (_, timeoutMs, flags, ms, result, why) => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5, { timeoutMs });
  program.call(1, 20, `${flags}e`, "INSERT 1", 10, 10 + ms, { result });
  expect(told.alone).toMatchObject([
    { type: "refusal", why, sure: "likely", result, callMs: ms, atMs: 10 + ms, connectionId: 1, callSite: at(20) },
  ]);
});

test("a refusal behind another connection of the process, and one in a transaction that has read", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.open(2, 11, 5, { timeoutMs: 5000 }, 2);
  program.call(1, 20, "bw", "INSERT 1", 10, 11);
  program.call(2, 21, "ae", "INSERT 2", 12, 13, { result: "SQLITE_BUSY", who: 2 });
  program.end(1, 22, "commit", 20, 21);
  program.call(1, 23, "b", "BEGIN", 30, 31);
  program.call(1, 24, "r", "SELECT 1", 31, 32);
  program.call(1, 25, "e", "INSERT 1", 33, 34, { result: "SQLITE_BUSY" });
  const refusals = told.alone.filter(({ type }) => type === "refusal");
  expect(refusals).toMatchObject([
    { why: "same-process", callSite: { ...at(21), thread: "worker" } },
    { why: "deadlock", callSite: at(25) },
  ]);
});

test("statements outside of a transaction are counted once a second, at one line", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 0);
  for (let each = 0; each < 30; each++) program.call(1, 20, "a", "INSERT 1", 50 * each, 50 * each + 40, { times: 4 });
  program.call(1, 21, "a", "SELECT 1", 1600, 1601);
  told.programs.tick(5000);
  expect(told.alone).toMatchObject([
    { type: "counts", fromMs: 0, toMs: 990, writeTransactions: 80, oneStatement: [{ times: 80, callSite: at(20) }] },
    { type: "counts", fromMs: 1000, toMs: 1490, commits: 40 },
    { type: "counts", transactions: 1 },
  ]);
});

test("messages that were dropped are counted; one of another process is not", () => {
  const told = new Told();
  const program = told.process(42);
  program.drop();
  program.open(1, 10, 5);
  program.drop();
  program.drop();
  program.close(1, 11, 6);
  told.process(50).open(1, 10, 5);
  expect(told.programs.dropped).toEqual({ messages: 3, pids: [42] });
});

test("another process with the same number is another one: what was open has ended with the first", () => {
  const told = new Told();
  told.process(42, "100").open(1, 10, 5);
  told.process(42, "200").open(1, 20, 9);
  told.programs.end(() => true);
  expect(told.lines).toMatchObject([
    { startTicks: "100", closed: "process-ended" },
    { startTicks: "200", closed: "open" },
  ]);
});
