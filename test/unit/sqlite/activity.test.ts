import { describe, expect, test } from "vitest";
import {
  type DecodedLock,
  markOfReadLock,
  meaningOfLocks,
  type ProtocolState,
  pinnedFrames,
} from "../../../src/sqlite/activity.ts";
import type { LockName, LockType } from "../../../src/sqlite/locks.ts";
import type { Role } from "../../../src/sqlite/roles.ts";

const ROLLBACK: ProtocolState = { journalMode: "rollback", journalValid: false, wal: null };
const JOURNAL: ProtocolState = { ...ROLLBACK, journalValid: true };
const WAL: ProtocolState = {
  journalMode: "wal",
  journalValid: false,
  wal: { mxFrame: 100, nBackfill: 20, readMarks: [0, 100, 50, 10, null] },
};

const EVERYBODY = ["readers", "writers", "journal-mode"];

const DATABASE_LOCKS: readonly LockName[] = ["SHARED", "RESERVED", "PENDING", "EXCLUSIVE"];

/** `RESERVED`, or `READ1:write`. */
function lock(text: string): DecodedLock {
  const [name, type] = text.split(":") as [LockName, LockType?];
  const readers = /^(SHARED|READ|DMS)/.test(name);
  const role: Role = DATABASE_LOCKS.includes(name) ? "database" : "shm";
  return { name, role, type: type ?? (readers ? "read" : "write"), api: "posix", waiting: false, start: 0n, end: 0n };
}

const meaning = (state: ProtocolState, ...locks: string[]) => meaningOfLocks(locks.map(lock), state);

test("no lock on any file: idle", () => {
  for (const state of [ROLLBACK, WAL, { ...ROLLBACK, journalMode: "unknown" as const }])
    expect(meaning(state)).toEqual({ activity: "idle", blocks: [] });
});

describe("rollback mode", () => {
  test.each<[string, ProtocolState, string[], string, string[]]>([
    ["SHARED", ROLLBACK, ["SHARED"], "reading", ["commits", "journal-mode"]],
    ["PENDING to read, for a moment", ROLLBACK, ["PENDING:read"], "reading", []],
    ["RESERVED", ROLLBACK, ["SHARED", "RESERVED"], "writing", ["writers", "commits", "journal-mode"]],
    [
      "PENDING",
      JOURNAL,
      ["SHARED", "PENDING", "RESERVED"],
      "committing",
      ["readers", "writers", "commits", "journal-mode"],
    ],
    ["EXCLUSIVE and a valid -journal", JOURNAL, ["PENDING", "RESERVED", "EXCLUSIVE"], "writing", EVERYBODY],
    ["EXCLUSIVE and a valid -journal, nothing else", JOURNAL, ["EXCLUSIVE"], "writing", EVERYBODY],
    ["EXCLUSIVE and no journal", ROLLBACK, ["PENDING", "RESERVED", "EXCLUSIVE"], "exclusive", EVERYBODY],
    ["EXCLUSIVE alone", ROLLBACK, ["EXCLUSIVE"], "exclusive", EVERYBODY],
  ])("%s", (_, state, locks, activity, blocks) => {
    expect(meaning(state, ...locks)).toEqual({ activity, blocks });
  });

  test("RESERVED alone blocks writers, but no reader and no other's commit", () => {
    expect(meaning(ROLLBACK, "RESERVED").blocks).toEqual(["writers", "journal-mode"]);
  });
});

describe("WAL mode", () => {
  test.each<[string, string[], string, string[]]>([
    ["SHARED on the database", ["SHARED"], "idle", ["journal-mode"]],
    ["SHARED and DMS", ["SHARED", "DMS"], "idle", ["journal-mode"]],
    ["DMS alone", ["DMS"], "idle", []],
    ["the first opener, initialising", ["DMS:write"], "recovering", ["readers", "writers"]],
    ["a reader at the newest frame keeps nothing back", ["SHARED", "DMS", "READ1"], "reading", ["journal-mode"]],
    ["a reader at an older frame", ["SHARED", "DMS", "READ2"], "reading", ["checkpoints", "journal-mode"]],
    ["a reader whose mark is behind what is checkpointed", ["READ3"], "reading", ["checkpoints", "journal-mode"]],
    ["a reader of the database file alone", ["READ0"], "reading", ["checkpoints", "journal-mode"]],
    ["a reader whose mark is not known", ["READ4"], "reading", ["journal-mode"]],
    ["a writer", ["SHARED", "DMS", "READ1", "WRITE"], "writing", ["writers", "checkpoints", "journal-mode"]],
    ["a checkpoint", ["SHARED", "DMS", "CKPT", "READ0:write"], "checkpointing", ["checkpoints", "journal-mode"]],
    [
      "a RESTART or TRUNCATE checkpoint",
      ["SHARED", "DMS", "WRITE", "CKPT", "READ1:write", "READ4:write"],
      "checkpointing",
      ["writers", "checkpoints", "journal-mode"],
    ],
    [
      "a recovery",
      ["DMS", "WRITE", "CKPT", "RECOVER"],
      "recovering",
      ["readers", "writers", "checkpoints", "journal-mode"],
    ],
    ["EXCLUSIVE", ["EXCLUSIVE", "WRITE"], "exclusive", ["readers", "writers", "checkpoints", "journal-mode"]],
  ])("%s", (_, locks, activity, blocks) => {
    expect(meaning(WAL, ...locks)).toEqual({ activity, blocks });
  });

  test("a -journal beside a WAL database does not turn EXCLUSIVE into writing", () => {
    expect(meaning({ ...WAL, journalValid: true }, "EXCLUSIVE").activity).toBe("exclusive");
  });

  test("without a wal-index to trust no reader is said to keep frames back", () => {
    expect(meaning({ ...WAL, wal: null }, "READ2").blocks).toEqual(["journal-mode"]);
  });
});

test("a lock that is only waited for blocks nobody", () => {
  expect(meaningOfLocks([{ ...lock("EXCLUSIVE"), waiting: true }], ROLLBACK)).toEqual({ activity: "idle", blocks: [] });
});

describe("locks that are not SQLite's", () => {
  const whole = (role: Role, type: LockType, api: DecodedLock["api"] = "posix"): DecodedLock => ({
    name: "FOREIGN",
    role,
    type,
    api,
    waiting: false,
    start: 0n,
    end: null,
  });

  test("a write lock on the whole database keeps everybody out", () => {
    expect(meaningOfLocks([whole("database", "write")], ROLLBACK)).toEqual({
      activity: "exclusive",
      blocks: EVERYBODY,
    });
    expect(meaningOfLocks([whole("database", "write")], WAL)).toEqual({ activity: "exclusive", blocks: EVERYBODY });
  });

  test("a read lock on the whole database keeps writers of rollback mode out", () => {
    expect(meaningOfLocks([whole("database", "read")], ROLLBACK)).toEqual({
      activity: "idle",
      blocks: ["writers", "commits", "journal-mode"],
    });
  });

  test(
    "in WAL mode nobody takes RESERVED or EXCLUSIVE to write: the same read lock is only in the way of the journal " +
      "mode",
    () => {
      expect(meaningOfLocks([whole("database", "read")], WAL)).toEqual({ activity: "idle", blocks: ["journal-mode"] });
    },
  );

  test("a lock on the whole -shm", () => {
    expect(meaningOfLocks([whole("shm", "write")], WAL).blocks).toEqual([
      "readers",
      "writers",
      "checkpoints",
      "journal-mode",
    ]);
    expect(meaningOfLocks([whole("shm", "read")], WAL).blocks).toEqual(["writers", "checkpoints"]);
  });

  test("a flock blocks nobody of SQLite's default build", () => {
    expect(meaningOfLocks([whole("database", "write", "flock")], ROLLBACK)).toEqual({ activity: "idle", blocks: [] });
  });
});

test("pinned frames: mxFrame − max(mark, nBackfill)", () => {
  expect([0, 1, 2, 3, 4].map((k) => pinnedFrames(k, WAL))).toEqual([80, 0, 50, 80, 0]);
  expect(pinnedFrames(0, ROLLBACK)).toBe(0);
});

test("READ0 has the mark 0, whatever stands in the wal-index", () => {
  expect([0, 1, 4].map((k) => markOfReadLock(k, WAL))).toEqual([0, 100, null]);
  expect(markOfReadLock(1, ROLLBACK)).toBeNull();
  expect(markOfReadLock(0, { ...WAL, wal: { mxFrame: 1, nBackfill: 0, readMarks: [7, 1, 1, 1, 1] } })).toBe(0);
});
