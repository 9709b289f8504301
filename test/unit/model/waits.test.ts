/** Who waits for whom: what two locks show, and what is only near it. */
import { describe, expect, test } from "vitest";
import type { Holder, Lock, Wait } from "../../../src/model/report.ts";
import type { ProcessSeen } from "../../../src/model/snapshot.ts";
import {
  causesOf,
  hasGivenUpCommit,
  LONGEST_RETRY_MS,
  type Party,
  partyOf,
  waitsOf,
} from "../../../src/model/waits.ts";
import { holder, lock } from "../../support/report.ts";
import { processSeen } from "../../support/snapshot.ts";

const party = (pid: number, locks: readonly Lock[], readMark: number | null = null): Party => ({
  pid,
  locks,
  readMark,
  restsMs: null,
});

const pending = party(1, [lock("PENDING"), lock("RESERVED"), lock("SHARED")]);
const reader = (pid: number) => party(pid, [lock("SHARED")]);

describe("a commit in rollback mode", () => {
  const of = (parties: readonly Party[], unowned: readonly Lock[] = []) => waitsOf(parties, unowned, false, null);

  test("PENDING waits for those that read", () => {
    const expected = { pid: 1, for: "commit", lock: "EXCLUSIVE", byUnknown: false, sure: "likely" } as const;
    expect(of([pending, reader(2), reader(3)])).toEqual([{ ...expected, blockedBy: [2, 3] }]);
    expect(of([pending], [lock("SHARED", { api: "ofd" })])).toEqual([{ ...expected, blockedBy: [], byUnknown: true }]);
  });

  test.each<[string, readonly Party[]]>([
    ["nobody else reads: the commit passes by", [pending, party(2, [])]],
    ["it has EXCLUSIVE: the readers have gone", [party(1, [lock("EXCLUSIVE"), lock("PENDING")]), reader(2)]],
    ["a reader on its way in has PENDING to read", [party(1, [lock("PENDING", { type: "read" })]), reader(2)]],
    ["RESERVED alone waits for nobody yet", [party(1, [lock("RESERVED"), lock("SHARED")]), reader(2)]],
    ["it has not run for longer than SQLite waits", [{ ...pending, restsMs: LONGEST_RETRY_MS }, reader(2)]],
  ])("silent: %s", (_, parties) => {
    expect(of(parties)).toEqual([]);
  });

  test("a busy handler sleeps between two tries: a short rest does not end the wait", () => {
    expect(of([{ ...pending, restsMs: LONGEST_RETRY_MS - 1 }, reader(2)])).toMatchObject([{ pid: 1, blockedBy: [2] }]);
  });
});

describe("a process rests", () => {
  const restsMs = (process: Partial<ProcessSeen>, locks: readonly Lock[] = pending.locks) =>
    partyOf({ process: processSeen(process), handles: [], locks, lost: new Set() }, null).restsMs;

  test("while no thread that is left runs", () => {
    expect(restsMs({ livingIdleMs: 12_000 })).toBe(12_000);
    expect(restsMs({ livingIdleMs: 12_000, idleMs: null })).toBe(12_000);
    expect(restsMs({ livingIdleMs: null })).toBeNull();
  });

  test("not while it waits in the kernel: for a lock, or for a disk", () => {
    const waiting = lock("EXCLUSIVE", { waiting: true });
    expect(restsMs({ livingIdleMs: 12_000 }, [...pending.locks, waiting])).toBeNull();
    expect(restsMs({ livingIdleMs: 12_000, uninterruptible: { idleMs: 12_000, waitsIn: null } })).toBeNull();
  });
});

describe("a commit that was refused and is not tried again", () => {
  const commit = { activity: "committing", idleMs: 12_000 } as const;
  const wait: Wait = { pid: 1, for: "commit", lock: "EXCLUSIVE", blockedBy: [2], byUnknown: false, sure: "likely" };

  test.each<[string, Partial<Holder>, readonly Wait[], boolean]>([
    ["it has not run for 12 s", commit, [], true],
    ["it has run a moment ago", { ...commit, idleMs: LONGEST_RETRY_MS - 1 }, [], false],
    ["nothing is known of its threads", { ...commit, idleMs: null }, [], false],
    ["likely nothing works on it", { ...commit, idleMs: null, stale: ["likely-idle-in-transaction"] }, [], true],
    ["it waits for a reader", commit, [wait], false],
    ["another one waits", commit, [{ ...wait, pid: 3 }], true],
    ["it is stopped: it tries again once it runs", { ...commit, state: "stopped" }, [], false],
    ["it is frozen", { ...commit, frozen: { path: "/sys/fs/cgroup/a", version: 2 } }, [], false],
    ["it hangs in the kernel", { ...commit, uninterruptible: { idleMs: 12_000, waitsIn: null } }, [], false],
    ["it writes", { ...commit, activity: "writing" }, [], false],
  ])("%s", (_, own, waits, expected) => {
    expect(hasGivenUpCommit(holder({ pid: 1, ...own }), waits)).toBe(expected);
  });
});

describe("a checkpoint with the write lock", () => {
  const checkpoint = party(1, [lock("SHARED"), lock("WRITE"), lock("CKPT"), lock("DMS")]);
  const of = (parties: readonly Party[], mxFrame: number | null = 100) => waitsOf(parties, [], true, mxFrame);
  const pinned = (pid: number, name: Lock["name"], mark: number) => party(pid, [lock("SHARED"), lock(name)], mark);

  test("waits for those on an older snapshot; the newest ones are not in its way yet", () => {
    expect(of([checkpoint, pinned(2, "READ1", 40), pinned(3, "READ2", 100)])).toEqual([
      { pid: 1, for: "checkpoint", lock: "READ1", blockedBy: [2], byUnknown: false, sure: "likely" },
    ]);
    expect(of([checkpoint, pinned(2, "READ0", 0)])).toMatchObject([{ lock: "READ0", blockedBy: [2] }]);
  });

  test("all is copied back: a reader of the newest snapshot keeps the WAL from starting again", () => {
    expect(of([checkpoint, pinned(3, "READ2", 100)])).toMatchObject([{ lock: "READ2", blockedBy: [3] }]);
    expect(of([checkpoint, pinned(3, "READ2", 100)], null)).toMatchObject([{ lock: "READ2", blockedBy: [3] }]);
  });

  test.each<[string, readonly Party[]]>([
    [
      "it copies back at this moment",
      [party(1, [...checkpoint.locks, lock("READ0", { type: "write" })]), pinned(2, "READ1", 40)],
    ],
    ["a passive one waits for nobody", [party(1, [lock("CKPT"), lock("DMS")]), pinned(2, "READ1", 40)]],
    ["a recovery", [party(1, [...checkpoint.locks, lock("RECOVER")]), pinned(2, "READ1", 40)]],
    ["nobody reads", [checkpoint, party(2, [lock("SHARED"), lock("DMS")])]],
    ["who reads the database file alone is in the way of frames alone", [checkpoint, pinned(2, "READ0", 100)]],
  ])("silent: %s", (_, parties) => {
    expect(of(parties)).toEqual([]);
  });
});

describe("fcntl(F_SETLKW)", () => {
  const BYTES = { start: 120n, end: 120n };
  const waiter = party(2, [lock("WRITE", { ...BYTES, waiting: true }), lock("DMS", { start: 128n, end: 128n })]);

  test("the kernel grants a lock when nobody has one that excludes it", () => {
    expect(waitsOf([party(1, [lock("WRITE", BYTES)]), waiter], [], true, null)).toEqual([
      { pid: 2, for: "lock", lock: "WRITE", blockedBy: [1], byUnknown: false, sure: "proved" },
    ]);
    expect(waitsOf([waiter], [lock("WRITE", { ...BYTES, api: "ofd" })], true, null)).toMatchObject([
      { blockedBy: [], byUnknown: true },
    ]);
  });

  test("a range that is several of SQLite's locks is one request", () => {
    const range = { start: 1073741824n, end: 1073742335n, waiting: true };
    const names = ["EXCLUSIVE", "PENDING", "RESERVED"] as const;
    const locks = names.map((name) => lock(name, range));
    expect(
      waitsOf([party(1, [lock("SHARED", { start: 1073741826n, end: 1073742335n })]), party(2, locks)], [], false, null),
    ).toMatchObject([{ pid: 2, lock: "EXCLUSIVE", blockedBy: [1] }]);
  });

  test.each<[string, Lock]>([
    ["beside it", lock("CKPT", { start: 121n, end: 121n })],
    ["on another file", lock("RESERVED", BYTES)],
    ["waits as well", lock("WRITE", { ...BYTES, waiting: true })],
  ])("a lock that %s is not in its way", (_, other) => {
    expect(waitsOf([party(1, [other]), waiter], [], true, null).find(({ pid }) => pid === 2)).toMatchObject({
      blockedBy: [],
    });
  });

  test("two that read do not exclude each other", () => {
    const reads = party(2, [lock("READ1", { ...BYTES, waiting: true })]);
    expect(waitsOf([party(1, [lock("READ1", BYTES)]), reads], [], true, null)).toMatchObject([{ blockedBy: [] }]);
  });
});

test("the cause of what is blocked: readers alone", () => {
  const wait = { pid: 1, lock: "WRITE", byUnknown: false, sure: "proved" } as const;
  expect([
    ...causesOf([
      { ...wait, for: "lock", blockedBy: [2] },
      { ...wait, for: "commit", blockedBy: [3, 4] },
    ]),
  ]).toEqual([3, 4]);
});
