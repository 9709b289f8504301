/** Rules on who is in whose way: each fires, and stays silent right next to it. */
import { describe, expect, test } from "vitest";
import type { Holder } from "../../../src/model/report.ts";
import { findingOf, STALE_AFTER_MS } from "../../support/diagnosed.ts";
import { handle, holder, lock, walWriter } from "../../support/report.ts";
import { processSeen } from "../../support/snapshot.ts";

const polling = (pid: number, nothingElseRuns = true) => ({
  processes: [processSeen({ pid, sleepsInTimer: true, nothingElseRuns })],
});

describe("same-process-contention", () => {
  const ID = "same-process-contention";
  const twice = [handle(3, "database"), handle(4, "wal"), handle(5, "shm"), handle(6, "database"), handle(7, "wal")];
  const rollback = (change: Partial<Holder> = {}) =>
    holder({
      locks: [lock("SHARED"), lock("RESERVED")],
      activity: "writing",
      handles: [handle(3, "database"), handle(6, "database")],
      idleMs: 0,
      ...change,
    });

  test("in WAL mode: two -wal descriptors, one per connection", () => {
    const finding = findingOf(ID, { journalMode: "wal", holders: [walWriter({ handles: twice, idleMs: 0 })] });
    expect(finding).toMatchObject({
      severity: "info",
      pids: [4242],
      detail: expect.stringContaining("Descriptors 4 and 7 are on the -wal"),
    });
    expect(finding?.summary).toContain(
      "is writing and has 2 connections to this database: its other connection can get 'database is locked'",
    );
  });

  test("in rollback mode: two database descriptors, and then likely", () => {
    expect(findingOf(ID, { holders: [rollback()] })?.summary).toContain("has likely 2 connections");
  });

  test("a warning where a thread of it polls, or nobody works on the transaction", () => {
    expect(findingOf(ID, { holders: [rollback()] }, polling(4242))).toMatchObject({
      severity: "warning",
      detail: expect.stringContaining("is likely waiting for its"),
    });
    // a pool at work
    expect(findingOf(ID, { holders: [rollback()] }, polling(4242, false))).toMatchObject({ severity: "info" });
    expect(findingOf(ID, { holders: [rollback({ idleMs: STALE_AFTER_MS })] })).toMatchObject({
      severity: "warning",
      detail: expect.stringContaining("for 10 s"),
    });
    expect(findingOf(ID, { holders: [rollback({ idleMs: STALE_AFTER_MS - 1 })] })).toMatchObject({ severity: "info" });
  });

  test("silent: one connection, in WAL mode a second database descriptor alone, a replaced file, or no write", () => {
    expect(findingOf(ID, { holders: [rollback({ handles: [handle(3, "database")] })] })).toBeUndefined();
    expect(findingOf(ID, { journalMode: "wal", holders: [walWriter({ handles: twice.slice(0, 4) })] })).toBeUndefined();
    expect(
      findingOf(ID, {
        holders: [rollback({ handles: [handle(3, "database"), handle(6, "database", { moved: true })] })],
      }),
    ).toBeUndefined();
    expect(findingOf(ID, { holders: [rollback({ locks: [lock("SHARED")], activity: "reading" })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [rollback({ locks: [lock("RESERVED", { waiting: true })] })] })).toBeUndefined();
  });
});

const FRAMES = {
  frames: 3,
  uncommittedFrames: 0,
  checkpointedFrames: 0,
  checkpointedKnown: false,
  readMarks: [],
  unreadBytes: 0,
  complete: true,
};

describe("exclusive-locking-mode", () => {
  const ID = "exclusive-locking-mode";
  const exclusive = (change: Partial<Holder> = {}) =>
    holder({
      locks: [lock("EXCLUSIVE")],
      activity: "exclusive",
      blocks: ["readers", "writers", "journal-mode"],
      idleMs: STALE_AFTER_MS,
      ...change,
    });

  test("says all that it can be, and which of it must not be killed", () => {
    const finding = findingOf(ID, { holders: [exclusive()] });
    expect(finding).toMatchObject({ severity: "warning", pids: [4242] });
    for (const can of [
      "locking_mode=EXCLUSIVE",
      "BEGIN EXCLUSIVE",
      "journal is in memory or off",
      "leaves the database corrupt",
    ])
      expect(finding?.detail).toContain(can);
    expect(finding?.remedy).toContain("do not kill it");
  });

  test("in WAL mode no journal is in memory", () => {
    const finding = findingOf(ID, { journalMode: "wal", holders: [exclusive()] });
    expect(finding?.detail).toContain("whether it has a transaction open cannot be seen from outside.");
    expect(finding?.remedy).toMatch(/^Close the connection in that program/);
    const wal = { ...FRAMES, uncommittedFrames: 12 };
    expect(findingOf(ID, { journalMode: "wal", wal, holders: [exclusive()] })?.detail).toContain(
      "it likely has a write transaction open, with 12 frames not committed.",
    );
    expect(finding?.detail).not.toContain("corrupt");
    expect(finding?.remedy).not.toContain("kill");
  });

  test("silent: it ran a moment ago, is stopped, writes with a journal, or the lock is not SQLite's", () => {
    expect(findingOf(ID, { holders: [exclusive({ idleMs: STALE_AFTER_MS - 1 })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [exclusive({ idleMs: null })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [exclusive({ state: "stopped", stale: ["stopped"] })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [exclusive({ activity: "writing" })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [exclusive({ locks: [lock("FOREIGN")] })] })).toBeUndefined();
  });
});

describe("likely-waiting", () => {
  const ID = "likely-waiting";
  const waiter = (pid: number, change: Partial<Holder> = {}) => holder({ pid, idleMs: 50, ...change });

  test("names who waits, and for whom", () => {
    const finding = findingOf(
      ID,
      {
        journalMode: "wal",
        holders: [walWriter(), waiter(4300, { locks: [lock("SHARED"), lock("DMS")], blocks: ["journal-mode"] })],
      },
      polling(4300),
    );
    expect(finding).toMatchObject({ severity: "info", pids: [4300] });
    expect(finding?.summary).toBe(
      "4300 (python manage.py shell) is likely waiting for the lock that 4242 (python manage.py shell) holds.",
    );
  });

  test("where commits go on, the timeout is what matters", () => {
    const remedy = (commits: number) =>
      findingOf(
        ID,
        {
          journalMode: "wal",
          holders: [walWriter(), waiter(4300)],
          progress: { commits, counterMoved: commits > 0, withinMs: 52 },
        },
        polling(4300),
      )?.remedy;
    expect(remedy(9)).toContain("the lock is released in between (at least 9 commits within 52 ms)");
    expect(remedy(0)).toContain("Deal with 4242, not the waiter.");
  });

  test("for a lock whose owner is unknown", () => {
    const unownedLocks = [lock("RESERVED", { api: "ofd" })];
    expect(findingOf(ID, { holders: [waiter(4300)], unownedLocks }, polling(4300))?.summary).toContain(
      "an unknown process holds",
    );
  });

  test(
    "silent: it does not sleep in a timer, nobody is in the way, it keeps others out itself, or it has only the " +
      "-wal open",
    () => {
      expect(findingOf(ID, { holders: [walWriter(), waiter(4300)] })).toBeUndefined();
      expect(findingOf(ID, { holders: [holder(), waiter(4300)] }, polling(4300))).toBeUndefined();
      expect(
        findingOf(
          ID,
          { holders: [walWriter(), waiter(4300, { locks: [lock("SHARED")], blocks: ["commits"] })] },
          polling(4300),
        ),
      ).toBeUndefined();
      expect(
        findingOf(ID, { holders: [walWriter(), waiter(4300, { handles: [handle(4, "wal")] })] }, polling(4300)),
      ).toBeUndefined();
      expect(findingOf(ID, { holders: [walWriter()] }, polling(4242))).toBeUndefined();
    },
  );

  test("silent: a child with the descriptors of its parent has no connection of its own", () => {
    const parent = walWriter({ pid: 4100, parentPid: 1 });
    const child = (handles: Holder["handles"]) => holder({ parentPid: 4100, handles });
    expect(
      findingOf(ID, { journalMode: "wal", holders: [parent, child(parent.handles)] }, polling(4242)),
    ).toBeUndefined();
    expect(
      findingOf(ID, { journalMode: "wal", holders: [parent, child([handle(9, "database")])] }, polling(4242)),
    ).toBeDefined();
  });
});

describe("orphaned-holder", () => {
  const ID = "orphaned-holder";
  const orphan = (change: Partial<Holder> = {}) => holder({ stale: ["orphaned"], terminal: null, ...change });

  test("a warning where it keeps others out, else for information; several of a kind in one", () => {
    const writing = orphan({
      pid: 4300,
      locks: [lock("RESERVED")],
      activity: "writing",
      blocks: ["writers", "journal-mode"],
    });
    expect(findingOf(ID, { holders: [writing] })).toMatchObject({ severity: "info" }); // a daemon at work
    expect(findingOf(ID, { holders: [{ ...writing, stale: ["idle-in-transaction", "orphaned"] }] })).toMatchObject({
      severity: "warning",
      pids: [4300],
      summary: expect.stringContaining(", and blocks other processes"),
    });
    expect(findingOf(ID, { holders: [orphan(), orphan({ pid: 4243 })] })).toMatchObject({
      severity: "info",
      pids: [4242, 4243],
      remedy: expect.stringContaining("kill 4242 4243"),
    });
  });

  test("silent: its session lives", () => {
    expect(findingOf(ID, { holders: [holder({ terminal: null })] })).toBeUndefined();
  });
});
