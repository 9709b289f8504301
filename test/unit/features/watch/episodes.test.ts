import fc from "fast-check";
import { expect, test } from "vitest";
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

test("cut off: what was held is known until the last reading, and was held for no negative time", () => {
  const episodes = new Episodes();
  episodes.next(0, []);
  episodes.next(100, [heldLock()]);
  episodes.next(500, [heldLock(), heldLock({ pid: 7 })]);
  // the reading that found the second one was repeated: it is newer than the time that is given
  expect(episodes.cutOff(400).map(({ lock, heldMs, atLeast }) => [lock.pid, heldMs, atLeast])).toEqual([
    [4242, 300, true],
    [7, 0, true],
  ]);
  expect(episodes.next(2000, [heldLock()])).toMatchObject([{ event: "held", atMs: 2000 }]);
});
