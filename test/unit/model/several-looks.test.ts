/** What several looks show that one does not. */
import { describe, expect, test } from "vitest";
import type { Holder, Wait } from "../../../src/model/report.ts";
import {
  isActive,
  type Look,
  mayLetGoSoon,
  needsAnotherLook,
  needsSecondLook,
  withMoreLooks,
} from "../../../src/model/several-looks.ts";
import { blocker, database, holder, lock, walWriter } from "../../support/report.ts";

const look = (changeCounter: number | null, readAtMs: number, change: Partial<Look["database"]> = {}): Look => ({
  database: { holders: [], waits: [], ...change },
  commits: changeCounter === null ? null : { mark: { kind: "rollback", changeCounter, journal: null }, readAtMs },
  atMs: readAtMs,
  partial: false,
});
const exclusive = { holders: [holder({ activity: "exclusive", locks: [lock("EXCLUSIVE")] })] };
const progress = (...looks: [Look, ...Look[]]) => withMoreLooks(database(), looks).progress;

test.each<[Parameters<typeof isActive>[0], boolean]>([
  [{ state: "running", idleMs: 0 }, true],
  [{ state: "sleeping", idleMs: 999 }, true],
  [{ state: "sleeping", idleMs: 1000 }, false],
  [{ state: "sleeping", idleMs: null }, true],
  [{ state: "stopped", idleMs: 20 }, false],
  [{ state: "traced", idleMs: 20 }, false],
])("%j has just run: %s", (change, expected) => {
  expect(isActive(change)).toBe(expected);
});

const commitWait: Wait = {
  pid: 1,
  for: "commit",
  lock: "EXCLUSIVE",
  blockedBy: [2, 3],
  byUnknown: false,
  sure: "likely",
};

describe("a lock that a later look does not show", () => {
  const held = { holders: [walWriter()] };
  test.each<[string, [Look, ...Look[]], number[] | undefined]>([
    ["released", [look(null, 0, held), look(null, 50)], [4242]],
    ["still held", [look(null, 0, held), look(null, 50, held)], undefined],
    ["released, and taken again", [look(null, 0, held), look(null, 50), look(null, 57, held)], [4242]],
    ["not all locks were seen", [look(null, 0, held), { ...look(null, 50), partial: true }], undefined],
    ["nobody had it", [look(null, 0), look(null, 50, held)], undefined],
    ["with commits counted", [look(1, 0, held), look(4, 50)], [4242]],
  ])("%s", (_, looks, expected) => {
    expect(progress(...looks)?.released).toEqual(expected);
  });

  test("is looked for again where no commits can be counted", () => {
    expect(needsAnotherLook([look(null, 0, held), look(null, 50, held)])).toBe(true);
    expect(needsAnotherLook([look(null, 0, held), look(null, 50)])).toBe(false);
  });
});

test("a second look is for a blocker that runs, and for who seems to wait for readers", () => {
  expect(needsSecondLook({ holders: [walWriter({ idleMs: 20 })], waits: [] })).toBe(true);
  expect(needsSecondLook({ holders: [walWriter({ idleMs: 60_000 })], waits: [commitWait] })).toBe(true);
  expect(needsSecondLook({ holders: [walWriter({ idleMs: 60_000 })], waits: [] })).toBe(false);
  expect(needsSecondLook({ holders: [holder({ idleMs: 20, blocks: ["commits"] })], waits: [] })).toBe(true);
  expect(needsSecondLook({ holders: [holder({ idleMs: 60_000, blocks: ["commits"] })], waits: [] })).toBe(false);
  expect(needsSecondLook({ holders: [holder({ idleMs: 20, blocks: ["checkpoints"] })], waits: [] })).toBe(false);
  expect(needsSecondLook({ holders: [], waits: [{ ...commitWait, for: "lock", sure: "proved" }] })).toBe(false);
});

test("a read of a process that runs is looked for again, until a look is without it, or a commit gets through", () => {
  const reads = { holders: [holder({ idleMs: 20, blocks: ["commits"] })] };
  expect(needsAnotherLook([look(7, 0, reads), look(7, 50, reads)])).toBe(true);
  expect(needsAnotherLook([look(7, 0, reads), look(7, 50)])).toBe(false);
  expect(needsAnotherLook([look(7, 0, reads), look(9, 50, reads)])).toBe(false);
  const asleep = { holders: [holder({ idleMs: 60_000, blocks: ["commits"] })] };
  expect(needsAnotherLook([look(7, 0, asleep), look(7, 50, asleep)])).toBe(false);
});

describe("who may let go soon is looked at for longer", () => {
  const by = (change: Partial<Holder>, more: Partial<Look["database"]> = {}) => ({
    holders: [walWriter({ state: "sleeping", idleMs: 20, heldAtLeastMs: 20, heldLikelyMs: null, ...change })],
    ...more,
  });
  const wait: Wait = { pid: 4242, for: "commit", lock: "EXCLUSIVE", blockedBy: [7], byUnknown: false, sure: "likely" };
  test.each<[string, Partial<Look["database"]>, Partial<Look["database"]>, boolean]>([
    ["a writer that runs", by({}), by({}), true],
    ["a read that blocks commits", by({ blocks: ["commits"] }), by({ blocks: ["commits"] }), true],
    ["a read that blocks nobody", by({ blocks: ["checkpoints"] }), by({ blocks: ["checkpoints"] }), false],
    ["asleep", by({ idleMs: 1000 }), by({ idleMs: 1000 }), false],
    ["stopped", by({ state: "stopped" }), by({ state: "stopped" }), false],
    ["proved to be old by a later look", by({}), by({ heldAtLeastMs: 1000 }), false],
    ["likely old", by({ heldLikelyMs: 1000 }), by({ heldLikelyMs: 1000 }), false],
    ["released", by({}), {}, false],
    ["another's by now", by({}), by({ pid: 7 }), false],
    ["one that waits for another", by({}, { waits: [wait] }), by({}, { waits: [wait] }), false],
  ])("%s", (_, first, second, expected) => {
    expect(mayLetGoSoon([look(1, 0, first), look(1, 50, second)])).toBe(expected);
  });

  test("not once a commit was counted", () => {
    expect(mayLetGoSoon([look(1, 0, by({})), look(4, 50, by({}))])).toBe(false);
  });
});

describe("in every look", () => {
  const held = { holders: [walWriter()] };
  test.each<[string, [Look, ...Look[]], number[] | undefined]>([
    ["the same", [look(1, 0, held), look(1, 50, held), look(1, 60, held)], [4242]],
    ["released in between", [look(1, 0, held), look(1, 50), look(1, 60, held)], undefined],
    [
      "did something else meanwhile",
      [look(1, 0, held), look(1, 50, { holders: [walWriter({ activity: "checkpointing" })] })],
      undefined,
    ],
    ["not all locks were seen", [look(1, 0, held), { ...look(1, 50, held), partial: true }], undefined],
    ["a look that may miss locks", [look(1, 0, held), { ...look(1, 50, held), mayMiss: true }], undefined],
  ])("%s", (_, looks, expected) => {
    expect(progress(...looks)?.inEachLook).toEqual(expected);
    expect(progress(...looks)?.looks).toBe(expected === undefined ? undefined : looks.length);
  });

  test("the greatest age that was proved counts", () => {
    const at = (heldAtLeastMs: number | null) => ({ holders: [walWriter({ heldAtLeastMs })] });
    const first = database({
      ...at(20),
      blockers: [blocker({ heldAtLeastMs: 20 }), blocker({ pid: null, heldAtLeastMs: null })],
    });
    const seen = withMoreLooks(first, [look(1, 0, at(20)), look(1, 50, at(null)), look(1, 600, at(640))]);
    expect(seen.holders).toMatchObject([{ heldAtLeastMs: 640 }]);
    expect(seen.blockers.map(({ heldAtLeastMs }) => heldAtLeastMs)).toEqual([640, null]);
    const released = withMoreLooks(first, [look(1, 0, at(20)), look(1, 50), look(1, 600, at(640))]);
    expect(released.holders).toMatchObject([{ heldAtLeastMs: 20 }]);
  });
});

test("which processes blocked in one of the looks", () => {
  const by = (pid: number) => ({ holders: [walWriter({ pid })] });
  expect(progress(look(1, 0, by(1)), look(4, 50, by(2)))).toMatchObject({ seen: [1, 2], released: [1] });
  expect(progress(look(1, 0), look(4, 50))).not.toHaveProperty("seen");
});

describe("progress", () => {
  test("commits between the first look and the last, or between each and the next", () => {
    expect(progress(look(7, 100), look(7, 152))).toEqual({ commits: 0, counterMoved: false, withinMs: 52 });
    expect(progress(look(7, 100), look(10, 151.6))).toEqual({ commits: 2, counterMoved: true, withinMs: 52 });
    expect(progress(look(7, 100), look(8, 150), look(9, 160))).toEqual({
      commits: 1,
      counterMoved: true,
      withinMs: 60,
    });
  });

  test("unknown where a look has no counter", () => {
    expect(progress(look(null, 100), look(7, 152))).toBeNull();
    expect(progress(look(7, 100), look(null, 152))).toBeNull();
  });

  test("one that has EXCLUSIVE in each look may never have let go of it: one look without is enough", () => {
    expect(progress(look(7, 0, exclusive), look(9, 50, exclusive))).toMatchObject({ commits: 0 });
    expect(progress(look(7, 0, exclusive), look(9, 50, exclusive), look(9, 60))).toMatchObject({ commits: 1 });
    const reserved = {
      holders: exclusive.holders.map((each) => ({ ...each, locks: [...each.locks, lock("RESERVED")] })),
    };
    expect(progress(look(7, 0, reserved), look(9, 50, reserved))).toMatchObject({ commits: 1 });
    expect(progress(look(7, 0, reserved), look(8, 50, reserved))).toMatchObject({ commits: 0 });
    expect(progress(look(7, 0, reserved), look(9, 50, exclusive))).toMatchObject({ commits: 0 });
    const another = { holders: exclusive.holders.map((each) => ({ ...each, pid: 4243 })) };
    expect(progress(look(7, 0, exclusive), look(9, 50, another))).toMatchObject({ commits: 1 });
  });

  test("another look is for a counter that has moved and proves nothing yet", () => {
    expect(needsAnotherLook([look(7, 0), look(8, 50)])).toBe(true);
    expect(needsAnotherLook([look(7, 0), look(7, 50)])).toBe(false);
    expect(needsAnotherLook([look(7, 0), look(9, 50)])).toBe(false);
    expect(needsAnotherLook([look(7, 0), look(null, 50)])).toBe(false);
  });
});

describe("waits", () => {
  const seen = (
    second: readonly Wait[],
    counters: [number | null, number | null] = [7, 7],
    holders: readonly Holder[] = [],
  ) =>
    withMoreLooks(
      database({
        waits: [commitWait],
        blockers: [
          {
            pid: 1,
            lock: "PENDING",
            effect: "readers",
            heldAtLeastMs: null,
            heldLikelyMs: null,
            sure: "proved",
            waitsFor: [2, 3],
          },
        ],
      }),
      [look(counters[0], 0), look(counters[1], 50, { waits: second, holders })],
    );

  test("proved for the readers that each look shows, with no commit in between", () => {
    const { waits, blockers } = seen([{ ...commitWait, blockedBy: [3, 4] }]);
    expect(waits).toEqual([{ ...commitWait, blockedBy: [3], sure: "proved" }]);
    expect(blockers).toMatchObject([{ waitsFor: [3] }]);
  });

  test("likely where commits cannot be counted", () => {
    expect(seen([commitWait], [null, null]).waits).toEqual([commitWait]);
  });

  test("likely where the one that waits has not run for longer than SQLite sleeps between two tries", () => {
    const sure = (idleMs: number) => seen([commitWait], [7, 7], [holder({ pid: 1, idleMs })]).waits[0]?.sure;
    expect([999, 1000].map(sure)).toEqual(["proved", "likely"]);
  });

  test("silent: over by the second look, with other readers, or with a commit in between", () => {
    expect(seen([]).waits).toEqual([]);
    expect(seen([{ ...commitWait, blockedBy: [9] }]).waits).toEqual([]);
    expect(seen([commitWait], [7, 9])).toMatchObject({ waits: [], blockers: [{ waitsFor: [] }] });
  });

  test("a look that may have missed locks refutes none, and proves none", () => {
    const waiting = { ...database({ waits: [commitWait] }) };
    const missed = { ...look(7, 50), mayMiss: true };
    expect(withMoreLooks(waiting, [look(7, 0), missed]).waits).toEqual([commitWait]);
    expect(withMoreLooks(waiting, [look(7, 0), missed, look(7, 60)]).waits).toEqual([]);
  });

  test("what the kernel says needs no second look", () => {
    const inKernel: Wait = { ...commitWait, for: "lock", sure: "proved" };
    expect(withMoreLooks(database({ waits: [inKernel] }), [look(7, 0), look(9, 50)]).waits).toEqual([inKernel]);
  });
});
