/** Times of clocks over changes of summer time, in zones that differ in how they do it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asUtc, offsetText, Zone, zoneOrOffset } from "../../../../src/recording/history/zone.ts";

const ZONES = [
  ...["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"],
  ...["Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "+02:00", "-03:30"],
] as const;

const local = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  ...{ year, month, day },
  dayMs: (hour * 60 + minute) * 60_000,
});

describe.each(ZONES)("%s", (name) => {
  const zone = new Zone(name);

  test("each moment is one of those that its own clock time names", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2037, 11) }), (utcMs) => {
        const moments = zone.moments(zone.local(utcMs));
        expect(moments).toContain(utcMs);
        expect(moments.length).toBeLessThanOrEqual(2);
        for (const each of moments) expect(zone.local(each)).toEqual(zone.local(utcMs));
      }),
      { numRuns: 150 },
    );
  });

  test("two moments of one clock time are as far apart as the change of the offset", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2037, 11) }), (utcMs) => {
        const [one, other] = zone.moments(zone.local(utcMs));
        if (one === undefined || other === undefined) return;
        expect(other - one).toBe(zone.offsetMs(one) - zone.offsetMs(other));
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ["Europe/Berlin", local(2026, 3, 29, 2, 30), []],
  ["Europe/Berlin", local(2026, 10, 25, 2, 30), ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]],
  ["Europe/Berlin", local(2026, 7, 1, 3, 12), ["2026-07-01T01:12Z"]],
  ["America/New_York", local(2026, 3, 8, 2, 30), []],
  ["America/New_York", local(2026, 11, 1, 1, 30), ["2026-11-01T05:30Z", "2026-11-01T06:30Z"]],
  // half an hour
  ["Australia/Lord_Howe", local(2026, 4, 5, 1, 45), ["2026-04-04T14:45Z", "2026-04-04T15:15Z"]],
  ["Australia/Lord_Howe", local(2026, 10, 4, 2, 15), []],
  ["Asia/Kathmandu", local(2026, 7, 1, 3, 12), ["2026-06-30T21:27Z"]],
  // a day that was left out
  ["Pacific/Apia", local(2011, 12, 30, 12), []],
  ["Pacific/Apia", local(2011, 12, 31, 12), ["2011-12-30T22:00Z"]],
])("%s: %o", (name, time, expected) => {
  expect(new Zone(name).moments(time)).toEqual(expected.map((text) => Date.parse(text)));
});

test("what is no zone is UTC", () => {
  const zone = new Zone("No/Where");
  expect(zone.name).toBe("UTC");
  expect(zone.local(Date.parse("2026-07-01T03:12:30.500Z"))).toEqual({
    ...local(2026, 7, 1, 3, 12),
    dayMs: 11_550_500,
  });
  expect(asUtc(local(1970, 1, 2, 0))).toBe(86_400_000);
});

test.each([
  [0, "+00:00"],
  [7_200_000, "+02:00"],
  [-12_600_000, "-03:30"],
  [20_700_000, "+05:45"],
])("offset %i is %s", (ms, text) => expect(offsetText(ms)).toBe(text));

test("an offset is a zone of its own, on each Node.js", () => {
  const zone = new Zone("-03:30");
  expect(zone).toMatchObject({ name: "-03:30", isOffset: true });
  expect(zone.local(Date.UTC(2026, 0, 1, 1, 0, 0, 250))).toEqual({ ...local(2025, 12, 31, 21, 30), dayMs: 77_400_250 });
  expect(new Zone("Europe/Berlin").isOffset).toBe(false);
});

test.each([
  ["Europe/Berlin", "2026-07-01T03:12:00.000+02:00", "Europe/Berlin"],
  ["-03:30", "2026-07-01T03:12:00.000-03:30", "-03:30"],
  [undefined, "2026-07-01T03:12:00.000+02:00", "+02:00"],
  ["Mars/X", "2026-07-01T03:12:00.000-03:30", "-03:30"],
  ["__proto__", "2026-07-01T03:12:00Z", "+00:00"],
  ["+99:00", "2026-07-01T03:12:00+99:00", "+00:00"],
])("the zone of a recording that names %s, and began at %s", (name, startedAt, expected) => {
  expect(zoneOrOffset(name, startedAt)).toBe(expected);
});
