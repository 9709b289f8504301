import { expect, test } from "vitest";
import { fairnessOf, Measure } from "../../../../src/features/stress/measure.ts";
import type { StressRecord } from "../../../../src/features/stress/records.ts";

function record(change: Partial<StressRecord>): StressRecord {
  const blank = {
    number: 1,
    atMs: 0,
    waitingUs: 100,
    workingUs: 900,
    retries: 0,
    phase: "write",
    code: "SQLITE_BUSY",
  } as const;
  return { kind: "commit", role: "writer", worker: 1, ...blank, ...change };
}

test("in all, and a second at a time, also what is told late", () => {
  const measure = new Measure(5000);
  measure.startRound(8000);
  for (const atMs of [10, 20, 1500, 900]) measure.take(record({ atMs }), 0);
  measure.take(record({ kind: "read", role: "reader", atMs: 1600, waitingUs: 50, workingUs: 50 }), null);
  measure.take(record({ kind: "failure", atMs: 1700, waitingUs: 4_900_000, workingUs: 4_900_000 }), null);
  measure.wal(1800, 4096);
  measure.take(record({ atMs: 7200 }), 0);
  measure.take(record({ atMs: 100 }), 0);
  expect(measure.commits).toBe(6);
  expect(measure.reads).toBe(1);
  expect(measure.longestWaitMs).toBe(4900);
  expect(measure.failures).toEqual([
    { role: "writer", code: "SQLITE_BUSY", phase: "write", count: 1, timedOut: 1, longestMs: 4900 },
  ]);
  expect(measure.seconds).toMatchObject([
    { second: 0, commits: 3, reads: 0, errors: {}, walBytes: null },
    { second: 1, commits: 1, reads: 1, errors: { SQLITE_BUSY: 1 }, walBytes: 4096 },
    { second: 4, commits: 1 },
    { second: 7, commits: 1 },
  ]);
  expect(measure.latencies.write.p50).toBeCloseTo(1, 2);
  expect(measure.latencies.writeWaiting.max).toBeCloseTo(0.1, 3);
  expect(measure.steps.write.filter(({ count }) => count > 0)).toEqual([{ belowMs: 3, count: 6 }]);
});

test("the seconds of a second round go on where those of the first ended; what ends late counts for the last", () => {
  const measure = new Measure(0);
  measure.startRound(1500);
  for (const atMs of [10, 1200, 1700]) measure.take(record({ atMs }), 0);
  measure.startRound(1500);
  for (const atMs of [10, 600, 1490]) measure.take(record({ atMs }), 0);
  expect(measure.seconds.map(({ second, commits }) => [second, commits])).toEqual([
    [0, 1],
    [1, 3],
    [2, 2],
  ]);
});

test("no time is longer than the longest", () => {
  const measure = new Measure(0);
  measure.startRound(1000);
  for (const workingUs of [177_663, 177_001]) measure.take(record({ atMs: 1, waitingUs: 0, workingUs }), 0);
  expect(measure.latencies.write).toEqual({ p50: expect.closeTo(177, 0), p95: 177.663, p99: 177.663, max: 177.663 });
  expect(measure.seconds[0]?.latencyMs.write.max).toBe(177.663);
});

test("fairness: 1 where all did as much, 1/n where one did all", () => {
  expect(fairnessOf([5, 5, 5, 5])).toEqual({ jain: 1, leastCommits: 5, mostCommits: 5 });
  expect(fairnessOf([20, 0, 0, 0])).toEqual({ jain: 0.25, leastCommits: 0, mostCommits: 20 });
  expect(fairnessOf([0, 0]).jain).toBeNull();
});
