import { expect, test } from "vitest";
import { PerSecond } from "../../../../src/features/stress/per-second.ts";

/** A commit at each time; the seconds with their commits. */
function commits(roundMs: number, ...atMs: number[]): [number, number][] {
  const perSecond = new PerSecond();
  perSecond.startRound(roundMs);
  for (const ms of atMs) perSecond.at(ms).write.record(1000);
  return perSecond.seconds.map(({ second, commits }) => [second, commits]);
}

test.each<[string, [number, number][], number[]]>([
  ["nothing happened", [], []],
  [
    "each counts for its second",
    [
      [0, 2],
      [1, 1],
    ],
    [0, 999, 1000],
  ],
  [
    "a second without anything is left out",
    [
      [0, 1],
      [2, 1],
    ],
    [0, 2000],
  ],
  [
    "a late record counts for its second",
    [
      [0, 2],
      [3, 1],
    ],
    [0, 3000, 0],
  ],
  [
    "after that the second is closed: it counts for the first that is open",
    [
      [0, 1],
      [1, 1],
      [4, 1],
    ],
    [0, 4000, 0],
  ],
  ["what ends after the round counts for its last second", [[9, 2]], [9999, 12_000]],
])("%s", (_, expected, atMs) => {
  expect(commits(10_000, ...atMs)).toEqual(expected);
});

test("the seconds of a round follow those of the rounds before", () => {
  const perSecond = new PerSecond();
  for (const roundMs of [2000, 3000, 1000]) {
    perSecond.startRound(roundMs);
    perSecond.at(0).read.record(1000);
  }
  expect(perSecond.seconds.map(({ second, reads }) => [second, reads])).toEqual([
    [0, 1],
    [2, 1],
    [5, 1],
  ]);
});

test("a second has its errors, its latencies and the size of the -wal", () => {
  const perSecond = new PerSecond();
  perSecond.startRound(1000);
  const second = perSecond.at(500);
  second.errors["SQLITE_BUSY"] = 2;
  second.write.record(1500);
  second.walBytes = 4096;
  const nothing = { p50: null, p95: null, p99: null, max: null };
  expect(perSecond.seconds).toEqual([
    {
      second: 0,
      commits: 1,
      reads: 0,
      errors: { SQLITE_BUSY: 2 },
      latencyMs: { write: { p50: 1.5, p95: 1.5, p99: 1.5, max: 1.5 }, read: nothing },
      walBytes: 4096,
    },
  ]);
});
