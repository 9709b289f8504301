import { expect, test } from "vitest";
import { clockChanges, timeTicks } from "../../../../src/render/page/time-ticks.ts";
import { ZoneClock } from "../../../../src/render/page/zone-clock.ts";

const HOUR = 3_600_000;

/** The axis begins then, and goes on evenly. */
function from(iso: string, zone = "Europe/Berlin"): ZoneClock {
  return new ZoneClock([{ atMs: 0, utcMs: Date.parse(iso) }], zone);
}

test("local times with their offset, also of zones with half hours and before 1970", () => {
  expect(from("2026-11-22T12:03:07.214+01:00").text(0)).toBe("2026-11-22 12:03:07.214 +01:00");
  expect(from("2026-07-01T00:00:00Z", "Asia/Kolkata").text(0, 0)).toBe("2026-07-01 05:30:00 +05:30");
  expect(from("2026-07-01T00:00:00Z", "America/St_Johns").text(0, 0)).toBe("2026-06-30 21:30:00 -02:30");
  expect(from("1969-12-31T23:59:59.999Z", "UTC").text(0)).toBe("1969-12-31 23:59:59.999 +00:00");
  expect(from("2026-07-01T00:00:00Z", "UTC").timeText(0.002, 6)).toBe("00:00:00.000002");
});

test("the end of summer time: an hour comes twice, and each time has its offset", () => {
  const clock = from("2026-10-25T01:30:00+02:00");
  const ticks = timeTicks(clock, 0, 3 * HOUR, 10);
  expect(ticks.map(({ text }) => text)).toEqual([
    ...["01:30 +02:00", "02:00 +02:00", "02:30 +02:00"],
    ...["02:00 +01:00", "02:30 +01:00", "03:00 +01:00", "03:30 +01:00"],
  ]);
  expect(ticks.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3, 4, 5, 6].map((half) => (half * HOUR) / 2));
  expect(clockChanges(clock, 0, 3 * HOUR)).toEqual([{ atMs: 1.5 * HOUR, text: "clock changes from +02:00 to +01:00" }]);
});

test("the beginning of summer time: an hour is left out", () => {
  const clock = from("2026-03-29T01:00:00+01:00");
  const ticks = timeTicks(clock, 0, 3 * HOUR, 4);
  expect(ticks.map(({ text }) => text)).toEqual(["01:00 +01:00", "03:00 +02:00", "04:00 +02:00", "05:00 +02:00"]);
});

test("a clock that was set, and one that slept: the axis goes on, the wall clock jumps", () => {
  const start = Date.parse("2026-11-22T12:00:00Z");
  const clock = new ZoneClock(
    [
      { atMs: 0, utcMs: start },
      { atMs: 10_000, utcMs: start + 10_000 + 2 * HOUR },
      { atMs: 20_000, utcMs: start + 20_000 + 2 * HOUR - 90_000 },
    ],
    "UTC",
  );
  expect(clock.timeText(9_999, 0)).toBe("12:00:09");
  expect(clock.timeText(10_000, 0)).toBe("14:00:10");
  expect(clockChanges(clock, 0, 30_000)).toEqual([
    { atMs: 10_000, text: "clock moved by +2 h 0 m" },
    { atMs: 20_000, text: "clock moved by -1 m 30 s" },
  ]);
  expect(clockChanges(clock, 11_000, 19_000)).toEqual([]);
  const ticks = timeTicks(clock, 0, 30_000, 8).map(({ atMs, text }) => [atMs, text]);
  expect(ticks).toContainEqual([5_000, "12:00:05"]);
  expect(ticks).toContainEqual([15_000, "14:00:15"]);
  expect(ticks).toContainEqual([25_000, "13:58:55"]);
});

test("a zone that is none: UTC, and it says so", () => {
  for (const zone of ["<script>", "Europe/Nowhere", "", "\0"]) {
    const clock = from("2026-11-22T12:00:00+01:00", zone);
    expect(clock.isOtherZone).toBe(true);
    expect(clock.text(0, 0)).toBe("2026-11-22 11:00:00 +00:00");
  }
});

test("ticks of days are at midnight there, each day has its date, and there are never too many", () => {
  const clock = from("2026-10-24T00:00:00+02:00");
  const days = timeTicks(clock, 0, 4 * 24 * HOUR, 5);
  expect(days.map(({ text }) => text)).toEqual(["10-24", "10-25", "10-26", "10-27"]);
  expect(days.every(({ atMs }) => clock.timeText(atMs) === "00:00:00.000")).toBe(true);
  for (const length of [0.01, 1, 77, 5_000, HOUR, 300 * HOUR, 90_000 * HOUR])
    expect(timeTicks(clock, 1, 1 + length, 9).length, String(length)).toBeLessThanOrEqual(10);
  expect(timeTicks(clock, 5, 5, 9)).toEqual([]);
  expect(timeTicks(clock, 0, Number.NaN, 9)).toEqual([]);
});

test("ticks of microseconds are at their times, not near them", () => {
  const clock = new ZoneClock([{ atMs: 0, utcMs: Date.parse("2026-11-22T12:00:00.123Z") }], "UTC");
  const ticks = timeTicks(clock, 5_469.1071, 5_469.1289, 12);
  expect(ticks.length).toBe(11);
  ticks.forEach(({ atMs, text }, i) => {
    expect(atMs).toBeCloseTo(5_469.108 + i * 0.002, 6);
    expect(text).toBe(`12:00:05.${592_108 + i * 2}`);
  });
});
