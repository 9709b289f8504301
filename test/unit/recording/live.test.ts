/** What goes on now, while a recording runs. */
import { expect, test } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import {
  CKPT,
  call,
  lock,
  PENDING,
  READ1,
  refused,
  returns,
  SHARED,
  SHM,
  start,
  WRITE,
} from "../../support/source-events.ts";

function after(...events: readonly SourceEvent[]): Interpreter {
  return into([], ...events);
}

function into(lines: RecordingLine[], ...events: readonly SourceEvent[]): Interpreter {
  const interpreter = new Interpreter({ databases: ["/data/a.db", "/data/b.db"] }, (line) => lines.push(line));
  for (const event of [...start(), ...events]) interpreter.next(event);
  return interpreter;
}

const identity = {
  name: "x",
  commandLine: null,
  user: null,
  uid: null,
  unit: null,
  unitManager: null,
  unitUid: null,
  container: null,
};
const process = (pid: number): SourceEvent => ({
  kind: "process",
  atMs: 1,
  process: { ...identity, pid, startTicks: BigInt(pid) },
});

const begin = call(90, 2, "step", "begin immediate");

test("a wait goes on until now, behind who holds the lock now", () => {
  const interpreter = after(
    ...[process(1), process(2), call(39, 1, "step", "begin exclusive"), lock(40, 1, "write", WRITE)],
    ...[returns(41, 1, "step", 101), begin, refused(100, 2, "write", WRITE), refused(130, 2, "write", WRITE)],
  );
  const [wait] = interpreter.live(250).waits;
  expect(wait).toMatchObject({
    ...{ type: "wait", pid: 2, startTicks: "2", tid: 2, path: "/data/a.db", lock: "WRITE", outcome: "still" },
    ...{ fromMs: 100, waitedMs: 150, attempts: 2, result: null, oversleptMs: 0, sql: "begin immediate" },
    blockers: [
      {
        ...{ pid: 1, startTicks: "1", tid: 1, lock: "WRITE", lockType: "write", sql: "begin exclusive" },
        ...{ fromMs: 40, heldMs: 210, blockedMs: 150, atLeast: false },
      },
    ],
  });
  expect(wait).not.toHaveProperty("perhapsSeveralCalls");
  expect(interpreter.live(250).waits).toEqual([wait]);
});

test("readers are in the way of a commit in rollback mode", () => {
  const { waits } = after(
    ...[lock(40, 1, "read", SHARED), lock(50, 3, "read", SHARED)],
    ...[call(90, 2, "step", "commit"), lock(99, 2, "write", PENDING), refused(100, 2, "write", SHARED)],
  ).live(250);
  expect(waits).toMatchObject([
    {
      lock: "EXCLUSIVE",
      blockers: [
        { pid: 1, lock: "SHARED", lockType: "read", heldMs: 210 },
        { pid: 3, lock: "SHARED" },
      ],
    },
  ]);
});

test.each<[string, readonly SourceEvent[]]>([
  ["of another database", [lock(91, 3, "write", WRITE, { inode: 12 })]],
  ["another one", [lock(91, 3, "write", CKPT)]],
])("who holds a lock that is %s is not in the way", (_, events) => {
  const second: SourceEvent = { kind: "file", atMs: 0, database: 1, role: "shm", device: 1, inode: 12 };
  const { waits } = after(second, lock(40, 1, "write", WRITE), begin, ...events, refused(100, 2, "write", WRITE)).live(
    250,
  );
  expect(waits.map(({ blockers }) => blockers.map(({ pid }) => pid))).toEqual([[1]]);
});

test("who has dropped the lock is not in the way now; who has it again has had it since then", () => {
  const events = [lock(40, 1, "write", WRITE), begin, refused(100, 2, "write", WRITE), lock(110, 1, "unlock", WRITE)];
  expect(after(...events).live(250).waits).toMatchObject([{ blockers: [] }]);
  const again = [lock(200, 1, "write", WRITE), refused(210, 2, "write", WRITE)];
  expect(after(...events, ...again).live(250).waits).toMatchObject([
    { blockers: [{ pid: 1, fromMs: 200, heldMs: 50, blockedMs: 60 }] },
  ]);
});

test("looking at a wait that goes on changes nothing of what is told of it in the end", () => {
  const told = (looks: number) => {
    const waits: unknown[] = [];
    const interpreter = new Interpreter(
      { databases: ["/data/a.db"] },
      (line) => line.type === "wait" && waits.push(line),
    );
    const events = [...start(), lock(40, 1, "write", WRITE), begin, refused(100, 2, "write", WRITE)];
    for (const event of events) interpreter.next(event);
    for (let look = 0; look < looks; look += 1) interpreter.live(150);
    for (const event of [lock(200, 1, "unlock", WRITE), lock(210, 2, "write", WRITE)]) interpreter.next(event);
    interpreter.next(returns(211, 2, "step", 101));
    return waits;
  };
  expect(told(0)).toMatchObject([{ blockers: [{ blockedMs: 100, heldMs: 160 }] }]);
  expect(told(3)).toEqual(told(0));
});

test("a wait that began after the time that is asked for has taken no time", () => {
  const events = [lock(40, 1, "write", WRITE), begin, refused(100, 2, "write", WRITE)];
  expect(after(...events).live(90).waits).toMatchObject([{ waitedMs: 0, blockers: [{ heldMs: 50, blockedMs: 0 }] }]);
});

test("transactions that are open: with statements and without, but no checkpoint", () => {
  const checkpoint = [lock(50, 3, "write", CKPT, { inode: SHM }), lock(51, 3, "write", WRITE)];
  expect(after(...checkpoint).live(60).transactions).toBe(0);
  expect(after(lock(50, 3, "write", WRITE)).live(60).transactions).toBe(1);
  const known = [call(50, 3, "step", "begin immediate"), lock(51, 3, "write", WRITE), returns(52, 3, "step", 101)];
  expect(after(...known).live(60).transactions).toBe(1);
});

test("what is open now is what the end would list, and asking changes nothing", () => {
  const lines: RecordingLine[] = [];
  const interpreter = into(
    lines,
    ...[process(1), process(2), call(38, 1, "step", "begin immediate", { connection: 7 })],
    ...[lock(40, 1, "write", WRITE), returns(41, 1, "step", 101)],
    ...[call(60, 1, "step", "update t set a = 1", { connection: 7 })],
    ...[begin, refused(100, 2, "write", WRITE)],
  );
  const before = lines.length;
  const open = interpreter.open(250);
  expect(open).toMatchObject({
    ...{ type: "open", atMs: 250 },
    locks: [{ type: "lock", pid: 1, startTicks: "1", lock: "WRITE", fromMs: 40, toMs: null, sql: "begin immediate" }],
    waits: [{ pid: 2, outcome: "still", waitedMs: 150, blockers: [{ pid: 1 }] }],
    transactions: [
      {
        ...{ pid: 1, kind: "write", outcome: "open", fromMs: 38, toMs: null, insideMs: 193 },
        statements: [{ sql: "begin immediate" }, { sql: "update t set a = 1", ms: 190, result: null }],
      },
    ],
  });
  expect(open).not.toHaveProperty("more");
  expect(interpreter.open(250)).toEqual(open);
  expect(lines.length).toBe(before);
  interpreter.end(250);
  const ended = lines.slice(before);
  expect(ended.filter(({ type }) => type === "transaction")).toEqual(open.transactions);
  expect(ended.filter(({ type }) => type === "lock")).toEqual(open.locks);
});

test("from locks alone, too; of more than 1,000 the oldest", () => {
  const many = Array.from({ length: 1_005 }, (_, i) => lock(50 + i, 10 + i, "read", READ1));
  const { locks, transactions, more } = after(lock(40, 1, "write", WRITE), ...many).open(5_000);
  expect({ locks: locks.length, first: locks[0]?.pid, last: locks.at(-1)?.pid, more }).toEqual({
    ...{ locks: 1_000, first: 1, last: 1_008, more: 6 },
  });
  expect(transactions).toMatchObject([{ pid: 1, kind: "write", outcome: "open", statements: [] }]);
});

test("of what is shown: others with more than 1,000 locks are not in its way", () => {
  const many = Array.from({ length: 1_005 }, (_, i) => lock(50 + i, 10 + i, "read", READ1));
  const interpreter = after(...many, lock(4_000, 1, "write", WRITE));
  const open = interpreter.open(5_000, (line) => "pid" in line && line.pid === 1);
  expect(open).toMatchObject({ locks: [{ pid: 1 }], waits: [], transactions: [{ pid: 1 }] });
  expect(open).not.toHaveProperty("more");
});

test("a process runs until its end is told", () => {
  const interpreter = after(process(1), lock(40, 1, "write", WRITE));
  expect([interpreter.isRunning(1, "1"), interpreter.isRunning(1, "2"), interpreter.isRunning(2, null)]).toEqual([
    ...[true, false, false],
  ]);
  interpreter.next({ kind: "ended", atMs: 50, pid: 1 });
  expect(interpreter.isRunning(1, "1")).toBe(false);
});

test("who has given up waits no longer, also where nothing else happens", () => {
  const lines: RecordingLine[] = [];
  const attempts = [100, 130, 160].map((atMs) => refused(atMs, 2, "write", WRITE));
  const interpreter = into(lines, lock(40, 1, "write", WRITE), ...attempts);
  interpreter.passed(250);
  expect(interpreter.open(250).waits).toMatchObject([{ pid: 2, outcome: "still" }]);
  interpreter.passed(60_000);
  expect(interpreter.open(60_000).waits).toEqual([]);
  interpreter.passed(120_000); // what it was behind is looked for until then
  expect(lines.filter(({ type }) => type === "wait")).toMatchObject([{ pid: 2, fromMs: 100, outcome: "unknown" }]);
  interpreter.passed(1_000);
  expect(interpreter.live(120_000).waits).toEqual([]);
});
