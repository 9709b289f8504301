import fc from "fast-check";
import { expect, test } from "vitest";
import { BucketTally, bucketOf, difference, LAST_BUCKET, sumOf, upperMs } from "../../../src/recording/histogram.ts";

test("a duration is in the bucket whose bounds are around it", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e8, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms);
      expect(ms).toBeLessThanOrEqual(upperMs(bucket) * (1 + 1e-9));
      if (bucket > 0) expect(ms).toBeGreaterThan(upperMs(bucket - 1) * (1 - 1e-9));
    }),
  );
  expect(bucketOf(Number.MAX_VALUE)).toBe(LAST_BUCKET);
  expect(bucketOf(Number.NaN)).toBe(0);
});

test("lengths that are not known for a part are not known for the sum", () => {
  const tally = new BucketTally();
  tally.add(1);
  tally.addAll({ "40": 2 }, 2);
  expect(tally.buckets).toEqual({ "40": 3 });
  tally.addAll({ "40": 2 }, 3);
  expect(tally.buckets).toBeUndefined();
});

test("no durations: nothing to tell", () => {
  const tally = new BucketTally();
  tally.addAll(undefined, 0);
  expect(tally.buckets).toBeUndefined();
});

test("buckets are added, and taken out again", () => {
  expect(sumOf({ "1": 1, "2": 2 }, { "2": 3, "7": 1 })).toEqual({ "1": 1, "2": 5, "7": 1 });
  expect(difference({ "1": 1, "2": 5, "7": 1 }, { "2": 3, "7": 1 })).toEqual({ "1": 1, "2": 2 });
  expect(difference({ "1": 1 }, { "1": 2 })).toBeUndefined();
  expect(sumOf({ "1": 1 }, undefined)).toBeUndefined();
});
