/** What is a wait, and what is none. */
import { describe, expect, it } from "vitest";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
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
const DONE = 101;

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

describe("who is in the way", () => {
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
