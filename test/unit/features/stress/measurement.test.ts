import { expect, test } from "vitest";
import { Measurement } from "../../../../src/features/stress/measurement.ts";
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

test("totals, and each second, with records that arrive late", () => {
  const measurement = new Measurement(5000);
  measurement.startRound(8000);
  for (const atMs of [10, 20, 1500, 900]) measurement.add(record({ atMs }), 0);
  measurement.add(record({ kind: "read", role: "reader", atMs: 1600, waitingUs: 50, workingUs: 50 }), null);
  measurement.add(record({ kind: "failure", atMs: 1700, waitingUs: 4_900_000, workingUs: 4_900_000 }), null);
  measurement.addWalSize(1800, 4096);
  measurement.add(record({ atMs: 7200 }), 0);
  measurement.add(record({ atMs: 100 }), 0);
  expect(measurement.commits).toBe(6);
  expect(measurement.reads).toBe(1);
  expect(measurement.longestWaitMs).toBe(4900);
  expect(measurement.failures).toEqual([
    { role: "writer", code: "SQLITE_BUSY", phase: "write", count: 1, timedOut: 1, longestMs: 4900 },
  ]);
  expect(measurement.seconds).toMatchObject([
    { second: 0, commits: 3, reads: 0, errors: {}, walBytes: null },
    { second: 1, commits: 1, reads: 1, errors: { SQLITE_BUSY: 1 }, walBytes: 4096 },
    { second: 4, commits: 1 },
    { second: 7, commits: 1 },
  ]);
  expect(measurement.latencies.write.p50).toBeCloseTo(1, 2);
  expect(measurement.latencies.writeWaiting.max).toBeCloseTo(0.1, 3);
  expect(measurement.histograms.write.filter(({ count }) => count > 0)).toEqual([{ belowMs: 3, count: 6 }]);
});

test("the seconds of a second round follow those of the first; what ends late counts for the last second", () => {
  const measurement = new Measurement(0);
  measurement.startRound(1500);
  for (const atMs of [10, 1200, 1700]) measurement.add(record({ atMs }), 0);
  measurement.startRound(1500);
  for (const atMs of [10, 600, 1490]) measurement.add(record({ atMs }), 0);
  expect(measurement.seconds.map(({ second, commits }) => [second, commits])).toEqual([
    [0, 1],
    [1, 3],
    [2, 2],
  ]);
});

test("no percentile exceeds the maximum", () => {
  const measurement = new Measurement(0);
  measurement.startRound(1000);
  for (const workingUs of [177_663, 177_001]) measurement.add(record({ atMs: 1, waitingUs: 0, workingUs }), 0);
  expect(measurement.latencies.write).toEqual({
    p50: expect.closeTo(177, 0),
    p95: 177.663,
    p99: 177.663,
    max: 177.663,
  });
  expect(measurement.seconds[0]?.latencyMs.write.max).toBe(177.663);
});

test("a wait that the end of the round cut off counts as a wait, and not as a failure", () => {
  const measurement = new Measurement(5000);
  measurement.startRound(1000);
  measurement.add(record({ atMs: 20, waitingUs: 300 }), 0);
  measurement.add(record({ kind: "cut-off", atMs: 1001, waitingUs: 900_000 }), null);
  measurement.add(record({ kind: "cut-off", role: "reader", atMs: 1001, waitingUs: 700_000 }), null);
  expect(measurement.longestWaitMs).toBe(900);
  expect(measurement.errors).toBe(0);
  expect(measurement.seconds).toMatchObject([{ second: 0, commits: 1, errors: {} }]);
  expect(measurement.rounds(1)).toMatchObject([{ commits: 1, errors: 0, longestWaitMs: { writer: 900, reader: 700 } }]);
});

test("each round has its own numbers", () => {
  const measurement = new Measurement(5000);
  measurement.startRound(1000);
  for (const slot of [0, 0, 1]) measurement.add(record({ waitingUs: 5000 }), slot);
  measurement.startRound(2000);
  measurement.add(record({ kind: "read", role: "reader", waitingUs: 100 }), null);
  measurement.add(record({ kind: "failure", waitingUs: 200 }), null);
  expect(measurement.rounds(2)).toEqual([
    { durationMs: 1000, commits: 3, reads: 0, errors: 0, longestWaitMs: { writer: 5, reader: 0 }, jain: 0.9 },
    { durationMs: 2000, commits: 0, reads: 1, errors: 1, longestWaitMs: { writer: 0.2, reader: 0.1 }, jain: null },
  ]);
});
