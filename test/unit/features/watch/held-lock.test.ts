/** What the name of a lock says about it. */
import { expect, test } from "vitest";
import {
  isConnectionLock,
  isNotable,
  isReaderLock,
  type LockView,
  lockOfEvent,
} from "../../../../src/features/watch/held-lock.ts";
import { LOCK_NAMES, type LockName } from "../../../../src/sqlite/locks.ts";
import { lock } from "../../../support/report.ts";
import { lockEvent } from "../../../support/watch-event.ts";

test.each<[(name: LockName) => boolean, LockName[]]>([
  [isConnectionLock, ["SHARED", "DMS"]],
  [isReaderLock, ["READ0", "READ1", "READ2", "READ3", "READ4", "SHARED", "DMS"]],
])("%o", (is, expected) => {
  expect(LOCK_NAMES.filter(is)).toEqual(expected);
});

const read = { type: "read" } as const;
const write = { type: "write" } as const;

test.each<[string, LockView, readonly LockView[], boolean]>([
  ["WRITE", lock("WRITE"), [lock("SHARED"), lock("DMS")], true],
  ["CKPT beside WRITE: a checkpoint of its own", lock("CKPT"), [lock("WRITE")], true],
  ["RECOVER", lock("RECOVER"), [], true],
  ["a lock that is none of SQLite's", lock("FOREIGN", write), [], true],
  ["a read lock", lock("SHARED"), [], false],
  ["a read lock that is none of SQLite's", lock("FOREIGN", read), [], false],
  ["a read mark", lock("READ1"), [], false],
  ["a read mark that is written", lock("READ1", write), [], false],
  ["DMS of the first connection", lock("DMS", write), [], false],
  ["PENDING that a new reader takes", lock("PENDING", read), [], false],
  ["RESERVED", lock("RESERVED"), [lock("SHARED")], true],
  ["PENDING after RESERVED: the end of that transaction", lock("PENDING"), [lock("RESERVED")], false],
  ["EXCLUSIVE after RESERVED and PENDING", lock("EXCLUSIVE"), [lock("RESERVED"), lock("PENDING")], false],
  ["EXCLUSIVE of locking_mode", lock("EXCLUSIVE"), [lock("WRITE")], true],
  ["EXCLUSIVE alone", lock("EXCLUSIVE"), [], true],
  ["RESERVED that is seen after PENDING", lock("RESERVED"), [lock("PENDING")], true],
])("whether it is worth a line: %s", (_, taken, others, expected) => {
  expect(isNotable(taken, others)).toBe(expected);
});

test("the lock of an event", () => {
  expect(lockOfEvent(lockEvent("acquired", 0))).toEqual({
    name: "WRITE",
    role: "shm",
    type: "write",
    api: "posix",
    waiting: false,
  });
  expect(lockOfEvent(lockEvent("opened", 0, { lock: null }))).toBeNull();
});
