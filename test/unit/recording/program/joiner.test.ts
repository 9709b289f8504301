/** Lines of code for what is seen from outside, and what the program alone tells. */
import { expect, test } from "vitest";
import type { BlockerFact, RecordingLine } from "../../../../src/recording/lines.ts";
import { Joiner } from "../../../../src/recording/program/joiner.ts";
import { blocker, lockLine, refusalLine, transactionLine, waitLine } from "../../../support/recording.ts";
import { DATABASE as path, Told } from "../../../support/told.ts";

interface Setting {
  readonly exact?: boolean;
  readonly needsProgram?: boolean;
  readonly heldNow?: readonly BlockerFact[];
  /** Without what the program alone tells. */
  readonly seenOnly?: true;
}

function joined(
  told: Told,
  given: readonly RecordingLine[],
  { exact = true, needsProgram, heldNow = [], seenOnly }: Setting = {},
) {
  const lines: RecordingLine[] = [];
  const options = { programs: told.programs, exact, needsProgram: () => needsProgram ?? !exact, isWal: () => true };
  const joiner = new Joiner({ ...options, heldNow: () => heldNow }, (line) => lines.push(line));
  for (const line of given) joiner.add(line, 0);
  if (seenOnly !== true) for (const line of told.alone) joiner.add(line, 0, true);
  joiner.end();
  return lines;
}

const at = (line: number) => ({ file: "/srv/app/views.py", line });

/** Process 42: reads at line 20 from 10 ms on, writes at line 21 from 20 ms on, commits at line 22 after 500 ms. */
function writer(): Told {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 19, "b", "BEGIN", 9, 9.5);
  program.call(1, 20, "r", "SELECT 1", 10, 11);
  program.call(1, 21, "w", "INSERT 1", 20, 21);
  program.end(1, 22, "commit", 520, 521);
  return told;
}

const of42 = { pid: 42, startTicks: "100", tid: 42, path } as const;

test("a lock has the line of the call in which its thread took it", () => {
  const write = lockLine({ ...of42, fromMs: 20.4, toMs: 521 });
  const read = lockLine({ ...of42, lock: "READ1", lockType: "read", fromMs: 10.2, toMs: 521 });
  expect(joined(writer(), [write, read], { seenOnly: true })).toMatchObject([
    { callSite: at(21) },
    { callSite: at(20) },
  ]);
});

test.each([
  ["another thread", { tid: 99 }],
  ["another process", { pid: 43, tid: 43 }],
  ["a process that had the same number before", { startTicks: "99" }],
  ["another time", { fromMs: 15 }],
])("no line for %s", (_, other) => {
  const [line] = joined(writer(), [lockLine({ ...of42, fromMs: 20.4, toMs: 521, ...other })]);
  expect(line).toMatchObject({ callSite: null });
});

test("of two calls that hold the moment, the shorter one", () => {
  const told = writer();
  told.process(50).open(1, 30, 0);
  const program = told.process(60);
  program.open(1, 30, 0);
  program.call(1, 31, "a", "SELECT 1", 100, 900, { times: 50 });
  program.call(1, 32, "bw", "INSERT 1", 400, 410);
  const [line] = joined(told, [lockLine({ pid: 60, startTicks: "100", tid: 60, path, fromMs: 405, toMs: 500 })]);
  expect(line).toMatchObject({ callSite: at(32) });
});

test("a wait and its blocker have lines; a transaction has those of its begin, read, write, and end", () => {
  const told = writer();
  const waiter = told.process(50);
  waiter.open(1, 40, 30);
  waiter.call(1, 41, "as", "INSERT 2", 50, 530);
  const behind = blocker({ ...of42, fromMs: 20.5, heldMs: 500 });
  const wait = waitLine({ pid: 50, startTicks: "100", tid: 50, path, fromMs: 50.2, waitedMs: 479, blockers: [behind] });
  const transaction = transactionLine({ ...of42, fromMs: 10.1, writeFromMs: 20.4, toMs: 520.9 });
  expect(joined(told, [wait, transaction], { seenOnly: true })).toMatchObject([
    { callSite: at(41), blockers: [{ callSite: at(21) }] },
    {
      callSite: at(19),
      program: { connectionId: 1, readAt: at(20), wroteAt: at(21), endedAt: at(22) },
    },
  ]);
});

test("a refusal has the line of its call, by its return or by its beginning", () => {
  const told = writer();
  const refused = told.process(50);
  refused.open(1, 40, 30);
  refused.call(1, 41, "ae", "INSERT 2", 50, 50.3, { result: "SQLITE_BUSY" });
  const given = refusalLine({ pid: 50, startTicks: "100", tid: 50, path, atMs: 50.2, callMs: 0.1 });
  expect(joined(told, [given], { seenOnly: true })).toMatchObject([{ callSite: at(41), connectionId: 2 }]);
});

test("where the program does not know its threads, the only call of that text; likely", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "a", "INSERT 1", 10, 30, { who: 4 });
  program.call(1, 21, "a", "INSERT 2", 10, 30, { who: 4 });
  const lock = lockLine({ ...of42, tid: 47, fromMs: 15, toMs: 16 });
  expect(joined(told, [{ ...lock, sql: "INSERT 2" }, lock], { seenOnly: true })).toMatchObject([
    { callSite: { ...at(21), sure: "likely" } },
    { callSite: null },
  ]);
});

test("samples: the only transaction that had such a lock then, likely; of two lines none", () => {
  const sampled = lockLine({ ...of42, fromMs: 23, toMs: 519, sql: null, connection: null });
  expect(joined(writer(), [sampled], { exact: false })[0]).toMatchObject({ callSite: { ...at(21), sure: "likely" } });
  const told = writer();
  const program = told.process(42);
  program.open(2, 50, 6);
  program.call(2, 51, "bw", "INSERT 2", 22, 23);
  expect(joined(told, [sampled], { exact: false })[0]).toMatchObject({ callSite: null });
});

test("samples: a read lock that went on is that of a read after the transaction, not of the transaction", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "bw", "INSERT 1", 10, 11);
  program.end(1, 21, "commit", 12, 13);
  program.call(1, 22, "a", "UPDATE t SET a = 1", 14, 15);
  program.call(1, 23, "a", "SELECT 1", 16, 17);
  const read = lockLine({ ...of42, lock: "READ1", lockType: "read", fromMs: 12, toMs: 1_500, sql: null });
  expect(joined(told, [read], { exact: false })[0]).toMatchObject({ callSite: { ...at(23), sure: "likely" } });
  expect(joined(told, [{ ...read, toMs: 40 }], { exact: false })[0]).toMatchObject({ callSite: at(20) });
});

test("samples: transactions of a traced process are those that it tells", () => {
  const sampled = transactionLine({ ...of42, fromMs: 23, writeFromMs: 23, toMs: 519, statements: [] });
  const other = transactionLine({ path, fromMs: 600, writeFromMs: 600, toMs: 700, statements: [] });
  const lines = joined(writer(), [sampled, other], { exact: false });
  expect(lines).toMatchObject([{ pid: other.pid }, { pid: 42, program: { alone: true } }]);
});

test("with the kernel: what it tells is not told twice, unless the calls cannot be seen", () => {
  const seen = transactionLine({ ...of42, fromMs: 10.1, writeFromMs: 20.4, toMs: 520.9 });
  const lines = joined(writer(), [seen]);
  expect(lines).toMatchObject([{ type: "transaction", callSite: at(19), program: { connectionId: 1 } }]);
  expect(lines[0]).not.toHaveProperty("program.alone");
  expect(joined(writer(), [], { needsProgram: true })).toMatchObject([
    { type: "transaction", program: { alone: true } },
  ]);
});

test("with the kernel: a refusal that only the program tells is not lost; one of which both tell is told once", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 5);
  program.call(1, 20, "ae", "INSERT 1", 50, 52, { result: "SQLITE_BUSY" });
  program.call(1, 21, "ae", "INSERT 1", 150, 152, { result: "SQLITE_BUSY" });
  program.call(1, 22, "ae", "INSERT 1", 250, 452, { result: "SQLITE_BUSY" });
  const refusal = refusalLine({ ...of42, atMs: 151.9, callMs: 1.8 });
  const wait = waitLine({ ...of42, fromMs: 250.1, waitedMs: 201, outcome: "gave-up", result: "SQLITE_BUSY" });
  const lines = joined(told, [refusal, wait]);
  expect(lines).toMatchObject([
    { type: "refusal", callSite: at(21), sure: refusal.sure },
    { type: "wait", callSite: at(22) },
    { type: "refusal", callSite: at(20), atMs: 52 },
  ]);
});

test("with the kernel: transactions from before the library was probed are those that the program tells", () => {
  const told = writer();
  const program = told.process(42);
  program.open(2, 60, 530);
  for (let each = 0; each < 3; each++) program.call(2, 61, "a", "INSERT 3", 540 + each, 540.5 + each, { times: 9 });
  told.programs.tick(9_000);
  const unseen = joined(told, []);
  expect(unseen).toMatchObject([
    { type: "transaction", fromMs: 10, program: { alone: true } },
    { type: "counts", commits: 27 },
  ]);
  const partly = transactionLine({
    ...of42,
    fromMs: 300,
    writeFromMs: 300,
    toMs: 520.9,
    atLeast: true,
    statements: [],
  });
  const later = transactionLine({ ...of42, fromMs: 540.1, writeFromMs: 540.1, toMs: 540.4 });
  const lines = joined(writer(), [partly]);
  expect(lines).toMatchObject([{ type: "transaction", fromMs: 10, program: { alone: true } }]);
  expect(joined(told, [later])).toMatchObject([{ fromMs: 540.1 }, { fromMs: 10, program: { alone: true } }]);
});

test("samples: a call that took long while another process had the lock has likely waited for it", () => {
  const told = writer();
  const waiter = told.process(50);
  waiter.open(1, 40, 30);
  waiter.call(1, 41, "as", "INSERT 2", 50, 530);
  const wait = joined(told, [], { exact: false }).find(({ type }) => type === "wait");
  expect(wait).toMatchObject({
    ...{ pid: 50, lock: "WRITE", waitedMs: 480, outcome: "granted", sure: "likely", attempts: 0, callSite: at(41) },
    ...{ oversleptMs: 9, blockers: [{ pid: 42, callSite: at(21), blockedMs: 471 }] },
  });
});

test("samples: one that took long while nobody had the lock has worked", () => {
  const told = new Told();
  const program = told.process(50);
  program.open(1, 40, 30);
  program.call(1, 41, "as", "INSERT 2", 50, 530);
  expect(joined(told, [], { exact: false }).filter(({ type }) => type === "wait")).toEqual([]);
});

test("samples: a process without a tracer that held the lock is in the way, released or not", () => {
  const refusedAt = (told: Told) => {
    const program = told.process(50);
    program.open(1, 40, 30);
    program.call(1, 41, "ae", "INSERT 2", 100, 5100, { result: "SQLITE_BUSY" });
    return told;
  };
  const held = blocker({ pid: 70, tid: 70, fromMs: 50, heldMs: 9_000 });
  const gaveUp = { type: "refusal", result: "SQLITE_BUSY", callMs: 5000, sure: "likely" };
  expect(joined(refusedAt(new Told()), [], { exact: false, heldNow: [held] })).toMatchObject([
    { ...gaveUp, blockers: [{ pid: 70, blockedMs: 5000 }] },
  ]);
  const released = lockLine({ pid: 71, startTicks: "7", path, fromMs: 50, toMs: 5050 });
  expect(joined(refusedAt(new Told()), [released], { exact: false })).toMatchObject([
    { type: "lock" },
    { ...gaveUp, blockers: [{ pid: 71, heldMs: 5000, blockedMs: 4950 }] },
  ]);
});

test("samples: a long statement without a transaction is in the way as well", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 0);
  program.call(1, 20, "as", "UPDATE t SET a = 1", 10, 900);
  const waiter = told.process(50);
  waiter.open(1, 40, 30);
  waiter.call(1, 41, "bws", "INSERT 2", 100, 910);
  const wait = joined(told, [], { exact: false }).find(({ type }) => type === "wait");
  expect(wait).toMatchObject({ pid: 50, blockers: [{ pid: 42, callSite: at(20), blockedMs: 800 }] });
});

test("lines are held back for a moment, in their order; without a program they are not", () => {
  const lines: RecordingLine[] = [];
  const told = new Told();
  const options = { programs: told.programs, exact: true, needsProgram: () => false, isWal: () => true };
  const joiner = new Joiner({ ...options, heldNow: () => [] }, (line) => lines.push(line));
  joiner.add(lockLine({ fromMs: 1 }), 0);
  expect(lines).toHaveLength(1);
  told.process(42);
  joiner.add(lockLine({ fromMs: 2 }), 1000);
  joiner.add(waitLine({ fromMs: 3 }), 1100);
  joiner.release(1200);
  expect(lines).toHaveLength(1);
  joiner.release(1301);
  expect(lines).toHaveLength(2);
  joiner.release(1401);
  expect(lines.map((line) => ("fromMs" in line ? line.fromMs : null))).toEqual([1, 2, 3]);
});
