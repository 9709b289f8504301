import { expect, test } from "vitest";
import { OwnEvents } from "../../../../src/features/kernel-source/own-events.ts";
import type { FileEvent, LockEvent, SourceEvent } from "../../../../src/recording/source-event.ts";

const ended = (pid: number, atMs: number): SourceEvent => ({ kind: "ended", atMs, pid });
const file = (inode: number, atMs: number): FileEvent => ({
  ...{ kind: "file", atMs, database: 0, role: "database", device: 1, inode },
});
const lock = (inode: number, atMs: number, start = 0x40000000): LockEvent => ({
  ...{ kind: "lock", atMs, tid: 1, pid: 1, device: 1, inode, owner: 1, operation: "read", start, end: start },
  ...{ api: "posix", closes: false, outcome: "granted" },
});

function delivered(own: OwnEvents, untilMs: number): number[] {
  const times: number[] = [];
  own.deliver(untilMs, ({ atMs }) => times.push(atMs));
  return times;
}

test("in the order of time; what is newer, or added meanwhile, waits for the next delivery", () => {
  const own = new OwnEvents();
  own.add(ended(1, 3), ended(2, 1), ended(3, 9));
  own.begin();
  own.add(ended(4, 2));
  expect([delivered(own, 2), delivered(own, 4), delivered(own, 4)]).toEqual([[1], [3], []]);
  own.end();
  own.begin();
  expect(delivered(own, Number.POSITIVE_INFINITY)).toEqual([2, 9]);
});

test("what is to be delivered at once does not wait", () => {
  const own = new OwnEvents();
  own.add(ended(1, 1));
  expect(own.addedBy(() => own.add(ended(2, 2)))).toEqual([ended(2, 2)]);
  own.begin();
  expect(delivered(own, 9)).toEqual([1]);
});

test("a new file begins at its first lock, once, and not where it was told before", () => {
  const own = new OwnEvents();
  own.add(file(7, 1), file(8, 5), file(9, 6));
  own.begin();
  expect(delivered(own, 2)).toEqual([1]);
  expect(own.changeBefore(lock(7, 3))).toBeNull();
  expect(own.changeBefore(lock(8, 4, 120))).toBeNull(); // of a -shm that had this inode before
  expect(own.changeBefore({ ...lock(8, 4), closes: true })).toBeNull();
  expect(own.changeBefore(lock(8, 4))).toEqual(file(8, 4));
  expect(own.changeBefore(lock(8, 4))).toBeNull();
  expect(delivered(own, 9)).toEqual([6]);
});

test("that a file has stayed until then says nothing of a lock before", () => {
  const own = new OwnEvents();
  own.add({ ...file(8, 5), untilMs: 9 });
  own.begin();
  expect(own.changeBefore(lock(8, 4))).toBeNull();
  expect(delivered(own, 9)).toEqual([5]);
});

test("an older file, which a look before has found, does not come after a newer one", () => {
  const own = new OwnEvents();
  own.add(file(7, 5), file(8, 9), { ...file(6, 6), database: 1 });
  own.begin();
  expect(own.changeBefore(lock(8, 4))).toEqual(file(8, 4));
  const inodes: unknown[] = [];
  own.deliver(9, (event) => inodes.push(event.kind === "file" && event.inode));
  expect(inodes).toEqual([6]);
});

test("a lock from before the file was made is on one that had its inode before", () => {
  const own = new OwnEvents();
  own.add({ ...file(8, 9), bornMs: 5 });
  own.begin();
  expect(own.changeBefore(lock(8, 4))).toBeNull();
  expect(own.changeBefore(lock(8, 6))).toMatchObject({ inode: 8, atMs: 6 });
});
