/** Where transactions begin and end, and what belongs to them: cases that real programs have shown. */
import { describe, expect, it } from "vitest";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import { interpret } from "../../support/recorded.ts";
import {
  call,
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
const DONE = 101;
const ROW = 100;
const SECOND = 11;
const SECOND_SHM = 12;

function transactions(...events: SourceEvent[]) {
  return interpret(events, ["/data/a.db", "/data/b.db"]).transactions;
}

const second: readonly SourceEvent[] = [
  { kind: "file", atMs: 0, database: 1, role: "database", device: 1, inode: SECOND },
  { kind: "file", atMs: 0, database: 1, role: "shm", device: 1, inode: SECOND_SHM },
];

describe("a statement that needs two databases", () => {
  it("is no transaction where it is refused the second, though it has the first until it is reset", () => {
    const told = transactions(
      ...second,
      ...start(),
      lock(1, 9, "write", WRITE, { inode: SECOND_SHM }),
      call(10, 1, "step", "begin immediate"),
      lock(11, 1, "read", READ1),
      lock(12, 1, "write", WRITE),
      refused(13, 1, "write", WRITE, { inode: SECOND_SHM }),
      returns(14, 1, "step", BUSY),
      lock(15, 1, "unlock", WRITE),
      lock(16, 1, "unlock", READ1),
      call(20, 1, "step", "insert into t values(1)"),
      lock(21, 1, "read", READ1),
      lock(22, 1, "write", WRITE),
      lock(23, 1, "unlock", WRITE),
      lock(24, 1, "unlock", READ1),
      returns(25, 1, "step", DONE),
    );
    expect(told.filter(({ pid }) => pid === 1)).toMatchObject([
      {
        fromMs: 20,
        toMs: 25,
        kind: "write",
        outcome: "commit",
        atLeast: false,
        statements: [{ sql: "insert into t values(1)" }],
      },
    ]);
  });
});

describe("rollback mode", () => {
  it("CREATE TABLE alone leaves SHARED behind: it is committed, and BEGIN begins anew", () => {
    const told = transactions(
      ...start(null),
      call(10, 1, "step", "create table t(a)"),
      lock(11, 1, "read", SHARED),
      lock(12, 1, "write", RESERVED),
      lock(13, 1, "write", PENDING),
      lock(14, 1, "write", SHARED),
      lock(18, 1, "read", SHARED),
      lock(18.1, 1, "unlock", [PENDING, RESERVED]),
      returns(19, 1, "step", DONE),
      call(30, 1, "step", "begin immediate"),
      lock(31, 1, "write", RESERVED),
      returns(32, 1, "step", DONE),
      call(40, 1, "step", "commit"),
      lock(41, 1, "unlock", RESERVED),
      returns(42, 1, "step", DONE),
    );
    expect(told).toMatchObject([
      { fromMs: 10, toMs: 19, outcome: "commit", kind: "write", atLeast: false },
      { fromMs: 30, toMs: 42, outcome: "commit", kind: "write", atLeast: false, writeFromMs: 31 },
    ]);
  });

  it("COMMIT has the lock to read for a moment, which another connection had for BEGIN: that is no upgrade", () => {
    const own = { pid: 2, owner: 20 };
    const inThread = (atMs: number, sql: string) => ({ ...call(atMs, 22, "step", sql), pid: 2 }) as SourceEvent;
    const told = transactions(
      ...start(null),
      call(5, 2, "step", "select a from t"),
      lock(6, 2, "read", SHARED),
      returns(7, 2, "step", 100),
      inThread(10, "begin immediate"),
      lock(11, 22, "write", RESERVED, own),
      returns(12, 22, "step", DONE),
      lock(15, 2, "unlock", SHARED),
      inThread(20, "commit"),
      lock(21, 22, "write", PENDING, own),
      lock(22, 22, "write", SHARED, own),
      lock(23, 22, "read", SHARED, own),
      lock(23.1, 22, "unlock", [PENDING, RESERVED], own),
      returns(25, 22, "step", DONE),
    );
    expect(told.filter(({ tid }) => tid === 22)).toMatchObject([{ kind: "write", outcome: "commit", writeFromMs: 11 }]);
  });

  it("a commit shows whose the RESERVED was that was held before the recording", () => {
    const held = { pid: 1, device: 1, inode: DATABASE, api: "posix" } as const;
    const told = transactions(
      { kind: "file", atMs: 0, database: 0, role: "database", device: 1, inode: DATABASE },
      {
        kind: "held",
        fromMs: 0,
        atMs: 1,
        complete: true,
        locks: [
          { ...held, start: RESERVED, end: RESERVED, type: "write" },
          { ...held, start: SHARED[0], end: SHARED[1], type: "read" },
        ],
      },
      call(40, 1, "step", "commit"),
      lock(41, 1, "write", PENDING),
      lock(42, 1, "write", SHARED),
      lock(43, 1, "read", SHARED),
      lock(44, 1, "unlock", [PENDING, RESERVED]),
      lock(45, 1, "unlock", SHARED),
      returns(46, 1, "step", DONE),
    );
    expect(told).toMatchObject([
      { fromMs: 0, toMs: 46, outcome: "commit", kind: "write", atLeast: true, writeFromMs: 0, connection: 1 },
    ]);
  });
});

describe("WAL mode", () => {
  it("a commit shows whose the WRITE was that was held before the recording", () => {
    const [database, shm] = start();
    const told = transactions(
      ...(database === undefined || shm === undefined ? [] : [database, shm]),
      {
        kind: "held",
        fromMs: 0,
        atMs: 1,
        complete: true,
        locks: [{ pid: 1, device: 1, inode: SHM, api: "posix", start: WRITE, end: WRITE, type: "write" }],
      },
      call(40, 1, "step", "commit"),
      lock(41, 1, "unlock", WRITE),
      lock(42, 1, "read", READ1), // the automatic checkpoint reads
      lock(43, 1, "unlock", READ1),
      returns(46, 1, "step", DONE),
    );
    expect(told).toMatchObject([{ fromMs: 0, toMs: 46, outcome: "commit", kind: "write", atLeast: true }]);
  });

  it("the statements of a transaction that was open when they were first seen are its own", () => {
    const [database, shm] = start();
    const statement = (atMs: number, sql: string) => [call(atMs, 1, "step", sql), returns(atMs + 1, 1, "step", DONE)];
    const held = { pid: 1, device: 1, inode: SHM, api: "posix", start: WRITE, end: WRITE, type: "write" } as const;
    const told = transactions(
      ...(database === undefined || shm === undefined ? [] : [database, shm]),
      { kind: "held", fromMs: 0, atMs: 1, complete: true, locks: [held] },
      ...statement(10, "insert into t values(1)"),
      ...statement(20, "insert into t values(2)"),
      call(40, 1, "step", "commit"),
      lock(41, 1, "unlock", WRITE),
      returns(42, 1, "step", DONE),
      ...statement(50, "select 1"),
    );
    expect(told).toMatchObject([
      {
        ...{ fromMs: 0, toMs: 42, outcome: "commit", kind: "write", atLeast: true, insideMs: 4, outsideMs: 38 },
        statements: [
          { sql: "insert into t values(1)", atMs: 10 },
          { sql: "insert into t values(2)" },
          { sql: "commit" },
        ],
      },
    ]);
  });

  it.each([
    ["with its statement", [call(10, 1, "step", "attach 'b.db' as b")], [returns(30, 1, "step", DONE)]],
    ["without statements", [], []],
  ])(
    "WRITE before any read mark is no transaction that writes: another one has made the wal-index, %s",
    (_, from, to) => {
      const told = transactions(
        ...start(),
        ...from,
        lock(20, 1, "write", WRITE),
        lock(20.1, 1, "unlock", WRITE),
        lock(20.2, 1, "read", READ1),
        lock(25, 1, "unlock", READ1),
        ...to,
      );
      expect(told.filter(({ kind }) => kind !== "read")).toEqual([]);
    },
  );

  it("WRITE before the read mark, and kept, is one: SQLite with SETLK_TIMEOUT takes it first", () => {
    const told = transactions(
      ...start(),
      call(10, 1, "step", "insert into t values(1)"),
      lock(20, 1, "write", WRITE),
      lock(20.2, 1, "read", READ1),
      lock(24, 1, "unlock", WRITE),
      lock(25, 1, "unlock", READ1),
      returns(30, 1, "step", DONE),
    );
    expect(told).toMatchObject([{ kind: "write", outcome: "commit", writeFromMs: 20 }]);
  });

  it("the statement in which a process is killed belongs to its transaction, without a result", () => {
    const told = transactions(
      ...start(),
      call(10, 1, "step", "begin immediate"),
      lock(11, 1, "read", READ1),
      lock(12, 1, "write", WRITE),
      returns(13, 1, "step", DONE),
      call(20, 1, "step", "insert into t values(1)"),
      { kind: "ended", atMs: 50, pid: 1 },
    );
    expect(told).toMatchObject([
      {
        outcome: "process-ended",
        statements: [{ sql: "begin immediate" }, { sql: "insert into t values(1)", atMs: 20, ms: 30, result: null }],
      },
    ]);
  });
});

describe("a statement that is run again before its last row", () => {
  const select = (atMs: number, code = 100) => [
    call(atMs, 1, "step", "select a from t"),
    returns(atMs + 1, 1, "step", code),
  ];
  const reset = (atMs: number, finalizes = false): SourceEvent => {
    return { kind: "reset", atMs, tid: 1, pid: 1, library: 0, connection: 100, statement: 101, finalizes, sql: null };
  };
  const inTransaction = (...events: SourceEvent[]) =>
    transactions(
      ...start(),
      call(10, 1, "step", "begin immediate"),
      lock(11, 1, "read", READ1),
      lock(12, 1, "write", WRITE),
      returns(13, 1, "step", DONE),
      ...events,
      call(90, 1, "step", "commit"),
      lock(91, 1, "unlock", WRITE),
      returns(92, 1, "step", DONE),
    );

  it.each([false, true])("counts again after a reset, or where it was finalized (%s)", (finalizes) => {
    const runs = [20, 30, 40].flatMap((atMs) => [...select(atMs), ...select(atMs + 2), reset(atMs + 5, finalizes)]);
    expect(inTransaction(...runs)).toMatchObject([
      { statements: [{ sql: "begin immediate" }, { sql: "select a from t", times: 3, ms: 6 }, { sql: "commit" }] },
    ]);
  });

  it("counts again where its step says that it runs anew", () => {
    const step = (atMs: number, isNewRun: boolean) =>
      select(atMs).map((event) => (event.kind === "call" ? { ...event, isNewRun } : event));
    const events = [20, 30, 40].flatMap((atMs) => [...step(atMs, true), ...step(atMs + 2, false)]);
    expect(inTransaction(...events)[0]?.statements).toMatchObject([{}, { times: 3, ms: 6 }, { sql: "commit" }]);
  });

  it("counts once where more of its text is known later", () => {
    const step = (atMs: number, isNewRun: boolean, sql: string) =>
      [call(atMs, 1, "step", sql), returns(atMs + 1, 1, "step", 100)].map((event) =>
        event.kind === "call" ? { ...event, isNewRun } : event,
      );
    const events = [...step(20, true, "select a …"), ...step(22, false, "select a from t")];
    const told = inTransaction(...events)[0]?.statements;
    expect(told).toMatchObject([{ sql: "begin immediate" }, { sql: "select a …", ms: 2 }, { sql: "commit" }]);
    expect(told?.[1]).not.toHaveProperty("times");
  });

  it("counts once where it only goes on, also with other statements between its rows", () => {
    const other = (atMs: number): SourceEvent[] => [
      { ...call(atMs, 1, "step", "delete from t"), statement: 102 } as SourceEvent,
      returns(atMs + 1, 1, "step", DONE),
    ];
    const events = [...select(20), ...other(22), ...select(24), ...other(26), ...select(28, DONE)];
    expect(inTransaction(...events)[0]?.statements).toMatchObject([
      { sql: "begin immediate" },
      { sql: "select a from t", ms: 3, result: "SQLITE_DONE" },
      { sql: "delete from t", times: 2 },
      { sql: "commit" },
    ]);
  });

  it("a transaction that only reads ends with the locks that the reset releases", () => {
    const reads = [call(20, 1, "step", "select a from t"), lock(20.5, 1, "read", READ1), returns(21, 1, "step", 100)];
    const ended = { fromMs: 20, kind: "read", outcome: "commit", atLeast: false, moreStatements: 0 };
    for (const resets of [[reset(30)], []])
      expect(transactions(...start(), ...reads, ...resets, lock(30.1, 1, "unlock", READ1))).toMatchObject([
        { ...ended, toMs: 30.1 },
      ]);
  });

  it("a statement of another database, or one that was not heard of, ends nothing", () => {
    const events = [...select(20), { ...reset(25), connection: 999 }, { ...reset(26), statement: 5 }, ...select(27)];
    expect(inTransaction(...(events as SourceEvent[]))[0]?.statements[1]).toEqual({
      ...{ sql: "select a from t", atMs: 20, ms: 2, result: "SQLITE_ROW" },
    });
  });
});

it("a read that is refused the lock to write for a stale snapshot goes on to read, in BEGIN and without", () => {
  const read = [
    call(20, 1, "step", "select * from t"),
    lock(21, 1, "read", READ1),
    returns(22, 1, "step", ROW),
    { ...call(30, 1, "step", "insert into t values(1)"), statement: 7 } as SourceEvent,
    lock(31, 1, "write", WRITE),
    lock(32, 1, "unlock", WRITE),
    returns(33, 1, "step", BUSY),
    lock(40, 1, "unlock", READ1),
  ];
  const begin = [call(10, 1, "step", "begin"), returns(11, 1, "step", DONE)];
  const rollback = [call(41, 1, "step", "rollback"), returns(42, 1, "step", DONE)];
  expect(transactions(...start(), ...read)).toMatchObject([{ kind: "read", writeFromMs: null }]);
  expect(transactions(...start(), ...begin, ...read, ...rollback)).toMatchObject([{ kind: "read", writeFromMs: null }]);
});

it("the pointer of a statement that was finalized after a row is another one's next", () => {
  const [told] = transactions(
    ...start(),
    call(10, 1, "step", "begin"),
    returns(11, 1, "step", DONE),
    call(12, 1, "step", "select count(*) from t"),
    lock(13, 1, "read", READ1),
    returns(14, 1, "step", 100),
    call(20, 1, "step", "commit"),
    lock(21, 1, "unlock", READ1),
    returns(22, 1, "step", DONE),
  );
  expect(told?.statements.map(({ sql }) => sql)).toEqual(["begin", "select count(*) from t", "commit"]);
});

describe("a statement of which only the beginning is known", () => {
  const step = (atMs: number, sql: string) => [call(atMs, 1, "step", sql), returns(atMs + 2, 1, "step", DONE)];
  const reads = (atMs: number) => {
    const [entry, end] = step(atMs, "select a from t");
    return [entry, lock(atMs + 1, 1, "read", READ1), end] as SourceEvent[];
  };
  const ends = (atMs: number, sql: string) => {
    const [entry, end] = step(atMs, sql);
    return [entry, lock(atMs + 1, 1, "unlock", READ1), end] as SourceEvent[];
  };

  it("may have begun a transaction: a SELECT in it is none of its own", () => {
    const first = [...step(10, "begin"), ...reads(20), ...ends(30, "commit")];
    const told = transactions(...start(), ...first, ...step(40, "? …"), ...reads(50), ...ends(90, "commit"));
    expect(told).toMatchObject([
      { fromMs: 10, toMs: 32, outcome: "commit" },
      { fromMs: 50, toMs: 92, outcome: "commit", atLeast: true },
    ]);
  });

  it("may have ended the transaction: it has no lock any more", () => {
    const told = transactions(
      ...start(),
      ...step(10, "begin"),
      ...reads(20),
      ...ends(30, "? …"),
      ...step(500, "begin"),
      ...reads(510),
      ...ends(520, "commit"),
    );
    expect(told).toMatchObject([
      { fromMs: 10, toMs: 32, outcome: "unknown" },
      { fromMs: 500, toMs: 522, outcome: "commit" },
    ]);
  });
});
