import fc from "fast-check";
import { expect, test } from "vitest";
import { Tallies } from "../../../../src/features/watch/summary.ts";
import { attemptsKey, Waits } from "../../../../src/features/watch/waits.ts";
import { databaseReport, holder, lock, walWriter } from "../../../support/report.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";

test("times, total, longest and share; what is held still counts until now", () => {
  const tallies = new Tallies();
  for (const event of [
    lockEvent("acquired", 1000),
    lockEvent("released", 1020, { heldMs: 20 }),
    lockEvent("acquired", 2000),
    lockEvent("released", 2100, { heldMs: 100 }),
    lockEvent("acquired", 2900),
    lockEvent("held", 1000, { pid: 4243, lock: "DMS", type: "read" }),
  ])
    tallies.add(event);
  expect(tallies.summary(3000, 2000, new Map([[attemptsKey(PATH, 4242, "WRITE"), 3]]))).toMatchObject([
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
        const tallies = new Tallies();
        let now = 0;
        for (const [pause, held] of holds) {
          tallies.add(lockEvent("acquired", now + pause));
          now += pause + held;
          tallies.add(lockEvent("released", now, { heldMs: held }));
        }
        const [found] = tallies.summary(now, now, new Map());
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

const waitingFor = (pids: readonly number[]) => [
  { id: "likely-waiting", severity: "info", pids, summary: "", detail: "", remedy: "" } as const,
];

test("a wait that look after look sees is one attempt; the one who waits blocks nobody", () => {
  const waits = new Waits();
  const blocked = databaseReport({
    holders: [walWriter(), holder({ pid: 4243 }), holder({ pid: 4244 })],
    findings: waitingFor([4243]),
  });
  waits.add(blocked);
  waits.add(blocked);
  waits.add({ ...blocked, findings: waitingFor([4243, 4244]) });
  waits.add({ ...blocked, findings: [] });
  waits.add(blocked);
  expect([...waits.attempts]).toEqual([[attemptsKey(PATH, 4242, "WRITE"), 3]]);
});

test("one who waits in fcntl(F_SETLKW) is seen by its lock; without somebody who blocks there is no attempt", () => {
  const waiter = holder({ pid: 4243, locks: [lock("WRITE", { waiting: true })] });
  const waits = new Waits();
  waits.add(databaseReport({ holders: [waiter, holder()] }));
  expect(waits.attempts.size).toBe(0);
  waits.add(databaseReport({ holders: [waiter, walWriter()] }));
  expect([...waits.attempts]).toEqual([[attemptsKey(PATH, 4242, "WRITE"), 1]]);
});
