/** Which state a database is in, by what was seen. */
import { describe, expect, test } from "vitest";
import type { Related } from "../../../src/model/relate.ts";
import type { Blocker, ChangesHands, Finding, Progress, View, Wait } from "../../../src/model/report.ts";
import { type Circumstances, keptOut, type VerdictState, verdictOf } from "../../../src/model/verdict.ts";
import { blocker, circumstances, database, handle, holder, lock, wal, walWriter } from "../../support/report.ts";

const verdict = (change: Partial<Related>, seen: Partial<Circumstances> = {}) =>
  verdictOf(database(change), circumstances(seen));

const finding = (change: Partial<Finding> = {}): Finding => ({
  id: "lost-locks",
  severity: "error",
  pids: [4242],
  summary: "s",
  detail: "d",
  remedy: "r",
  ...change,
});
const hidden = { processes: 9, reasons: ["a"], reason: "a", remedy: "b" };
const progress = (change: Partial<Progress> = {}): Progress => ({
  commits: 0,
  counterMoved: false,
  withinMs: 50,
  ...change,
});
const changing = (pids: readonly number[], change: Partial<ChangesHands> = {}): ChangesHands => {
  const { waiting: _, ...reserved } = lock("RESERVED");
  return { ...reserved, pids, withinMs: 12, ...change };
};
const wait = (change: Partial<Wait> = {}): Wait => ({
  pid: 4242,
  for: "commit",
  lock: "EXCLUSIVE",
  blockedBy: [7],
  byUnknown: false,
  sure: "proved",
  ...change,
});
const writes = blocker({ effect: "writers" });
const reads = (pid: number) => blocker({ pid, lock: "SHARED", effect: "commits" });
const pins = blocker({ lock: "READ1", effect: "checkpoints" });
const somebody: Blocker = blocker({ pid: null, sure: "unknown" });
const view: View = { kind: "merged", path: null, reachedAt: null, mountPoint: "/merged" };
const directory = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const journal = { hot: null, header: "valid", sizeBytes: 512 } as const;
const WAL = { journalMode: "wal", wal: wal({ checkpointedFrames: 12 }) } as const;
const reader = walWriter({ activity: "reading", blocks: ["checkpoints", "journal-mode"], readMark: 10 });

type Row = [string, VerdictState, string, Partial<Related>, Partial<Circumstances>?];

test.each<Row>([
  ["nobody", "free", "nobody", {}],
  ["init alone could not be inspected", "free", "nobody", {}, { unseen: { ...hidden, initAlone: true } }],
  ["an ordinary user sees no process", "open", "maybe-open", {}, { unseen: hidden }],
  ["only locks were looked for", "open", "maybe-open", {}, { locksOnly: true }],
  ["an idle process", "open", "open", { holders: [holder()] }],
  ["a lock without an owner that blocks nobody", "open", "open", { unownedLocks: [lock("DMS", { api: "ofd" })] }],
  ["an old read that pins frames", "open", "pinned", { ...WAL, holders: [reader] }],
  [
    "a read of this moment",
    "open",
    "open",
    { ...WAL, holders: [{ ...reader, heldAtLeastMs: 20, heldLikelyMs: null }] },
  ],
  [
    "a read of unknown age that pins so many that it is a finding",
    "open",
    "pinned",
    { ...WAL, holders: [{ ...reader, heldAtLeastMs: null }] },
    { findings: [finding({ id: "checkpoint-starved", severity: "warning" })] },
  ],
  ["a warning", "free", "finding", {}, { findings: [finding({ id: "hot-journal", severity: "warning", pids: [] })] }],
  ["information is none", "free", "nobody", {}, { findings: [finding({ id: "other-namespace", severity: "info" })] }],
  [
    "an error goes before a read that pins frames",
    "open",
    "finding",
    { ...WAL, holders: [reader] },
    { findings: [finding({ id: "deleted-file", pids: [7] })] },
  ],
  [
    "the reader itself is the error",
    "open",
    "pinned",
    { ...WAL, holders: [reader] },
    { findings: [finding({ id: "suspended-holder" })] },
  ],
  ["a writer", "blocked", "blockers", { holders: [walWriter()], blockers: [writes, pins] }],
  ["an open read in rollback mode", "blocked", "blockers", { blockers: [reads(7)] }],
  ["a writer that cannot be seen", "blocked", "blockers", { blockers: [somebody] }],
  ["a lock directory", "blocked", "lock-directory", { lockDirectory: directory }],
  [
    "a lock directory, and commits",
    "blocked",
    "lock-directory",
    { lockDirectory: directory, progress: progress({ commits: 9 }) },
  ],
  ["blocked, and not safe to open", "blocked", "blockers", { blockers: [writes] }, { unsafe: [finding()] }],
  ["commits were counted", "busy", "turns", { blockers: [writes], progress: progress({ commits: 3 }) }],
  ["the lock was released", "busy", "turns", { blockers: [writes], progress: progress({ released: [4242] }) }],
  ["only the counter moved", "blocked", "blockers", { blockers: [writes], progress: progress({ counterMoved: true }) }],
  [
    "another one released its lock",
    "blocked",
    "blockers",
    { blockers: [writes], progress: progress({ released: [7] }) },
  ],
  [
    "a read was over, and another stays",
    "blocked",
    "blockers",
    { blockers: [reads(7), reads(8)], progress: progress({ released: [7] }) },
  ],
  ["the lock changes hands", "busy", "turns", { blockers: [writes], changesHands: [changing([4242, 7])] }],
  ["nobody has it at this moment", "busy", "turns", { changesHands: [changing([4242, 7])] }],
  [
    "a lock that blocks nobody changes hands",
    "free",
    "nobody",
    { changesHands: [changing([1, 2], { name: "DMS", type: "read" })] },
  ],
  [
    "somebody unknown, of a lock that changes hands",
    "busy",
    "turns",
    { blockers: [somebody], changesHands: [changing([1, 2])] },
  ],
  [
    "beside a lock that changes hands, one without an owner that cannot",
    "blocked",
    "blockers",
    {
      blockers: [{ ...reads(0), pid: null }],
      changesHands: [changing([1, 2], { name: "SHARED", type: "read" })],
      unownedLocks: [lock("SHARED", { api: "ofd" })],
    },
  ],
  [
    "turns, and not safe to open",
    "unknown",
    "unsafe",
    { blockers: [writes], progress: progress({ commits: 3 }) },
    { unsafe: [finding()] },
  ],
  ["not safe to open", "unknown", "unsafe", {}, { unsafe: [finding()] }],
  ["lsof, and a process", "unknown", "no-locks", { holders: [holder()] }, { source: "lsof" }],
  ["lsof, and none", "free", "nobody", {}, { source: "lsof" }],
  ["lsof of an ordinary user, and none", "unknown", "out-of-sight", {}, { source: "lsof", partialView: true }],
  ["a -journal that may be hot", "unknown", "journal", { journal }],
  ["a -journal that is not hot", "free", "nobody", { journal: { ...journal, hot: false } }],
  ["another view that cannot be reached", "unknown", "out-of-sight", { views: [view] }, { partialView: true }],
  ["another view that was looked at", "free", "nobody", { views: [{ ...view, reachedAt: "/merged/db" }] }],
  ["in a container", "unknown", "out-of-sight", { holders: [holder()] }, { partialView: true, childNamespace: true }],
  ["locks read in part", "unknown", "out-of-sight", {}, { partialView: true, locksReadInPart: true }],
  [
    "locks read in part, and one found",
    "blocked",
    "blockers",
    { blockers: [writes] },
    { partialView: true, locksReadInPart: true },
  ],
  [
    "in a container, and commits",
    "busy",
    "turns",
    { blockers: [writes], progress: progress({ commits: 3 }) },
    { partialView: true },
  ],
  ["a lock that is none of SQLite's", "unknown", "other-program", { holders: [holder({ locks: [lock("FOREIGN")] })] }],
  [
    "the same, of nobody who was seen",
    "unknown",
    "other-program",
    { unownedLocks: [lock("FOREIGN", { api: "flock" })] },
  ],
  [
    "a file that is written over",
    "unknown",
    "other-program",
    { holders: [holder({ handles: [handle(3, "database", { access: "write" })] })] },
  ],
])("%s: %s, %s", (_, state, kind, change, circumstances) => {
  expect(verdict(change, circumstances)).toMatchObject({ state, reason: { kind } });
});

describe("what is blocked, and by which processes", () => {
  test("the effects in force, in their order, without the journal mode", () => {
    const blockers = [pins, writes, blocker({ effect: "journal-mode" })];
    expect(verdict({ blockers })).toMatchObject({ blocks: ["writers", "checkpoints"], pids: [4242] });
    expect(verdict({ blockers: [pins] })).toMatchObject({ state: "free", blocks: ["checkpoints"] });
    expect(verdict({ lockDirectory: directory }).blocks).toEqual(["readers", "writers"]);
    expect(verdict({ lockDirectory: directory, blockers: [writes, pins] })).toMatchObject({
      blocks: ["readers", "writers", "checkpoints"],
      pids: [4242],
      reason: { kind: "blockers" },
    });
  });

  test("the reader for which a commit waits comes first", () => {
    const blockers = [blocker({ lock: "PENDING", effect: "readers" }), writes, reads(7), reads(8)];
    expect(verdict({ blockers, waits: [wait()] }).pids).toEqual([7, 4242, 8]);
    expect(verdict({ blockers, waits: [wait({ pid: 99 })] }).pids).toEqual([4242, 7, 8]);
  });

  test("readers that pin frames, and how many the oldest keeps", () => {
    const holders = [reader, { ...reader, pid: 7, readMark: 2021 }];
    expect(verdict({ ...WAL, holders })).toMatchObject({ pids: [4242, 7], reason: { frames: 3009 } });
  });

  test("those that take turns, also of later looks", () => {
    const at = {
      blockers: [writes],
      progress: progress({ commits: 3, seen: [4242, 7] }),
      changesHands: [changing([8])],
    };
    expect(verdict(at).pids).toEqual([4242, 7, 8]);
  });

  test("of a lock file the pid in it", () => {
    expect(verdict({ lockDirectory: { ...directory, pid: 77 } }).pids).toEqual([77]);
  });
});

test("where some take turns and others do not, only what these block counts", () => {
  const at = { ...database({ blockers: [writes, reads(7)] }), progress: progress({ released: [4242] }) };
  expect(keptOut(at)).toEqual({ state: "blocked", effects: ["commits"], blockers: [reads(7)] });
});
