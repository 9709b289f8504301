import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Episodes, type HeldLock, type LockEvent, MIN_MISSES } from "../../../../src/features/watch/episodes.ts";
import { heldLock } from "../../../support/watch-event.ts";

/** Readings 2 ms apart. */
function run(readings: readonly (readonly HeldLock[])[]): LockEvent[] {
  const episodes = new Episodes();
  return readings.flatMap((locks, i) => episodes.next(i * 2, locks));
}

const brief = (events: readonly LockEvent[]) => events.map(({ event, atMs, heldMs }) => [event, atMs, heldMs]);

test("taken and released: from the first reading that has it to the first that lacks it", () => {
  const lock = heldLock();
  expect(brief(run([[], [lock], [lock], [], []]))).toEqual([
    ["acquired", 2, null],
    ["released", 6, 4],
  ]);
});

test("missing in one reading is not released, doubled is one lock, a merged range is the same lock", () => {
  const lock = heldLock();
  expect(brief(run([[], [lock, lock], [], [heldLock({ end: 121n })], [lock], [], []]))).toEqual([
    ["acquired", 2, null],
    ["released", 10, 8],
  ]);
});

test("there in the first reading: held, and how long it was is a lower bound", () => {
  const lock = heldLock();
  expect(run([[lock], [], []])).toMatchObject([
    { event: "held", atLeast: true },
    { event: "released", heldMs: 2, atLeast: true },
  ]);
});

test("read and write, two processes, two files, two ranges that are not SQLite's: each a lock of its own", () => {
  const locks = [
    heldLock({ lock: "READ1" }),
    heldLock({ lock: "READ1", type: "read" }),
    heldLock({ pid: 4243 }),
    heldLock({ file: "8:1:78" }),
    heldLock({ lock: "FOREIGN", start: 1n }),
    heldLock({ lock: "FOREIGN", start: 2n }),
  ];
  expect(run([[], locks])).toHaveLength(locks.length);
});

test("in doubt while something is missing", () => {
  const episodes = new Episodes();
  episodes.next(0, [heldLock()]);
  expect(episodes.inDoubt).toBe(false);
  episodes.next(2, [], 3);
  expect(episodes.inDoubt).toBe(true);
  expect(episodes.isHeldOn("8:1:77")).toBe(true);
  expect(episodes.next(4, [], 3)).toEqual([]);
  expect(episodes.next(6, [], 3)).toMatchObject([{ event: "released", atMs: 2 }]);
  expect(episodes.isHeldOn("8:1:77")).toBe(false);
});

const anyReadings = fc.array(
  fc.subarray([
    heldLock(),
    heldLock({ pid: 4243 }),
    heldLock({ lock: "CKPT" }),
    heldLock({ lock: "READ1", type: "read" }),
  ]),
  {
    maxLength: 60,
  },
);

test("whatever is read: nothing is released that was not taken, nothing twice, and the held times add up", () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const open = new Map<string, number>();
      const name = ({ lock }: LockEvent) => `${lock.pid} ${lock.lock}`;
      for (const event of run(readings)) {
        const since = open.get(name(event));
        if (event.event === "released") {
          expect(since).toBeDefined();
          expect(event.heldMs).toBe(event.atMs - (since ?? 0));
          expect(event.heldMs).toBeGreaterThan(0);
          open.delete(name(event));
        } else {
          expect(since).toBeUndefined();
          open.set(name(event), event.atMs);
        }
      }
      // Nobody is forgotten: what the last readings have is open, and what they all lack is not.
      const last = readings.slice(-MIN_MISSES).flat();
      if (readings.length >= MIN_MISSES)
        expect(new Set(open.keys())).toEqual(new Set(last.map(({ pid, lock }) => `${pid} ${lock}`)));
    }),
  );
});

test("a lost line here and there, never twice in a row, changes nothing", () => {
  const lost = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(lost, (lose) => {
      const readings = lose.map((now, i) => (i > 0 && i < 29 && now && lose[i - 1] !== true ? [] : [heldLock()]));
      expect(run([[], ...readings, [], []])).toHaveLength(2);
    }),
  );
});

describe("a gap: nothing was read from 400 to 2000", () => {
  const after = (locks: readonly HeldLock[], later: readonly HeldLock[]) => {
    const episodes = new Episodes();
    episodes.next(0, []);
    episodes.next(100, [heldLock()]);
    episodes.gap(400);
    return [2000, 2002, 2004, 2100, 2102, 2104]
      .flatMap((atMs, i) => episodes.next(atMs, i < 3 ? locks : later))
      .map(({ event, lock, atMs, heldMs, atLeast }) => [event, lock.pid, atMs, heldMs, atLeast]);
  };

  test.each<[string, HeldLock[], HeldLock[], unknown[]]>([
    ["there again: no event", [heldLock()], [heldLock()], []],
    ["there again: its age is counted from there", [heldLock()], [], [["released", 4242, 2100, 100, true]]],
    ["gone: it was held until the gap, at least", [], [], [["released", 4242, 2000, 300, true]]],
    [
      "taken in it: held, not acquired",
      [heldLock(), heldLock({ pid: 7 })],
      [heldLock()],
      [
        ["held", 7, 2000, null, true],
        ["released", 7, 2100, 100, true],
      ],
    ],
    ["taken after it", [heldLock()], [heldLock(), heldLock({ pid: 7 })], [["acquired", 7, 2100, null, false]]],
  ])("%s", (_, locks, later, expected) => {
    expect(after(locks, later)).toEqual(expected);
  });

  test("missing in the first reading after it alone: there again", () => {
    const episodes = new Episodes();
    episodes.next(0, [heldLock()]);
    episodes.gap(400);
    expect([...episodes.next(2000, []), ...episodes.next(2002, [heldLock()])]).toEqual([]);
    expect([...episodes.next(2010, []), ...episodes.next(2012, [])]).toMatchObject([{ heldMs: 8, atLeast: true }]);
  });

  test("a lock that is newer than the beginning of the gap was held for no negative time", () => {
    const episodes = new Episodes();
    episodes.next(0, []);
    episodes.next(500, [heldLock()]);
    episodes.gap(400);
    expect([...episodes.next(2000, []), ...episodes.next(2002, [])]).toMatchObject([{ heldMs: 0, atLeast: true }]);
  });
});

test("a slow reading: taken at its end at the latest, released at its beginning at the earliest", () => {
  const episodes = new Episodes();
  episodes.next(0, []);
  expect(brief(episodes.next(100, [heldLock()], MIN_MISSES, 300))).toEqual([["acquired", 300, null]]);
  expect(brief([...episodes.next(400, [], 1, 600)])).toEqual([["released", 400, 100]]);
});
