import { expect, test } from "vitest";
import { type CommitMark, commitsBetween, hasMoved, type KeptExclusive } from "../../../src/sqlite/commit-mark.ts";

const wal = (changeCounter: number): CommitMark => ({ kind: "wal", changeCounter });
const rollback = (changeCounter: number, journal: string | null): CommitMark => ({
  kind: "rollback",
  changeCounter,
  journal,
});

test.each<[string, CommitMark, CommitMark, KeptExclusive, number | null]>([
  ["WAL: none", wal(7), wal(7), "no", 0],
  ["WAL: nine", wal(7), wal(16), "no", 9],
  ["WAL: the counter passes 2^32", wal(0xffffffff), wal(1), "no", 2],
  ["WAL: a recovery begins to count anew", wal(500), wal(3), "no", null],
  ["WAL: locking_mode=EXCLUSIVE commits and keeps its lock", wal(7), wal(16), "by-mode", 0],
  ["the journal mode was changed", rollback(7, null), wal(9), "no", null],
  ["rollback: none, one transaction all the time", rollback(7, "a"), rollback(7, "a"), "no", 0],
  ["rollback: one that is committing has counted, and is not over", rollback(7, "a"), rollback(8, "a"), "no", 0],
  ["rollback: that one, its journal deleted", rollback(7, "a"), rollback(8, null), "no", 1],
  ["rollback: the next one has begun", rollback(7, "a"), rollback(8, "b"), "no", 1],
  [
    "rollback: a journal that is kept (truncate, persist): the last may be open",
    rollback(7, "a"),
    rollback(9, "a"),
    "no",
    1,
  ],
  ["rollback: no journal at either time", rollback(7, null), rollback(9, null), "no", 1],
  ["rollback: locking_mode=EXCLUSIVE counts one commit alone", rollback(7, "a"), rollback(8, "a"), "by-mode", 0],
  [
    "rollback: EXCLUSIVE in both looks, and more commits than it counts",
    rollback(7, null),
    rollback(9, "a"),
    "by-mode",
    1,
  ],
  ["rollback: unix-excl counts its commits, and keeps its lock", rollback(7, "a"), rollback(9, "b"), "by-vfs", 0],
  ["rollback: its first transaction makes the journal", rollback(7, null), rollback(8, "a"), "by-mode", 0],
  [
    "rollback: EXCLUSIVE in both looks, of two transactions with a journal each",
    rollback(7, "a"),
    rollback(9, "b"),
    "by-mode",
    2,
  ],
])("%s", (_, first, second, kept, commits) => {
  expect(commitsBetween(first, second, kept)).toBe(commits);
});

test("whether the counter differs", () => {
  expect(hasMoved(wal(7), wal(7))).toBe(false);
  expect(hasMoved(rollback(7, null), rollback(8, null))).toBe(true);
});
