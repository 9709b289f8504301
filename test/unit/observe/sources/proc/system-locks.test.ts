import { describe, expect, test } from "vitest";
import { ownerOf } from "../../../../../src/model/lock.ts";
import {
  type DescriptorView,
  locksNotInDescriptors,
  ownersToReadAgain,
  unexplainedLocks,
} from "../../../../../src/observe/sources/proc/system-locks.ts";
import type { KernelLock } from "../../../../../src/proc/locks.ts";
import { handleSeen, kernelLock } from "../../../../support/snapshot.ts";

/** Processes with a handle on the database, and the locks that their descriptors show. */
function view(shown: Record<number, KernelLock[]>, change: Partial<DescriptorView> = {}): DescriptorView {
  const handles = new Map(Object.entries(shown).map(([pid, locks]) => [Number(pid), [handleSeen({ locks })]]));
  return { handles, denied: new Set(), gone: new Set(), complete: true, onSameInode: [], ...change };
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

  test("who waits for an OFD lock or a flock counts only where some descriptors could not be seen", () => {
    const waiters = [
      kernelLock({ api: "ofd", pid: null, waiting: true }),
      kernelLock({ api: "flock", pid: 7, waiting: true }),
    ];
    expect(news(waiters, view({}))).toEqual([]);
    expect(news(waiters, view({}, { complete: false }))).toEqual(waiters);
  });
});

describe("unexplainedLocks", () => {
  const mine = kernelLock({ pid: 7 });
  const ofd = kernelLock({ api: "ofd", pid: null });
  const flock = kernelLock({ api: "flock", pid: 7 });
  const remote = kernelLock({ pid: null });

  test.each<[string, KernelLock[], DescriptorView, KernelLock[]]>([
    ["an OFD lock and a flock that no descriptor shows", [ofd, flock], view({}), [ofd, flock]],
    ["an OFD lock that a descriptor shows", [ofd], view({ 8: [ofd] }), []],
    ["a flock is the same, whichever pid took it", [flock], view({ 8: [{ ...flock, pid: 6 }] }), []],
    ["two equal OFD locks, of which one is shown", [ofd, ofd], view({ 8: [ofd] }), [ofd]],
    ["two equal OFD locks, both shown", [ofd, ofd], view({ 8: [ofd], 9: [ofd] }), []],
    ["one OFD lock that a child's copy of the descriptor shows, too", [ofd], view({ 8: [ofd], 9: [ofd] }), []],
    ["of a process that has the file open", [mine], view({ 7: [] }), []],
    ["of a process that could not be looked into", [mine], view({}, { denied: new Set([7]) }), []],
    ["of a process that is gone", [mine], view({}, { gone: new Set([7]) }), [mine]],
    ["of a process that has the file open nowhere", [mine], view({}), [mine]],
    ["of a pid that another process's descriptors show: they share them", [mine], view({ 8: [mine] }), []],
    ["of another machine: lockd gives it no pid", [remote], view({}), [remote]],
    [
      "who only waits",
      [
        { ...mine, waiting: true },
        { ...ofd, waiting: true },
      ],
      view({}),
      [],
    ],
  ])("%s", (_, locks, seen, expected) => {
    const lines = locks.map((lock) => ({ lock }));
    expect(unexplainedLocks(lines, seen).map(({ lock }) => lock)).toEqual(expected);
  });

  test.each<[string, KernelLock, DescriptorView, boolean]>([
    ["of a process that was read: it is on the other file", mine, view({}), false],
    ["of one that is gone", mine, view({}, { gone: new Set([7]) }), true],
    ["an OFD lock", ofd, view({}), true],
    ["an OFD lock that is shown", ofd, view({ 8: [ofd] }), false],
    ["an OFD lock that a descriptor on the other file shows", ofd, view({}, { onSameInode: [ofd] }), false],
  ])("on an inode number that another file may have: %s", (_, lock, seen, expected) => {
    expect(unexplainedLocks([{ lock, ambiguous: true }], seen)).toHaveLength(expected ? 1 : 0);
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
