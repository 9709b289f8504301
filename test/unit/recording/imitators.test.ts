/** Programs that lock bytes as SQLite does, so that the recording takes one file for another. */
import { expect, test } from "vitest";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import { interpret } from "../../support/recorded.ts";
import { closes, lock, refused, SHARED, SHM, start, WRITE } from "../../support/source-events.ts";

const DMS = 128;
const OTHER = 77;
const [WRITER, WAITER, MALLORY, VICTIM] = [1, 2, 3, 5];

/** A wait of 100 ms for WRITE. */
function contention(fromMs: number): SourceEvent[] {
  return [
    lock(fromMs, WRITER, "read", SHARED),
    lock(fromMs, WAITER, "read", SHARED),
    lock(fromMs + 1, WRITER, "write", WRITE),
    refused(fromMs + 2, WAITER, "write", WRITE),
    refused(fromMs + 50, WAITER, "write", WRITE),
    lock(fromMs + 101, WRITER, "unlock", WRITE),
    lock(fromMs + 102, WAITER, "write", WRITE),
    lock(fromMs + 103, WAITER, "unlock", WRITE),
  ];
}

const pretends = (atMs: number): SourceEvent[] => [
  lock(atMs, MALLORY, "read", SHARED),
  lock(atMs + 0.1, MALLORY, "read", DMS, { inode: OTHER }),
];

test("who may read the database cannot make another file its -shm, while /proc shows which one it is", () => {
  const { waits } = interpret([
    ...start(),
    { kind: "file", atMs: 0, untilMs: 50, database: 0, role: "shm", device: 1, inode: SHM },
    ...pretends(10),
    { kind: "file", atMs: 50, untilMs: 300, database: 0, role: "shm", device: 1, inode: SHM },
    ...contention(60),
  ]);
  expect(waits).toMatchObject([{ pid: WAITER, lock: "WRITE", blockers: [{ pid: WRITER, lock: "WRITE" }] }]);
});

test("a -shm that was made anew since the last look is still learnt", () => {
  const { waits } = interpret([
    ...start(),
    { kind: "file", atMs: 0, untilMs: 50, database: 0, role: "shm", device: 1, inode: SHM },
    closes(51, WRITER, SHM),
    lock(60, WRITER, "read", SHARED),
    lock(60.1, WRITER, "write", DMS, { inode: OTHER }),
    ...contention(70).map((event) => ("inode" in event && event.inode === SHM ? { ...event, inode: OTHER } : event)),
  ]);
  expect(waits).toMatchObject([{ pid: WAITER, blockers: [{ pid: WRITER }] }]);
});

test("a program that never had the database open is no user of it, whose -shm ever was opened in its place", () => {
  const { waits, locks } = interpret([
    ...start(),
    ...pretends(10),
    lock(20, VICTIM, "write", WRITE, { inode: OTHER }),
    refused(30, MALLORY, "write", WRITE),
    lock(31, MALLORY, "write", WRITE, { inode: OTHER, outcome: "refused" }),
    lock(90, MALLORY, "write", WRITE, { inode: OTHER, outcome: "refused" }),
    lock(100, VICTIM, "unlock", WRITE, { inode: OTHER }),
  ]);
  expect(waits.flatMap(({ blockers }) => blockers)).toEqual([]);
  expect(locks.filter(({ pid }) => pid === VICTIM)).toEqual([]);
});

test("between two looks at /proc both files are followed", () => {
  const { waits } = interpret([
    ...start(),
    ...pretends(10),
    ...contention(20),
    { kind: "file", atMs: 150, untilMs: 200, database: 0, role: "shm", device: 1, inode: SHM },
    ...pretends(160),
    ...contention(170),
  ]);
  expect(waits.map(({ pid, blockers }) => [pid, blockers[0]?.pid])).toEqual([
    [WAITER, WRITER],
    [WAITER, WRITER],
  ]);
});
