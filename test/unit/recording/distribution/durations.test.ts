import fc from "fast-check";
import { expect, test } from "vitest";
import { Durations } from "../../../../src/recording/distribution/durations.ts";
import { bucketOf, upperMs } from "../../../../src/recording/histogram.ts";

function bucketsOf(values: readonly number[]): Record<string, number> {
  const buckets: Record<string, number> = {};
  for (const ms of values) buckets[bucketOf(ms)] = (buckets[bucketOf(ms)] ?? 0) + 1;
  return buckets;
}

const durations = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 60 });

test("known durations have exact quantiles, by the nearest rank", () => {
  const all = new Durations();
  for (let ms = 100; ms >= 1; ms--) all.add(ms);
  const exact = (ms: number) => ({ atLeastMs: ms, atMostMs: ms });
  expect(all.quantiles).toEqual({ times: 100, p50: exact(50), p95: exact(95), p99: exact(99), longest: exact(100) });
  expect(all.above(77)).toEqual({ atLeast: 23, atMost: 23 });
});

test("whatever a recording has kept of durations: what they were is within the answer", () => {
  const ways = fc.array(fc.constantFrom("known", "bucket", "bound"), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(durations, ways, fc.double({ min: 0, max: 1, noNaN: true }), (values, way, q) => {
      const all = new Durations();
      const of = (name: string) => values.filter((_, i) => way[i] === name);
      for (const ms of of("known")) all.add(ms);
      for (const [name, hasBuckets] of [
        ["bucket", true],
        ["bound", false],
      ] as const) {
        const list = of(name);
        const totalMs = list.reduce((sum, ms) => sum + ms, 0);
        const longestMs = Math.max(0, ...list);
        const counted = { times: list.length, totalMs, longestMs };
        all.addCounted(hasBuckets ? { ...counted, buckets: bucketsOf(list) } : counted);
      }
      const sorted = [...values].sort((a, b) => a - b);
      const truth = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
      const range = all.quantile(q);
      expect(truth).toBeGreaterThanOrEqual((range?.atLeastMs ?? 0) * (1 - 1e-9));
      expect(truth).toBeLessThanOrEqual((range?.atMostMs ?? 0) * (1 + 1e-9) + 1e-9);
      const { atLeast, atMost } = all.above(truth);
      const above = values.filter((ms) => ms > truth).length;
      expect(atLeast).toBeLessThanOrEqual(above);
      expect(atMost).toBeGreaterThanOrEqual(above);
    }),
  );
});

test("a duration that was not seen to its end has no upper bound, nor have the quantiles that it may be", () => {
  const all = new Durations();
  all.add(10);
  all.add(20);
  all.addAtLeast(5);
  expect(all.quantile(0.3)).toEqual({ atLeastMs: 5, atMostMs: 10 });
  expect(all.quantiles.longest).toEqual({ atLeastMs: 20, atMostMs: null });
  expect(all.above(15)).toEqual({ atLeast: 1, atMost: 2 });
});

test("counts of an earlier version: no more than the longest is known", () => {
  const all = new Durations();
  all.addCounted({ times: 10, totalMs: 30, longestMs: 8 });
  const { p50, longest } = all.quantiles;
  expect(p50).toEqual({ atLeastMs: 0, atMostMs: upperMs(bucketOf(8)) });
  expect(longest?.atLeastMs).toBe(8);
});

test("buckets of a part: of the rest, no more than the longest is known; more than all are no buckets", () => {
  const all = new Durations();
  all.addCounted({ times: 4, totalMs: 30, longestMs: 8, buckets: { "52": 3 } });
  expect(all.above(7)).toEqual({ atLeast: 0, atMost: 4 });
  expect(all.above(upperMs(51))).toEqual({ atLeast: 3, atMost: 4 });
  const wrong = new Durations();
  wrong.addCounted({ times: 2, totalMs: 9, longestMs: 8, buckets: { "52": 3 } });
  expect(wrong.above(1)).toEqual({ atLeast: 0, atMost: 2 });
});

test("nothing: no quantiles", () => {
  expect(new Durations().quantiles).toEqual({ times: 0, p50: null, p95: null, p99: null, longest: null });
});
