import { describe, expect, test } from "vitest";
import { effectiveLocks, type HolderParts, maskUnknownActivity, toHolder } from "../../../src/model/holder.ts";
import { keyOf } from "../../../src/model/lock.ts";
import type { Holder } from "../../../src/model/report.ts";
import type { ProcessSeen } from "../../../src/model/snapshot.ts";
import type { ProtocolState } from "../../../src/sqlite/activity.ts";
import { holder, lock } from "../../support/report.ts";
import { handleSeen, kernelLock, processSeen } from "../../support/snapshot.ts";

const ROLLBACK: ProtocolState = { journalMode: "rollback", journalValid: false, wal: null };
const WAL: ProtocolState = {
  ...ROLLBACK,
  journalMode: "wal",
  wal: { mxFrame: 3021, nBackfill: 12, readMarks: [0, 3021, 512, null, null] },
};
const STALE_AFTER_MS = 10_000;

const RESERVED = lock("RESERVED");

const PARTS: HolderParts = {
  process: processSeen(),
  handles: [handleSeen()],
  locks: [RESERVED],
  lost: new Set(),
};

function made(change: Partial<HolderParts>, process: Partial<ProcessSeen> = {}, state = ROLLBACK): Holder {
  return toHolder({ ...PARTS, process: processSeen(process), ...change }, state, STALE_AFTER_MS);
}

describe("stale", () => {
  test.each<[string, Partial<ProcessSeen>, Partial<HolderParts>, Holder["stale"]]>([
    ["idle in a transaction, for just long enough", { idleMs: 10_000 }, {}, ["idle-in-transaction"]],
    ["a moment less", { idleMs: 9999 }, {}, []],
    ["nobody knows for how long", { idleMs: null }, {}, []],
    ["idle without a transaction", { idleMs: 60_000 }, { locks: [] }, []],
    ["waiting for a lock is no transaction", {}, { locks: [lock("RESERVED", { waiting: true })] }, []],
    ["suspended", { idleMs: 0, state: "stopped" }, {}, ["stopped"]],
    ["in a debugger", { idleMs: 0, state: "traced" }, {}, ["stopped"]],
    ["asleep", { idleMs: 0, state: "sleeping" }, {}, []],
    ["its parent is gone", { idleMs: 0, orphaned: true }, {}, ["orphaned"]],
    ["its file is deleted", { idleMs: 0 }, { handles: [handleSeen({ deleted: true })] }, ["deleted-file"]],
    ["its file is only moved", { idleMs: 0 }, { handles: [handleSeen({ moved: true })] }, []],
    [
      "all of it",
      { state: "stopped", orphaned: true },
      { handles: [handleSeen(), handleSeen({ deleted: true })] },
      ["idle-in-transaction", "stopped", "orphaned", "deleted-file"],
    ],
  ])("%s", (_, process, parts, stale) => {
    expect(made(parts, process).stale).toEqual(stale);
  });
});

describe("whether its idleness proves the age of its locks", () => {
  const ofAnother = [handleSeen({ locks: [kernelLock({ pid: 5000 })] })];
  test.each<[string, Partial<ProcessSeen>, Partial<HolderParts>, number | null]>([
    ["its own lock", {}, {}, 60_000],
    ["no lock", {}, { locks: [] }, null],
    ["only waiting", {}, { locks: [lock("RESERVED", { waiting: true })] }, null],
    ["waiting for one beside another", {}, { locks: [RESERVED, lock("PENDING", { waiting: true })] }, 60_000],
    ["an OFD lock", {}, { locks: [RESERVED, lock("SHARED", { api: "ofd" })] }, null],
    ["a thread may have ended", { idleProvesLocks: false }, {}, null],
    ["its table of descriptors is shared", {}, { handles: ofAnother }, null],
    ["its descriptor shows its own lock", {}, { handles: [handleSeen({ locks: [kernelLock()] })] }, 60_000],
  ])("%s", (_, process, parts, heldAtLeastMs) => {
    expect(made(parts, process).heldAtLeastMs).toBe(heldAtLeastMs);
  });
});

describe("the frame at which its snapshots are pinned", () => {
  test.each<[string, HolderParts["locks"], number | null]>([
    ["one mark", [lock("READ1")], 3021],
    ["the lowest of several", [lock("READ1"), lock("READ2")], 512],
    ["READ0: the database file alone", [lock("READ0"), lock("READ1")], 0],
    ["a mark that is not in use", [lock("READ3")], null],
    ["a mark that is written", [lock("READ1", { type: "write" })], null],
    ["a mark that is waited for", [lock("READ1", { waiting: true })], null],
    ["no read lock", [lock("WRITE")], null],
  ])("%s", (_, locks, readMark) => {
    expect(made({ locks }, {}, WAL).readMark).toBe(readMark);
  });

  test("none in rollback mode", () => {
    expect(made({ locks: [lock("READ1")] }, {}, { ...WAL, journalMode: "rollback" }).readMark).toBeNull();
  });
});

test("a lock on a file that is lost shows what it does, and blocks nobody of this database", () => {
  const parts = { locks: [RESERVED, lock("SHARED")], lost: new Set([keyOf(RESERVED)]) };
  expect(made(parts)).toMatchObject({ activity: "writing", blocks: ["commits", "journal-mode"] });
  expect(made({ ...parts, lost: new Set() }).blocks).toEqual(["writers", "commits", "journal-mode"]);
  expect(effectiveLocks({ ...PARTS, ...parts })).toEqual([lock("SHARED")]);
});

test("a process that is hidden has no identity", () => {
  expect(made({}, { state: null }).startTicks).toBeNull();
  expect(made({}, { state: "sleeping" }).startTicks).toBe(391571n);
});

test("a handle has the letter of its lock where its source gives one", () => {
  expect(made({ handles: [handleSeen({ lockLetter: "u" })] }).handles).toEqual([
    {
      fd: 3,
      role: "database",
      path: "/srv/db",
      access: "read-write",
      closeOnExec: true,
      deleted: false,
      moved: false,
      lock: "u",
    },
  ]);
  expect(made({ handles: [handleSeen({ lockLetter: null })] }).handles[0]).toHaveProperty("lock", null);
  expect(made({}).handles[0]).not.toHaveProperty("lock");
});

test("without knowledge of locks nothing is idle", () => {
  expect(maskUnknownActivity(holder({ activity: "idle" }))).toEqual(holder({ activity: "unknown" }));
});
