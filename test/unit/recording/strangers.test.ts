/** Programs whose files have the inodes of files of the database that were deleted. */
import { expect, test } from "vitest";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import { interpret, type Lines } from "../../support/recorded.ts";
import {
  call,
  closes,
  DATABASE,
  lock,
  READ1,
  RESERVED,
  refused,
  returns,
  SHARED,
  SHM,
  start,
  WRITE,
} from "../../support/source-events.ts";

const [OURS, CHILD, STRANGER] = [1, 2, 3];
const NEW = 77;
const DMS = 128;
const BUSY = 5;

const stays = (atMs: number, untilMs: number, inode = SHM): SourceEvent => ({
  ...{ kind: "file", atMs, untilMs, database: 0, role: "shm", device: 1, inode },
});
const is = (atMs: number, role: "database" | "shm", inode: number | null): SourceEvent => ({
  ...{ kind: "file", atMs, database: 0, role, device: 1, inode },
});
const changes = (atMs: number, untilMs: number, inode: number | null): SourceEvent => ({
  ...{ kind: "file", atMs, untilMs, changes: true, database: 0, role: "database", device: 1, inode },
});

const pidsOf = ({ all }: Lines) => new Set(all.flatMap((line) => ("pid" in line ? [line.pid] : [])));
const unseen = ({ all }: Lines) =>
  all.flatMap((line) => (line.type === "unknown" ? [[line.what, line.why, line.pids, line.path]] : []));

/** A write, and one that is refused. */
const writes = (fromMs: number, more: { readonly inode?: number } = {}): SourceEvent[] => [
  call(fromMs, STRANGER, "step", "begin immediate"),
  lock(fromMs + 1, STRANGER, "read", READ1, more),
  lock(fromMs + 2, STRANGER, "write", WRITE, more),
  returns(fromMs + 3, STRANGER, "step", 101),
  call(fromMs + 4, STRANGER, "step", "commit"),
  lock(fromMs + 5, STRANGER, "unlock", WRITE, more),
  lock(fromMs + 6, STRANGER, "unlock", READ1, more),
  returns(fromMs + 7, STRANGER, "step", 101),
  call(fromMs + 8, STRANGER, "step", "begin immediate"),
  refused(fromMs + 9, STRANGER, "write", WRITE, more),
  returns(fromMs + 10, STRANGER, "step", BUSY),
];

test("whoever locks a deleted -shm's inode, and was never seen to lock the database, is a stranger", () => {
  const lines = interpret([
    ...start(),
    stays(0, 50),
    lock(10, OURS, "read", SHARED),
    lock(11, OURS, "read", DMS),
    closes(60, OURS, SHM),
    closes(61, OURS, DATABASE),
    ...writes(70),
    is(100, "shm", null),
    ...writes(120),
  ]);
  expect(pidsOf(lines).has(STRANGER)).toBe(false);
});

test("of the database: whoever locked it before it was deleted still may, and another one is told as unknown", () => {
  const shared = (atMs: number, pid: number) => [
    lock(atMs, pid, "read", SHARED),
    lock(atMs + 1, pid, "write", RESERVED),
    lock(atMs + 2, pid, "unlock", RESERVED),
  ];
  const events = [...shared(10, OURS), changes(50, 100, DATABASE), ...shared(60, OURS), ...shared(70, STRANGER)];
  const lines = interpret([...start(null), ...events, is(110, "database", null)]);
  expect(lines.locks.filter(({ lock: name }) => name === "RESERVED").map(({ pid }) => pid)).toEqual([OURS, OURS]);
  expect(unseen(lines)).toEqual([["lock", "unseen-file", [STRANGER], "/data/a.db"]]);
});

test("its -shm is not that of the database, whose inode its own database has", () => {
  const lines = interpret([
    ...start(null),
    lock(5, OURS, "read", SHARED),
    closes(6, OURS, DATABASE),
    changes(10, 100, DATABASE),
    call(20, STRANGER, "step", "begin immediate"),
    lock(21, STRANGER, "read", SHARED),
    lock(22, STRANGER, "write", DMS, { inode: NEW }),
    lock(23, STRANGER, "write", WRITE, { inode: NEW }),
    returns(24, STRANGER, "step", 101),
    is(110, "database", null),
  ]);
  expect(pidsOf(lines).has(STRANGER)).toBe(false);
});

test.each([null, SHM])("a look that took long, and found %s where a newer -shm is by now, changes nothing", (found) => {
  const { locks } = interpret([
    ...start(),
    stays(0, 10),
    is(15, "database", DATABASE + 1000), // replaced: whether the -shm has stayed is in doubt
    call(30, OURS, "step", "begin immediate"),
    lock(31, OURS, "read", SHARED, { inode: DATABASE + 1000 }),
    lock(32, OURS, "write", DMS, { inode: NEW }),
    lock(33, OURS, "write", WRITE, { inode: NEW }),
    returns(34, OURS, "step", 101),
    { ...is(50, "shm", found), lookedMs: 20 } as SourceEvent,
    lock(60, OURS, "unlock", WRITE, { inode: NEW }),
  ]);
  expect(locks).toContainEqual(expect.objectContaining({ lock: "WRITE", fromMs: 33, toMs: 60, atLeast: false }));
});

test("a -shm that has the inode of the one before the last is newer, too, than what a slow look found", () => {
  const opens = (atMs: number, inode: number) => [
    call(atMs, OURS, "step", "begin immediate"),
    lock(atMs + 1, OURS, "read", SHARED),
    lock(atMs + 2, OURS, "write", DMS, { inode }),
    lock(atMs + 3, OURS, "write", WRITE, { inode }),
    returns(atMs + 4, OURS, "step", 101),
  ];
  const { locks } = interpret([
    ...start(),
    stays(0, 10),
    ...opens(11, SHM),
    closes(18, OURS, SHM),
    closes(19, OURS, DATABASE),
    ...opens(30, SHM),
    { ...is(50, "shm", NEW), lookedMs: 20 } as SourceEvent,
    lock(60, OURS, "unlock", WRITE),
  ]);
  expect(locks).toContainEqual(expect.objectContaining({ lock: "WRITE", fromMs: 33, toMs: 60, atLeast: false }));
});

test("a child of a fork has no lock on the database, and its locks on the -shm are known by that", () => {
  const { locks } = interpret([
    ...start(),
    stays(0, 50),
    lock(10, OURS, "read", SHARED),
    lock(20, CHILD, "write", WRITE),
    stays(50, 90),
    lock(95, CHILD, "unlock", WRITE), // whether the -shm has stayed is not known yet
    lock(96, CHILD, "write", WRITE),
    lock(97, CHILD, "unlock", WRITE),
  ]);
  expect(locks.filter(({ pid }) => pid === CHILD).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [20, 95],
    [96, 97],
  ]);
});

test.each([
  ["made and deleted between two looks", changes(10, 100, null), 1],
  ["not while nothing changed in its folder", is(10, "database", null), 0],
])("a database that was %s is told as unknown, once of each process", (_, event, count) => {
  const lines = interpret([
    is(0, "database", null),
    event,
    lock(20, OURS, "read", SHARED, { inode: NEW }),
    lock(30, OURS, "write", RESERVED, { inode: NEW }),
    lock(110, STRANGER, "read", SHARED, { inode: NEW }),
  ]);
  expect(unseen(lines)).toEqual(Array(count).fill(["lock", "unseen-file", [OURS], "/data/a.db"]));
});

test.each([
  ["its own -shm", OURS],
  ["a stranger's -shm", STRANGER],
])("the inode of a database that was deleted is that of %s: its locks are not the database's", (_, pid) => {
  const { locks, all } = interpret([
    ...start(null),
    lock(10, OURS, "read", SHARED),
    changes(50, 100, DATABASE),
    lock(60, pid, "write", DMS, { inode: DATABASE }),
    lock(61, pid, "write", WRITE, { inode: DATABASE }),
    lock(62, pid, "unlock", WRITE, { inode: DATABASE }),
    lock(63, OURS, "write", RESERVED), // it may be any database by now
    lock(64, OURS, "unlock", RESERVED),
    is(110, "database", DATABASE + 1000),
  ]);
  expect(locks.map(({ lock: name, toMs, atLeast }) => [name, toMs, atLeast])).toEqual([["SHARED", 60, true]]);
  expect(unseen({ all } as Lines)).toEqual(
    [...new Set([pid, OURS])].map((each) => ["lock", "unseen-file", [each], "/data/a.db"]),
  );
});

test("another program's lock on other bytes of the database is on it, while the path has led to no other file", () => {
  const { locks } = interpret([
    ...start(null),
    changes(50, 100, DATABASE),
    is(100, "database", DATABASE),
    lock(110, OURS, "write", WRITE, { inode: DATABASE }),
    lock(111, OURS, "unlock", WRITE, { inode: DATABASE }),
  ]);
  expect(locks.map(({ lock: name }) => name)).toEqual(["FOREIGN"]);
});

test("a child of a fork that locks the -shm, while whether that has stayed is not known, is told as unknown", () => {
  const lines = interpret([
    ...start(),
    stays(0, 50),
    lock(10, OURS, "read", SHARED),
    lock(60, CHILD, "write", WRITE),
    lock(61, CHILD, "unlock", WRITE),
  ]);
  expect(lines.locks.filter(({ pid }) => pid === CHILD)).toEqual([]);
  expect(unseen(lines)).toEqual([["lock", "unseen-file", [CHILD], "/data/a.db"]]);
});

test("of each time between two looks a process is told once; many are told as one, without a name", () => {
  const times = [0, 1_000];
  const lines = interpret([
    is(0, "database", null),
    ...times.flatMap((ms) => [
      changes(ms, ms + 900, null),
      lock(ms + 10, OURS, "read", SHARED, { inode: NEW }),
      lock(ms + 20, OURS, "write", RESERVED, { inode: NEW }),
    ]),
    changes(2_000, 3_000, null),
    ...Array.from({ length: 110 }, (_, i) => lock(2_100 + i, 1_000 + i, "read", SHARED, { inode: NEW })),
  ]);
  const told = lines.all.flatMap((line) => (line.type === "unknown" ? [[line.atMs, line.toMs, line.pids]] : []));
  expect(told.slice(0, 2)).toEqual([
    [10, 900, [OURS]],
    [1_010, 1_900, [OURS]],
  ]);
  expect(told).toHaveLength(101);
  expect(told.at(-1)).toEqual([expect.any(Number), undefined, []]);
});
