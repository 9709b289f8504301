import fc from "fast-check";
import { expect, test } from "vitest";
import { attemptsKey } from "../../../../src/features/watch/blocked-attempts.ts";
import { HoldTotals } from "../../../../src/features/watch/hold-totals.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";

test("times, total, longest and share; what is held still counts until now", () => {
  const totals = new HoldTotals();
  for (const event of [
    lockEvent("acquired", 1000),
    lockEvent("released", 1020, { heldMs: 20 }),
    lockEvent("acquired", 2000),
    lockEvent("released", 2100, { heldMs: 100 }),
    lockEvent("acquired", 2900),
    lockEvent("held", 1000, { pid: 4243, lock: "DMS", type: "read" }),
  ])
    totals.add(event);
  expect(totals.summary(3000, 2000, new Map([[attemptsKey(PATH, 4242, "WRITE"), 3]]))).toMatchObject([
    { pid: 4242, lock: "WRITE", times: 3, totalMs: 220, longestMs: 100, share: 0.11, blockedAttempts: 3, cutOff: true },
    { pid: 4243, lock: "DMS", times: 1, totalMs: 2000, share: 1, blockedAttempts: 0, cutOff: true },
  ]);
});

test("the total is the sum of all holds, the longest one of them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 })), {
        minLength: 1,
        maxLength: 40,
      }),
      (holds) => {
        const totals = new HoldTotals();
        let now = 0;
        for (const [pause, held] of holds) {
          totals.add(lockEvent("acquired", now + pause));
          now += pause + held;
          totals.add(lockEvent("released", now, { heldMs: held }));
        }
        const [found] = totals.summary(now, now, new Map());
        const all = holds.map(([, held]) => held);
        expect(found).toMatchObject({
          times: holds.length,
          totalMs: all.reduce((sum, ms) => sum + ms, 0),
          longestMs: Math.max(...all),
          cutOff: false,
        });
        expect(found?.share).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test("locks that keep others from writing come first, then the longest in all, then by pid and name", () => {
  const totals = new HoldTotals();
  const held = (ms: number, change: Parameters<typeof lockEvent>[2]) => {
    totals.add(lockEvent("acquired", 0, change));
    totals.add(lockEvent("released", ms, { ...change, heldMs: ms }));
  };
  held(900, { lock: "READ1", type: "read" });
  held(900, { lock: "SHARED", role: "database", type: "read" });
  held(900, { lock: "DMS", type: "read" });
  held(900, { lock: "FOREIGN", role: "wal" });
  held(20, { lock: "FOREIGN", role: "database" });
  held(10, { lock: "PENDING", role: "database" });
  held(10, { lock: "EXCLUSIVE", role: "database" });
  held(30, { pid: 9 });
  held(30, {});
  const order = totals.summary(1000, 1000, new Map()).map(({ pid, lock }) => `${pid} ${lock}`);
  expect(order).toEqual([
    "9 WRITE",
    "4242 WRITE",
    "4242 FOREIGN",
    "4242 EXCLUSIVE",
    "4242 PENDING",
    "4242 READ1",
    "4242 FOREIGN",
    "4242 SHARED",
    "4242 DMS",
  ]);
});

test.each<[string, ReturnType<typeof lockEvent>[], object]>([
  ["held across it: once, without its time", [], { times: 1, totalMs: 500, longestMs: 300 }],
  ["released in it", [lockEvent("released", 800, { heldMs: 300, atLeast: true })], { totalMs: 300, longestMs: 300 }],
  [
    "missing just before it",
    [lockEvent("released", 499, { heldMs: 299, atLeast: true })],
    { totalMs: 300, longestMs: 300 },
  ],
  ["released after it", [lockEvent("released", 900, { heldMs: 100, atLeast: true })], { totalMs: 400, longestMs: 300 }],
])("a gap from 500 to 800: %s", (_, after, expected) => {
  const totals = new HoldTotals();
  const gap = lockEvent("gap", 800, { pid: null, lock: null, gapMs: 300 });
  for (const event of [lockEvent("acquired", 200), gap, ...after]) totals.add(event);
  expect(totals.summary(1000, 700, new Map())).toMatchObject([{ times: 1, ...expected, cutOff: true }]);
});
