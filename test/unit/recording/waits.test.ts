/** What is a wait, and what is none. */
import { describe, expect, it } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import type { CallEvent, SourceEvent } from "../../../src/recording/source-event.ts";
import { interpret } from "../../support/recorded.ts";
import {
  CKPT,
  call,
  closes,
  DATABASE,
  lock,
  PENDING,
  READ1,
  RESERVED,
  refused,
  returns,
  SHARED,
  SHM,
  start,
  WRITE,
} from "../../support/source-events.ts";

const BUSY = 5;
const LOCKED = 6;
const DONE = 101;
const ROW = 100;

/** Of the waits: lock, outcome, result, attempts, ms, who was in the way. And the attempts that no call needed. */
function told(...events: SourceEvent[]) {
  const { waits, refusals, optionalRefusals } = interpret([...start(), ...events]);
  return {
    waits: waits.map(({ lock: name, outcome, result, attempts, waitedMs, blockers }) =>
      [name, outcome, result, attempts, waitedMs, ...blockers.map(({ pid, lock: held }) => `${pid} ${held}`)].join(" "),
    ),
    refusals: refusals.map(({ result, why, sure }) => `${result} ${why} ${sure}`),
    optionalRefusals,
  };
}

describe("with statements", () => {
  it("ends with the call's SQLITE_BUSY, once for step and exec", () => {
    expect(
      told(
        lock(10, 1, "write", WRITE),
        call(20, 2, "exec", "insert into t values(1)"),
        call(21, 2, "step", "insert into t values(1)", { stackPointer: 900 }),
        refused(22, 2, "write", WRITE),
        refused(32, 2, "write", WRITE),
        returns(40, 2, "step", BUSY),
        returns(42, 2, "exec", BUSY),
      ),
    ).toEqual({ waits: ["WRITE gave-up SQLITE_BUSY 2 20 1 WRITE"], refusals: [], optionalRefusals: 0 });
  });

  it("is refused a table by a connection that shares its cache, and so all of its locks", () => {
    const insert = "insert into t values(1)";
    const first = [
      call(10, 1, "step", insert, { connection: 11 }),
      lock(11, 1, "read", READ1),
      lock(12, 1, "write", WRITE),
    ];
    const other = [
      call(20, 1, "step", "select 1 from t", { connection: 12, stackPointer: 900 }),
      returns(21, 1, "step", LOCKED),
    ];
    const refusals = ["SQLITE_LOCKED inside-process likely"];
    expect(told(...first, returns(13, 1, "step", DONE), ...other).refusals).toEqual(refusals);
    // With nothing open in a database of the recording, it is of another one.
    expect(told(...other).refusals).toEqual([]);
    const ended = [lock(14, 1, "unlock", WRITE), lock(15, 1, "unlock", READ1), returns(16, 1, "step", DONE)];
    expect(told(...first, ...ended, ...other).refusals).toEqual([]);
  });

  it.each([
    ["stays, with its locks", SHM, "WRITE gave-up SQLITE_BUSY 2 20 1 WRITE"],
    ["is another one", 77, "WRITE gave-up SQLITE_BUSY 2 20"],
  ])("a database is renamed over another one: the -shm %s", (_, shm, wait) => {
    const file = { kind: "file", database: 0, device: 1 } as const;
    expect(
      told(
        lock(10, 1, "write", WRITE),
        { ...file, atMs: 15, role: "database", inode: 99 },
        { ...file, atMs: 15, role: "shm", inode: shm },
        call(20, 2, "step", "insert into t values(1)"),
        refused(22, 2, "write", WRITE, { inode: shm }),
        refused(32, 2, "write", WRITE, { inode: shm }),
        returns(42, 2, "step", BUSY),
      ).waits,
    ).toEqual([wait]);
  });

  it("has an unknown outcome where the call failed otherwise: it only looked whether the schema had changed", () => {
    expect(
      told(
        lock(10, 1, "write", SHARED),
        call(20, 2, "prepare", "insert into nothing values(1)"),
        refused(21, 2, "read", SHARED),
        refused(31, 2, "read", SHARED),
        returns(40, 2, "prepare", 1),
      ),
    ).toEqual({ waits: ["SHARED unknown SQLITE_ERROR 2 19 1 EXCLUSIVE"], refusals: [], optionalRefusals: 0 });
  });

  it("none is a read mark that an automatic checkpoint does not get: it is called inside the step", () => {
    expect(
      told(
        lock(10, 1, "read", READ1),
        call(20, 2, "step", "insert into t values(1)"),
        call(21, 2, "checkpoint", null, { stackPointer: 900 }),
        lock(22, 2, "write", CKPT),
        refused(23, 2, "write", READ1),
        lock(24, 2, "unlock", CKPT),
        returns(25, 2, "checkpoint", 0),
        returns(26, 2, "step", DONE),
      ),
    ).toEqual({ waits: [], refusals: [], optionalRefusals: 1 });
  });

  it("ends with the lock that the call has in the end: WRITE is dropped for a stale snapshot and tried again", () => {
    expect(
      told(
        lock(10, 1, "write", WRITE),
        call(20, 2, "step", "begin immediate"),
        refused(21, 2, "write", WRITE),
        lock(25, 1, "unlock", WRITE),
        lock(30, 2, "write", WRITE),
        lock(30.1, 2, "unlock", WRITE),
        lock(40, 2, "write", WRITE),
        returns(41, 2, "step", DONE),
      ).waits,
    ).toEqual(["WRITE granted SQLITE_DONE 1 19 1 WRITE"]);
  });

  it("takes PENDING for no more than the way to SHARED", () => {
    expect(
      told(
        lock(10, 1, "write", SHARED),
        call(20, 2, "step", "select 1"),
        lock(21, 2, "read", PENDING),
        refused(21.1, 2, "read", SHARED),
        lock(21.2, 2, "unlock", PENDING),
        lock(25, 1, "unlock", SHARED),
        lock(30, 2, "read", PENDING),
        lock(30.1, 2, "read", SHARED),
        returns(31, 2, "step", DONE),
      ).waits,
    ).toEqual(["SHARED granted SQLITE_DONE 1 9 1 EXCLUSIVE"]);
  });

  it("counts what no call needs: read marks, a passive checkpoint, the lock at close", () => {
    expect(
      told(
        lock(10, 1, "read", READ1),
        lock(10, 1, "read", SHARED),
        lock(10, 1, "write", CKPT),
        call(20, 2, "step", "insert into t values(1)"),
        refused(21, 2, "write", READ1),
        lock(21.5, 2, "write", WRITE),
        lock(21.6, 2, "unlock", WRITE),
        refused(22, 2, "write", CKPT),
        returns(23, 2, "step", DONE),
        call(30, 2, "close"),
        refused(31, 2, "write", SHARED),
        returns(32, 2, "close", 0),
      ),
    ).toEqual({ waits: [], refusals: [], optionalRefusals: 3 });
  });

  it("waits for readers in a checkpoint that asks for it, and says so by a row", () => {
    expect(
      told(
        lock(10, 1, "read", READ1),
        call(20, 2, "step", "pragma wal_checkpoint(full)"),
        refused(21, 2, "write", READ1),
        returns(22, 2, "step", 100),
      ).waits,
    ).toEqual(["READ1 gave-up SQLITE_ROW 1 1 1 READ1"]);
  });

  it("ends with the process, or goes on at the end", () => {
    const events = [
      lock(10, 1, "write", WRITE),
      call(20, 2, "step", "begin immediate"),
      refused(21, 2, "write", WRITE),
    ];
    expect(told(...events, { kind: "ended", atMs: 50, pid: 2 }).waits).toEqual(["WRITE killed  1 29 1 WRITE"]);
    expect(told(...events, lock(60, 1, "unlock", WRITE)).waits).toEqual(["WRITE still  1 39 1 WRITE"]);
  });

  it("drops calls that were left by a jump, by the stack pointer", () => {
    expect(
      told(
        lock(10, 1, "write", WRITE),
        call(20, 2, "exec", "begin immediate"),
        call(21, 2, "step", "begin immediate", { stackPointer: 900 }),
        refused(22, 2, "write", WRITE),
        call(30, 2, "step", "select 1", { stackPointer: 1100 }),
        returns(31, 2, "step", BUSY),
      ),
    ).toEqual({
      waits: ["WRITE unknown  1 0 1 WRITE"],
      refusals: ["SQLITE_BUSY unknown likely"],
      optionalRefusals: 0,
    });
  });

  it("knows why a call is BUSY without a refused attempt", () => {
    const taken = [lock(21, 2, "write", WRITE), lock(21.1, 2, "unlock", WRITE)];
    expect(told(call(20, 2, "step", "insert"), ...taken, returns(22, 2, "step", BUSY)).refusals).toEqual([
      "SQLITE_BUSY committed-in-between likely",
    ]);
    expect(
      told(
        call(10, 2, "step", "begin"),
        returns(11, 2, "step", DONE),
        call(12, 2, "step", "select 1"),
        lock(12.5, 2, "read", READ1),
        returns(13, 2, "step", DONE),
        call(20, 2, "step", "insert"),
        ...taken,
        returns(22, 2, "step", 517),
      ).refusals,
    ).toEqual(["SQLITE_BUSY_SNAPSHOT snapshot proved"]);
  });

  it("proves another connection of the same process by whose call has the lock", () => {
    expect(
      told(
        call(5, 2, "step", "select 1", { connection: 202 }),
        lock(5.5, 2, "read", READ1),
        returns(6, 2, "step", DONE),
        call(10, 2, "step", "begin immediate", { connection: 201 }),
        lock(11, 2, "write", WRITE),
        returns(12, 2, "step", DONE),
        call(20, 2, "step", "insert", { connection: 202 }),
        returns(21, 2, "step", BUSY),
      ).refusals,
    ).toEqual(["SQLITE_BUSY same-process proved"]);
  });

  it("tells nothing of connections of other databases", () => {
    expect(told(call(20, 2, "step", "insert"), returns(21, 2, "step", BUSY)).refusals).toEqual([]);
  });
});

describe("without statements", () => {
  it("is a run of refusals of one thread without a longer pause than the busy handler's", () => {
    expect(
      told(
        lock(10, 1, "write", WRITE),
        ...[20, 21, 23, 28, 38, 53, 73].map((atMs) => refused(atMs, 2, "write", WRITE)),
        lock(80, 1, "unlock", WRITE),
        lock(98, 2, "write", WRITE),
        lock(99, 2, "unlock", WRITE),
        lock(100, 1, "write", WRITE),
        refused(110, 2, "write", WRITE),
        refused(300, 2, "write", WRITE),
        lock(900, 3, "read", READ1),
      ).waits,
    ).toEqual(["WRITE granted  7 78 1 WRITE", "WRITE unknown  1 0 1 WRITE", "WRITE unknown  1 0 1 WRITE"]);
  });

  it("does not take read marks and checkpoints for waits, unless nothing else is done in between", () => {
    const reader = lock(10, 1, "read", READ1);
    const again = [lock(21, 2, "write", WRITE), lock(22, 2, "unlock", WRITE)];
    expect(told(reader, refused(20, 2, "write", READ1), ...again, refused(23, 2, "write", READ1))).toEqual({
      waits: [],
      refusals: [],
      optionalRefusals: 2,
    });
    expect(
      told(reader, refused(20, 2, "write", READ1), refused(21, 2, "write", READ1), lock(900, 3, "read", READ1)).waits,
    ).toEqual(["READ1 unknown  2 1 1 READ1"]);
  });

  it("has PENDING within the wait for RESERVED", () => {
    expect(
      told(
        lock(1, 1, "write", RESERVED),
        refused(21, 2, "write", RESERVED),
        lock(30, 1, "write", PENDING),
        refused(31, 2, "read", PENDING),
        lock(35, 1, "unlock", [PENDING, RESERVED]),
        lock(40, 2, "read", SHARED),
        lock(41, 2, "write", RESERVED),
      ).waits,
    ).toEqual(["RESERVED granted  2 20 1 RESERVED 1 PENDING"]);
  });

  it("is perhaps several calls, also where the lock is got in the end; F_SETLKW is one", () => {
    const events = [lock(10, 1, "write", WRITE), refused(20, 2, "write", WRITE), lock(30, 1, "unlock", WRITE)];
    const { waits } = interpret([...start(), ...events, lock(40, 2, "write", WRITE)]);
    expect(waits).toMatchObject([{ outcome: "granted", perhapsSeveralCalls: true }]);
    const [kernel] = interpret([
      ...start(),
      lock(10, 1, "write", WRITE),
      lock(20, 2, "write", WRITE, { outcome: "waits" }),
      lock(30, 2, "write", WRITE),
    ]).waits;
    expect(kernel).not.toHaveProperty("perhapsSeveralCalls");
    const [known] = interpret([
      ...start(),
      lock(10, 1, "write", WRITE),
      call(19, 2, "step", "begin immediate"),
      refused(20, 2, "write", WRITE),
      returns(30, 2, "step", BUSY),
    ]).waits;
    expect(known).not.toHaveProperty("perhapsSeveralCalls");
  });

  it("waits in the kernel with F_SETLKW, however long", () => {
    expect(
      told(
        lock(10, 1, "write", RESERVED),
        lock(20, 2, "write", RESERVED, { outcome: "waits" }),
        lock(5000, 1, "unlock", RESERVED),
        lock(5001, 2, "write", RESERVED),
      ).waits,
    ).toEqual(["RESERVED granted  1 4981 1 RESERVED"]);
    expect(
      told(
        lock(10, 1, "write", RESERVED),
        lock(20, 2, "write", RESERVED, { outcome: "waits" }),
        lock(500, 2, "write", RESERVED, { outcome: "killed" }),
        { kind: "ended", atMs: 501, pid: 2 },
      ).waits,
    ).toEqual(["RESERVED killed  1 481 1 RESERVED"]);
    expect(
      told(
        lock(10, 1, "write", RESERVED),
        lock(20, 2, "write", RESERVED, { outcome: "waits" }),
        lock(500, 2, "unlock", SHARED),
        lock(900, 2, "read", SHARED),
      ).waits,
    ).toEqual(["RESERVED unknown  1 0 1 RESERVED"]);
  });
});

describe("one wait for each time that a call waited", () => {
  it("has PENDING within the wait for RESERVED, before it and at its end", () => {
    const held = [lock(1, 1, "write", RESERVED), lock(1, 1, "write", PENDING)];
    const begin = call(20, 2, "step", "begin immediate");
    expect(
      told(
        ...held,
        begin,
        refused(21, 2, "read", PENDING),
        lock(25, 1, "unlock", PENDING),
        lock(26, 2, "read", SHARED),
        refused(26.1, 2, "write", RESERVED),
        lock(26.2, 2, "unlock", SHARED),
        lock(30, 1, "write", PENDING),
        refused(31, 2, "read", PENDING),
        lock(35, 1, "unlock", [PENDING, RESERVED]),
        lock(40, 2, "read", SHARED),
        lock(41, 2, "write", RESERVED),
        returns(42, 2, "step", DONE),
      ).waits,
    ).toEqual(["RESERVED granted SQLITE_DONE 3 20 1 RESERVED 1 PENDING"]);
    expect(
      told(
        lock(1, 1, "write", RESERVED),
        begin,
        refused(21, 2, "write", RESERVED),
        lock(100, 1, "write", PENDING),
        refused(121, 2, "read", PENDING),
        returns(121.1, 2, "step", BUSY),
      ).waits,
    ).toEqual([expect.stringMatching(/^RESERVED gave-up SQLITE_BUSY 2 100\.\d+ 1 RESERVED 1 PENDING$/)]);
  });

  it("has two where the call worked in between", () => {
    expect(
      told(
        lock(1, 1, "write", RESERVED),
        lock(1, 3, "read", SHARED),
        call(20, 2, "step", "insert into t values(1)"),
        refused(21, 2, "write", RESERVED),
        lock(25, 1, "unlock", RESERVED),
        lock(30, 2, "write", RESERVED),
        lock(60, 2, "write", PENDING),
        refused(60.1, 2, "write", SHARED),
        lock(65, 3, "unlock", SHARED),
        lock(70, 2, "write", SHARED),
        returns(71, 2, "step", DONE),
      ).waits.map((each) => each.split(" ", 2).join(" ")),
    ).toEqual(["RESERVED granted", "EXCLUSIVE granted"]);
  });

  it("begins where WRITE was got and dropped for a stale snapshot", () => {
    expect(
      told(
        call(20, 2, "step", "begin immediate"),
        lock(21, 2, "write", WRITE),
        lock(21.1, 2, "unlock", WRITE),
        lock(30, 1, "write", WRITE),
        refused(41, 2, "write", WRITE),
        lock(50, 1, "unlock", WRITE),
        lock(61, 2, "write", WRITE),
        returns(62, 2, "step", DONE),
      ).waits,
    ).toEqual(["WRITE granted SQLITE_DONE 1 40 1 WRITE"]);
  });
});

describe("another connection of the process", () => {
  const first = { connection: 201, stackPointer: 1000 };
  const inThread = { pid: 2, tid: 22, owner: 20 };
  const inCall = (atMs: number, sql: string): SourceEvent => ({
    ...(call(atMs, 22, "step", sql, { connection: 202 }) as CallEvent),
    pid: 2,
  });
  const begun = [
    call(10, 2, "step", "begin immediate", first),
    lock(11, 2, "write", WRITE),
    returns(12, 2, "step", DONE),
  ];

  it("is waited for without the kernel", () => {
    const { waits, refusals } = interpret([
      ...start(),
      ...begun,
      inCall(20, "insert into t values(1)"),
      call(200, 2, "step", "commit", first),
      lock(201, 2, "unlock", WRITE),
      returns(202, 2, "step", DONE),
      lock(240, 2, "write", WRITE, inThread),
      lock(241, 2, "unlock", WRITE, inThread),
      returns(242, 22, "step", DONE),
    ]);
    expect(refusals).toEqual([]);
    expect(waits).toMatchObject([
      {
        ...{ tid: 22, fromMs: 20, waitedMs: 220, attempts: 0, outcome: "granted", withinProcess: true },
        ...{ oversleptMs: 39, blockers: [{ pid: 2, tid: 2, sql: "begin immediate", blockedMs: 181 }] },
      },
    ]);
  });

  it("is not, where it had the lock before the call alone", () => {
    const { waits } = interpret([
      ...start(),
      ...begun,
      call(20, 2, "step", "commit", first),
      lock(21, 2, "unlock", WRITE),
      returns(22, 2, "step", DONE),
      inCall(21.5, "insert into t values(1)"),
      lock(240, 2, "write", WRITE, inThread),
      returns(242, 22, "step", DONE),
    ]);
    expect(waits).toEqual([]);
  });

  it("has the lock to read that was refused before: the wait for RESERVED has ended all the same", () => {
    const { waits } = interpret([
      ...start(null),
      lock(10, 1, "write", RESERVED),
      inCall(20, "begin immediate"),
      lock(21, 2, "read", SHARED, inThread),
      refused(21.1, 2, "write", RESERVED, inThread),
      lock(21.2, 2, "unlock", SHARED, inThread),
      lock(25, 1, "write", PENDING),
      refused(30, 2, "read", PENDING, inThread),
      lock(40, 1, "unlock", [PENDING, RESERVED]),
      call(41, 2, "step", "select 1 from t", first),
      lock(42, 2, "read", SHARED),
      returns(43, 2, "step", ROW),
      lock(50, 2, "write", RESERVED, inThread), // it has SHARED by the first one
      returns(51, 22, "step", DONE),
    ]);
    expect(waits).toMatchObject([
      { tid: 22, lock: "RESERVED", outcome: "granted", fromMs: 21.1, attempts: 2, blockers: [{ pid: 1 }, { pid: 1 }] },
    ]);
    expect(waits[0]?.waitedMs).toBeCloseTo(28.9);
  });

  it("is waited for in vain: a refusal with its time", () => {
    const { waits, refusals } = interpret([
      ...start(),
      ...begun,
      inCall(20, "insert into t values(1)"),
      returns(247, 22, "step", BUSY),
    ]);
    expect(waits).toEqual([]);
    expect(refusals).toMatchObject([{ tid: 22, why: "same-process", sure: "likely", callMs: 227, waitedMs: 227 }]);
  });

  it("shares locks to read: their number, and transactions without a lock event", () => {
    const shared = interpret([
      ...start(),
      call(10, 2, "step", "select 1 from t", first),
      lock(11, 2, "read", READ1),
      returns(12, 2, "step", ROW),
      inCall(20, "select 1 from t"),
      lock(20.5, 2, "read", SHARED, inThread),
      returns(21, 22, "step", DONE),
      inCall(30, "begin"),
      returns(31, 22, "step", DONE),
      inCall(40, "select 1 from t"),
      returns(41, 22, "step", DONE),
      inCall(50, "commit"),
      returns(51, 22, "step", DONE),
      lock(60, 2, "unlock", READ1),
    ]);
    expect(shared.locks.find((line) => line.lock === "READ1")).toMatchObject({ sharedBy: 2, tid: 2 });
    expect(shared.transactions.filter(({ fromMs }) => fromMs >= 30)).toMatchObject([
      { kind: "read", outcome: "commit", fromMs: 30, toMs: 51, sharedLocks: true },
    ]);
  });
});

it("reads outside of a transaction, with the locks of another connection, have no line: that is said once", () => {
  const read = (atMs: number, connection: number) => [
    call(atMs, 2, "step", "select 1 from t", { connection }),
    returns(atMs + 1, 2, "step", DONE),
  ];
  const lines: RecordingLine[] = [];
  const interpreter = new Interpreter({ databases: ["/db"] }, (line) => lines.push(line));
  const [open, took, done] = [
    call(10, 2, "step", "select 1 from t", { connection: 7 }),
    lock(11, 2, "read", READ1),
    returns(12, 2, "step", ROW),
  ];
  const proof = [call(14, 2, "step", "select 2 from t", { connection: 8 }), lock(15, 2, "read", SHARED)];
  const events = [...start(), open, took, done, ...proof, returns(16, 2, "step", DONE), ...read(20, 8), ...read(30, 8)];
  for (const event of events) interpreter.next(event);
  expect(lines.filter(({ type }) => type === "unknown")).toEqual([
    { type: "unknown", atMs: 21, what: "transaction", why: "shared-locks", pids: [2], untilMs: null },
  ]);
});

describe("SQLITE_BUSY of a connection of which no lock was seen", () => {
  const held = lock(10, 1, "write", WRITE);
  const busy = [call(20, 2, "step", "insert into t values(1)"), returns(230, 2, "step", BUSY)];
  const process = (pid: number): SourceEvent => ({
    ...{ kind: "process", atMs: 15 },
    process: {
      ...{ pid, startTicks: 7n, name: "x", commandLine: null, user: null, uid: null, unit: null },
      ...{ unitManager: null, unitUid: null, container: null },
    },
  });

  it.each([
    ["its process is seen to have the database open", [held, process(2), ...busy], 1],
    ["a child of a fork closes its copy later", [held, ...busy, closes(240, 2, DATABASE)], 1],
    ["a stranger closes a file that has the inode of a deleted -shm", [held, ...busy, closes(240, 2, SHM)], 0],
    ["nobody ever locks the database: its VFS does not ask the kernel", [process(2), ...busy], 1],
    ["of another program", [held, ...busy], 0],
    ["nobody writes to the database", [held, lock(11, 1, "unlock", WRITE), process(2), ...busy], 0],
    ["its process locks the database with another one", [held, process(2), lock(16, 2, "read", READ1), ...busy], 0],
  ] as const)("%s", (_, events, count) => {
    const { refusals } = interpret([...start(), ...events]);
    expect(refusals).toHaveLength(count);
    for (const line of refusals)
      expect(line).toMatchObject({ pid: 2, pathIs: "likely", sure: "likely", why: "unknown", callMs: 210 });
  });
});

describe("who is in the way", () => {
  it("nobody by the locks of another database whose file has the inode of a deleted -shm", () => {
    const { locks } = interpret([
      ...start(),
      lock(9, 1, "read", SHARED),
      lock(10, 1, "read", 128),
      closes(20, 1, SHM),
      closes(20, 1, DATABASE),
      lock(30, 3, "read", PENDING, { inode: SHM }),
      lock(31, 3, "read", SHARED, { inode: SHM }),
      lock(32, 3, "read", READ1, { inode: SHM }),
      closes(40, 3, SHM),
    ]);
    expect(locks.map(({ pid, lock: name }) => `${pid} ${name}`)).toEqual(["1 DMS", "1 SHARED"]);
  });

  it("is found where the unlock was told of before the refusal, or the grant after it", () => {
    const [take, drop] = [lock(10, 1, "write", WRITE), lock(20, 1, "unlock", WRITE)];
    const attempt = [refused(20.01, 2, "write", WRITE), returns(20.02, 2, "step", BUSY)];
    const begin = call(19, 2, "step", "begin immediate");
    expect(told(take, begin, drop, ...attempt).waits).toEqual(
      ["WRITE gave-up SQLITE_BUSY 1 0.01 1 WRITE"].map((each) => expect.stringMatching(each.replace("0.01", ".*"))),
    );
    expect(told(begin, ...attempt, lock(20.03, 1, "write", WRITE)).waits[0]).toMatch(/1 WRITE$/);
    expect(told(begin, ...attempt, lock(40, 1, "write", WRITE)).waits[0]).not.toMatch(/1 WRITE$/);
  });

  it("is not the child of a fork that closes its copy", () => {
    const { locks, waits } = interpret([
      ...start(),
      lock(10, 1, "write", WRITE),
      closes(20, 3, SHM),
      closes(20, 3, DATABASE),
      call(29, 2, "step", "begin immediate"),
      refused(30, 2, "write", WRITE),
      returns(31, 2, "step", BUSY),
      closes(40, 1, SHM),
    ]);
    expect(locks.map(({ pid, lock: name, toMs }) => [pid, name, toMs])).toEqual([[1, "WRITE", 40]]);
    expect(waits[0]?.blockers.map(({ pid }) => pid)).toEqual([1]);
  });

  it("is known from /proc/locks also where the one who waits has opened the -shm before that was read", () => {
    const held = { pid: 1, device: 1, inode: SHM, start: WRITE, end: WRITE, type: "write", api: "posix" } as const;
    const { waits } = interpret([
      ...start().filter(({ kind }) => kind === "file"),
      call(1, 2, "step", "begin immediate"),
      lock(2, 2, "read", SHARED),
      lock(3, 2, "read", 128),
      refused(4, 2, "write", WRITE),
      { kind: "held", fromMs: 1, atMs: 900, locks: [held], complete: true },
      returns(901, 2, "step", BUSY),
    ]);
    expect(waits.map(({ blockers }) => blockers.map(({ pid }) => pid))).toEqual([[1]]);
  });

  it("is another open file of the same process, for OFD locks", () => {
    const ofd = (owner: number) => ({ api: "ofd", owner }) as const;
    const { waits } = interpret([
      ...start(),
      lock(10, 1, "write", WRITE, ofd(7)),
      lock(20, 1, "write", WRITE, { ...ofd(8), outcome: "refused" }),
      lock(900, 1, "unlock", WRITE, ofd(8)),
      lock(901, 1, "unlock", WRITE, ofd(7)),
    ]);
    expect(waits.map(({ blockers }) => blockers.map(({ pid, heldMs }) => [pid, heldMs]))).toEqual([[[1, 10]]]);
  });

  it("is not the own lock that is got next, of open files", () => {
    const ofd = { api: "ofd", owner: 7 } as const;
    const { waits } = told(refused(20, 2, "write", WRITE, ofd), lock(20.5, 2, "write", WRITE, ofd));
    expect(waits).toEqual(["WRITE granted  1 0.5"]);
  });

  it("is known from /proc/locks, but where the events tell otherwise", () => {
    const [database, shm] = start();
    const seen = (pid: number) =>
      ({ pid, device: 1, inode: SHM, start: WRITE, end: WRITE, type: "write", api: "posix" }) as const;
    const { waits, locks } = interpret([
      ...[database, shm].filter((each) => each !== undefined),
      call(1, 2, "step", "begin immediate"),
      refused(2, 2, "write", WRITE),
      lock(3, 4, "unlock", WRITE),
      { kind: "held", fromMs: 1, atMs: 5, locks: [seen(1), seen(4)], complete: true },
      returns(6, 2, "step", BUSY),
      lock(20, 1, "unlock", WRITE),
    ]);
    expect(waits.map(({ blockers }) => blockers.map(({ pid, atLeast }) => [pid, atLeast]))).toEqual([[[1, true]]]);
    expect(locks.map(({ pid, fromMs, toMs, atLeast }) => [pid, fromMs, toMs, atLeast])).toEqual([[1, 0, 20, true]]);
  });
});
