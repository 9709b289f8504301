import { describe, expect, test } from "vitest";
import { ownerOf } from "../../../../../src/model/lock.ts";
import {
  type DescriptorView,
  locksNotInDescriptors,
  ownersToReadAgain,
} from "../../../../../src/observe/sources/proc/system-locks.ts";
import type { KernelLock } from "../../../../../src/proc/locks.ts";
import { handleSeen, kernelLock } from "../../../../support/snapshot.ts";

/** Processes with a handle on the database, and the locks that their descriptors show. */
function view(shown: Record<number, KernelLock[]>, change: Partial<DescriptorView> = {}): DescriptorView {
  const handles = new Map(Object.entries(shown).map(([pid, locks]) => [Number(pid), [handleSeen({ locks })]]));
  return { handles, denied: new Set(), complete: true, ...change };
}

const news = (locks: KernelLock[], seen: DescriptorView) =>
  locksNotInDescriptors(
    locks.map((lock) => ({ lock })),
    seen,
  ).map(({ lock }) => lock);

describe("locksNotInDescriptors", () => {
  const mine = kernelLock({ pid: 7 });

  test("what a descriptor shows is no news, even where the two name other devices", () => {
    expect(news([mine], view({ 7: [mine] }))).toEqual([]);
    expect(news([mine], view({ 7: [{ ...mine, device: "0:43" }] }))).toEqual([]);
  });

  test("what no descriptor shows is, of a process that has the file or could not be looked into", () => {
    expect(news([mine], view({ 7: [] }))).toEqual([mine]);
    expect(news([mine], view({}, { denied: new Set([7]) }))).toEqual([mine]);
  });

  test("a process that was read and has no handle on the file locks another one of the same inode number", () => {
    expect(news([mine], view({}))).toEqual([]);
  });

  test("a lock of another type or range is another lock", () => {
    const other = { ...mine, type: "write" } as const;
    expect(news([other], view({ 7: [mine] }))).toEqual([other]);
    const longer = { ...mine, end: null };
    expect(news([longer], view({ 7: [mine] }))).toEqual([longer]);
  });

  test("waiters have no line in fdinfo", () => {
    const waiter = { ...mine, waiting: true };
    expect(news([waiter], view({ 7: [mine] }))).toEqual([waiter]);
  });

  test("OFD and flock locks without a descriptor count only where some descriptors could not be seen", () => {
    const ofd = kernelLock({ api: "ofd", pid: null });
    const flock = kernelLock({ api: "flock", pid: 7 });
    expect(news([ofd, flock], view({}))).toEqual([]);
    expect(news([ofd, flock], view({}, { complete: false }))).toEqual([ofd, flock]);
  });

  test("a flock is the same, whichever pid took it", () => {
    const flock = kernelLock({ api: "flock", pid: 7 });
    expect(news([flock], view({ 8: [{ ...flock, pid: 6 }] }, { complete: false }))).toEqual([]);
  });

  test("a POSIX lock of a pid that this namespace does not have is nobody's", () => {
    expect(news([kernelLock({ pid: null })], view({}, { complete: false }))).toEqual([]);
  });
});

describe("ownersToReadAgain", () => {
  const mine = kernelLock({ pid: 7 });

  test("an owner whose descriptors do not show the lock, once", () => {
    expect(ownersToReadAgain([mine, { ...mine, start: 0n }], view({ 7: [] }))).toEqual([7]);
  });

  test("none where they agree, where nothing could be looked into, and for waiters", () => {
    expect(ownersToReadAgain([mine], view({ 7: [mine] }))).toEqual([]);
    expect(ownersToReadAgain([mine], view({}, { denied: new Set([7]) }))).toEqual([]);
    expect(ownersToReadAgain([{ ...mine, waiting: true }], view({ 7: [] }))).toEqual([]);
  });
});

test("only a POSIX lock is proof of its owner", () => {
  expect(ownerOf(kernelLock({ pid: 7 }))).toBe(7);
  expect(ownerOf(kernelLock({ api: "flock", pid: 7 }))).toBeNull();
  expect(ownerOf(kernelLock({ api: "ofd", pid: null }))).toBeNull();
});
