import { expect, test } from "vitest";
import { segmentLimits, surplus } from "../../../../../src/features/record/segments/retention.ts";

const S = 1000;
const H = 3_600 * S;

test.each([
  ["7 days", 168 * H, H],
  ["a day", 24 * H, H],
  ["an hour", H, 150 * S],
  ["10 minutes", 600 * S, 60 * S],
  ["a minute", 60 * S, 15 * S],
  ["2 seconds", 2 * S, 0.5 * S],
])("of %s a segment has at most a 24th, a minute to an hour, and never more than a quarter", (_, keepMs, ms) => {
  expect(segmentLimits({ keepMs, maxBytes: 1.6e6 })).toEqual({ ms, bytes: 100_000 });
});

const LIMITS = { keepMs: 100 * S, maxBytes: 1000 };
const at = (endMs: number, bytes = 100) => ({ endMs, bytes });

test("those go that ended before what is kept began", () => {
  const segments = [at(-50 * S), at(0), at(20 * S), at(60 * S)];
  expect(surplus(segments, 50, 40 * S, LIMITS)).toBe(0);
  expect(surplus(segments, 50, 100 * S, LIMITS)).toBe(1);
  expect(surplus(segments, 50, 120.001 * S, LIMITS)).toBe(3);
  expect(surplus([], 50, 900 * S, LIMITS)).toBe(0);
});

test("above the size the oldest go, as many as must; the one that is written counts", () => {
  const segments = [at(0, 400), at(1, 300), at(2, 200)];
  expect(surplus(segments, 100, 10, LIMITS)).toBe(0);
  expect(surplus(segments, 101, 10, LIMITS)).toBe(1);
  expect(surplus(segments, 501, 10, LIMITS)).toBe(2);
  expect(surplus(segments, 5_000, 10, LIMITS)).toBe(3);
});
