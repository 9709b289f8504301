/** Runs on one axis: the same start of the machine, another one, a clock that was set, a machine that slept. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble, overlapOf } from "../../../../src/recording/history/assemble.ts";
import { foundRun, historyOf } from "../../../support/history.ts";

const HOUR = 3_600_000;
const utc = (text: string) => Date.parse(text);

test("one run: the axis is its own time", () => {
  const { facts, moves } = assemble([foundRun("2026-07-01T10:00:00+02:00")]);
  expect(moves).toEqual([{ ms: 0, connections: 0 }]);
  expect(facts).toMatchObject({ fromMs: 0, toMs: HOUR, blanks: [], suspensions: [] });
  expect(facts.clock.toUtcMs(1_000)).toBe(utc("2026-07-01T08:00:01Z"));
  expect(facts.clock.fromUtcMs(utc("2026-07-01T08:00:01Z"))).toEqual([1_000]);
  expect(facts.clock.fromUtcMs(utc("2026-07-01T09:00:01Z"))).toEqual([]);
  expect(facts.clock.fromUtcMs(utc("2026-07-01T07:59:59Z"))).toEqual([]);
});

test("two runs of one start of the machine: by the monotonic clock, whatever the wall clock said", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00", { monotonicMs: 5_000 });
  const second = foundRun("2026-07-01T23:00:00+02:00", { monotonicMs: 5_000 + 2 * HOUR });
  const { facts, moves, order } = assemble([second, first]);
  expect(order).toEqual([1, 0]);
  expect(moves.map(({ ms }) => ms)).toEqual([0, 2 * HOUR]);
  expect(new Set(moves.map(({ connections }) => connections)).size).toBe(2);
  expect(facts.blanks).toEqual([{ fromMs: HOUR, toMs: 2 * HOUR, why: "no-recorder" }]);
  expect(facts.clock.toUtcMs(2 * HOUR)).toBe(utc("2026-07-01T21:00:00Z"));
});

test("a wall clock that was set back between two runs does not change their order", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00", { monotonicMs: 5_000 });
  const second = foundRun("2026-07-01T09:30:00+02:00", { monotonicMs: 5_000 + 2 * HOUR });
  const { facts, order } = assemble([second, first]);
  expect(order).toEqual([1, 0]);
  expect(facts.blanks).toEqual([{ fromMs: HOUR, toMs: 2 * HOUR, why: "no-recorder" }]);
});

test("two runs after a restart: the second by the monotonic clock, whatever the wall clock said", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00", { bootId: "a", monotonicMs: 9_000_000 });
  const second = foundRun("2026-07-01T12:00:00+02:00", { bootId: "b", monotonicMs: 40_000 });
  const third = foundRun("2026-07-01T12:30:00+02:00", { bootId: "b", monotonicMs: 40_000 + 3 * HOUR });
  expect(historyOf(first, second, third).runs.map(({ fromMs }) => fromMs)).toEqual([0, 2 * HOUR, 5 * HOUR]);
});

test("after a restart of the machine the axis goes on by the wall clock", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00", { bootId: "a", monotonicMs: 9_000_000 });
  const second = foundRun("2026-07-01T12:30:00+02:00", { bootId: "b", monotonicMs: 40_000 });
  const facts = historyOf(first, second);
  expect(facts.runs.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [0, HOUR],
    [2.5 * HOUR, 3.5 * HOUR],
  ]);
  expect(facts.blanks).toEqual([{ fromMs: HOUR, toMs: 2.5 * HOUR, why: "no-recorder" }]);
});

test("a clock that was set back over a restart: the axis does not go back", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00", { bootId: "a" });
  const second = foundRun("2026-07-01T10:30:00+02:00", { bootId: "b" });
  const facts = historyOf(first, second);
  expect(facts.runs[1]?.fromMs).toBe(HOUR);
  // 10:45 was twice
  expect(facts.clock.fromUtcMs(utc("2026-07-01T08:45:00Z"))).toEqual([0.75 * HOUR, 1.25 * HOUR]);
});

test("a machine that slept: no time of the axis, and the wall clock goes on", () => {
  const clocks = [
    { type: "clock", atMs: 0, wallClock: "2026-07-01T10:00:00.000+02:00" },
    { type: "clock", atMs: 1_000, wallClock: "2026-07-01T18:00:01.000+02:00", suspendedMs: 8 * HOUR },
  ] as const;
  const { clock, suspensions } = historyOf(foundRun("2026-07-01T10:00:00+02:00", { clocks }));
  expect(suspensions).toEqual([{ atMs: 1_000, lengthMs: 8 * HOUR }]);
  expect(clock.toUtcMs(999)).toBe(utc("2026-07-01T08:00:00.999Z"));
  expect(clock.toUtcMs(1_000)).toBe(utc("2026-07-01T16:00:01Z"));
  expect(clock.fromUtcMs(utc("2026-07-01T12:00:00Z"))).toEqual([]);
  expect(clock.spanOf(utc("2026-07-01T08:00:00.500Z"), utc("2026-07-01T16:00:02Z"))).toEqual({
    fromMs: 500,
    toMs: 2_000,
  });
  expect(clock.spanOf(utc("2026-07-01T12:00:00Z"), utc("2026-07-01T13:00:00Z"))).toBeNull();
});

test("the end of a run that is followed at once is no gap", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00");
  const second = foundRun("2026-07-01T11:00:00+02:00", { monotonicMs: HOUR + 20 });
  expect(historyOf(first, second).blanks).toEqual([]);
});

test("the same database, recorded twice at the same time", () => {
  const first = foundRun("2026-07-01T10:00:00+02:00");
  const at = (monotonicMs: number) => foundRun("2026-07-01T10:30:00+02:00", { monotonicMs });
  expect(overlapOf(historyOf(first, at(HOUR / 2)).runs)).toBe("/srv/app/db.sqlite3");
  expect(overlapOf(historyOf(first, at(HOUR)).runs)).toBeNull();
});

test("clocks set back and forth: what the wall clock showed leads back to the moment", () => {
  const step = fc.record({ afterMs: fc.integer({ min: 1, max: HOUR }), jumpMs: fc.integer({ min: -HOUR, max: HOUR }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      let [atMs, wallMs] = [0, utc("2026-07-01T08:00:00Z")];
      const clocks = steps.map(({ afterMs, jumpMs }) => {
        atMs += afterMs;
        wallMs += afterMs + jumpMs;
        return { type: "clock", atMs, wallClock: new Date(wallMs).toISOString() } as const;
      });
      const toMs = atMs + HOUR;
      const { clock } = historyOf(foundRun("2026-07-01T10:00:00+02:00", { clocks, toMs }));
      const moment = Math.floor(toMs * share);
      const found = clock.fromUtcMs(clock.toUtcMs(moment));
      expect(found.map(Math.round)).toContain(moment);
      for (const each of found) expect(clock.toUtcMs(each)).toBeCloseTo(clock.toUtcMs(moment), 3);
      const utcMs = clock.toUtcMs(moment);
      const span = clock.spanOf(utcMs - 1, utcMs + 1);
      expect(span === null ? [] : [span.fromMs <= moment, span.toMs >= moment]).toEqual([true, true]);
    }),
  );
});

test("a recording that is of any time has moments of years that have a text", () => {
  const { clock, fromMs, toMs } = historyOf(foundRun("2026-07-01T10:00:00+02:00", { toMs: Number.MAX_SAFE_INTEGER }));
  expect([fromMs, toMs].map((atMs) => new Date(clock.toUtcMs(atMs)).getUTCFullYear())).toEqual([2026, 9999]);
  expect(new Date(clock.toUtcMs(-Number.MAX_SAFE_INTEGER)).getUTCFullYear()).toBe(1000);
});

test("a clock that was set is told; one that is regulated, or went on while the machine slept, was not", () => {
  const clocks = [
    { type: "clock", atMs: 600_000, wallClock: "2026-07-01T10:10:00.200+02:00" },
    { type: "clock", atMs: 1_200_000, wallClock: "2026-07-01T10:10:00+02:00" },
    { type: "clock", atMs: 1_800_000, wallClock: "2026-07-01T12:20:00+02:00", suspendedMs: 7_200_000 },
  ] as const;
  const { clockSteps } = historyOf(foundRun("2026-07-01T10:00:00+02:00", { clocks }));
  expect(clockSteps).toEqual([{ atMs: 1_200_000, byMs: -600_200 }]);
});
