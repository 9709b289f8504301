import { describe, expect, test } from "vitest";
import type { SystemLock } from "../../../../../src/observe/sources/proc/system-locks.ts";
import {
  type Effort,
  hiddenLocks,
  type LockLook,
  locksThatChangeHands,
  locksWithoutOwner,
  nextStep,
} from "../../../../../src/observe/sources/proc/unexplained.ts";
import { kernelLock, look as lookAt, reserved } from "../../../../support/snapshot.ts";

const [{ target }] = lookAt({});

function systemLock(lock: SystemLock["lock"], ambiguous = false): SystemLock {
  return { target, role: "database", lock, ambiguous };
}

const OFD = systemLock(kernelLock({ api: "ofd", pid: null }));

/** A process that was gone when its descriptors were to be read. */
const gone = (pid: number) => systemLock(reserved(pid));

/** Looks at 0, 10, 20 … ms: what each leaves open, and the newcomers that it caught. */
function looks(...each: (readonly [readonly SystemLock[], SystemLock[]?])[]): LockLook[] {
  return each.map(([unexplained, ofNewcomers = []], i) => ({ atMs: 10 * i, unexplained, ofNewcomers }));
}

const times = (n: number, lock: SystemLock) => looks(...Array.from({ length: n }, () => [[lock]] as const));

describe("nextStep", () => {
  const EFFORT: Effort = { maySearch: true, searchedAfter: null, spentMs: 20 };

  test.each<[string, LockLook[], Partial<Effort>, ReturnType<typeof nextStep>]>([
    ["every lock is explained: one look", looks([[]]), {}, "done"],
    ["a lock of a process that is gone", looks([[gone(7)]]), {}, "look-again"],
    ["and it has been released", looks([[gone(7)]], [[]]), {}, "look-again"],
    ["in two looks", looks([[gone(7)]], [[]], [[]]), {}, "done"],
    ["a newcomer that holds a lock", looks([[], [gone(7)]]), {}, "look-again"],
    ["that stays", looks([[], [gone(7)]], [[], [gone(7)]]), {}, "done"],
    ["that is another one now", looks([[], [gone(7)]], [[], [gone(8)]]), {}, "look-again"],
    ["the same lock of the same pid in two looks: who has it?", times(2, gone(7)), {}, "search-threads"],
    ["not where only owners are looked at", times(2, gone(7)), { maySearch: false }, "done"],
    ["the look after the search", times(2, gone(7)), { searchedAfter: 2 }, "look-again"],
    ["the search has not found it", times(3, gone(7)), { searchedAfter: 2 }, "done"],
    ["the search has found it", looks([[gone(7)]], [[gone(7)]], [[]]), { searchedAfter: 2 }, "look-again"],
    ["and it stays found", looks([[gone(7)]], [[gone(7)]], [[]], [[]]), { searchedAfter: 2 }, "done"],
    ["another process each time", looks([[gone(7)]], [[gone(8)]]), {}, "look-again"],
    ["for long", looks(...Array.from({ length: 12 }, (_, i) => [[gone(i)]] as const)), {}, "done"],
    ["until the time is up", looks([[gone(7)]], [[gone(8)]]), { spentMs: 200 }, "done"],
    ["an OFD lock, once", looks([[OFD]]), {}, "look-again"],
    ["an OFD lock in two looks", times(2, OFD), {}, "search-threads"],
    ["beside a lock that changes hands", looks([[OFD, gone(7)]], [[OFD, gone(8)]]), {}, "search-threads"],
    [
      "after the search it takes more looks: a busy program may show it",
      times(4, OFD),
      { searchedAfter: 2 },
      "look-again",
    ],
    ["fewer where each takes long", times(4, OFD), { searchedAfter: 2, spentMs: 1000 }, "done"],
    ["eight are enough", times(8, OFD), { searchedAfter: 2 }, "done"],
    ["a look that explains it: it comes and goes", looks([[OFD]], [[]]), {}, "done"],
    ["also where it is back", looks([[OFD]], [[]], [[OFD]]), {}, "done"],
  ])("%s", (_, seen, change, expected) => {
    expect(nextStep(seen, { ...EFFORT, ...change })).toBe(expected);
  });
});

describe("what is told", () => {
  test.each<[string, LockLook[], SystemLock[]]>([
    ["an OFD lock that no look explains", times(8, OFD), [OFD]],
    ["two equal ones, of which one is explained by one look", looks([[OFD, OFD]], [[OFD]]), [OFD]],
    ["none that a look explains", looks([[OFD]], [[]], [[OFD]]), []],
    ["a lock of a pid that is gone, which stays", times(3, gone(7)), [gone(7)]],
    ["one that the last look has alone, as it changes hands", looks([[gone(7)]], [[gone(8)]]), [gone(8)]],
    ["none that was released", looks([[gone(7)]], [[]], [[]]), []],
  ])("%s", (_, seen, expected) => {
    expect(locksWithoutOwner(seen)).toEqual(expected);
  });

  test("a lock is hidden where two looks in a row have it", () => {
    expect(hiddenLocks(looks([[gone(7)]], [[gone(8)]]))).toEqual([]);
    expect(hiddenLocks(looks([[gone(7)]], [[gone(8)]], [[gone(8)]]))).toEqual([gone(8)]);
  });
});

describe("locksThatChangeHands", () => {
  test.each<[string, LockLook[], [number[], number][]]>([
    ["one after the other", looks([[gone(7)]], [[gone(8)]], [[gone(9)]]), [[[7, 8, 9], 20]]],
    ["with a moment between them", looks([[gone(7)]], [[]], [[gone(9)]]), [[[7, 9], 20]]],
    ["one was caught while it lived", looks([[], [gone(7)]], [[gone(8)]]), [[[7, 8], 10]]],
    ["both left, and nobody has it now", looks([[gone(7)]], [[gone(8)]], [[]], [[]]), [[[7, 8], 10]]],
    ["one that came and left", looks([[gone(7)]], [[]], [[]]), []],
    ["one that stays", times(3, gone(7)), []],
    ["two readers that stay, the second a little later", looks([[gone(7)]], [[gone(7), gone(8)]]), []],
    ["two readers of which one leaves", looks([[gone(7), gone(8)]], [[gone(8)]]), []],
    ["an OFD lock has no pid", times(3, OFD), []],
    ["what may be on another file", looks([[systemLock(reserved(7), true)]], [[systemLock(reserved(8), true)]]), []],
  ])("%s", (_, seen, expected) => {
    const found = locksThatChangeHands(seen);
    expect(found.map(({ pids, withinMs }) => [pids, withinMs])).toEqual(expected);
    expect(found.every(({ lock, role }) => lock.pid === null && role === "database")).toBe(true);
  });

  test("by lock", () => {
    const shared = (pid: number) => systemLock(kernelLock({ pid }));
    const found = locksThatChangeHands(looks([[gone(7), shared(1)]], [[gone(8), shared(2)]]));
    expect(found.map(({ pids }) => pids)).toEqual([
      [7, 8],
      [1, 2],
    ]);
  });
});
