import { expect, test } from "vitest";
import { countedHolds, holdKindOf } from "../../../../src/recording/distribution/hold-kinds.ts";

test.each([
  ["WRITE", "write", "write"],
  ["RESERVED", "write", "write"],
  ["READ3", "read", "read"],
  ["READ3", "write", null],
  ["SHARED", "read", "read"],
  ["EXCLUSIVE", "write", "exclusive"],
  ["PENDING", "write", null],
  ["CKPT", "write", "checkpoint"],
  ["DMS", "read", null],
] as const)("%s (%s): %s", (lock, type, kind) => {
  expect(holdKindOf(lock, type)).toBe(kind);
});

test("of counted holds of a read mark, those of checkpoints are taken out", () => {
  const hold = { times: 5, totalMs: 10, longestMs: 4, writes: 2, writesMs: 3, longestWriteMs: 2 };
  const buckets = { "40": 3, "44": 2 };
  expect(countedHolds("READ0", { ...hold, buckets, writeBuckets: { "44": 2 } })).toEqual([
    "read",
    { times: 3, totalMs: 7, longestMs: 4, buckets: { "40": 3 } },
  ]);
  expect(countedHolds("READ0", { ...hold, buckets })?.[1].buckets).toBeUndefined();
  expect(countedHolds("READ0", { ...hold, writes: 5 })).toBeNull();
  expect(countedHolds("WRITE", { times: 1, totalMs: 1, writes: 1 })?.[0]).toBe("write");
});
