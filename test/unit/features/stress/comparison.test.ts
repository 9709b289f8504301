import { expect, test } from "vitest";
import { isBetter, isWorse, metricOf, metricsOf, roundMsOf } from "../../../../src/features/stress/comparison.ts";
import type { RoundReport } from "../../../../src/features/stress/report.ts";
import { stressRound } from "../../../support/stress-result.ts";

function rounds(...changes: Partial<RoundReport>[]): RoundReport[] {
  return changes.map((change) => stressRound(change));
}

test("the metrics of both sides: ranges, rates, and what counts", () => {
  const before = rounds(
    { jain: 0.3, commits: 100 },
    { jain: 0.5, commits: 90 },
    { jain: 0.4, errors: 1 },
    { jain: 0.4 },
  );
  const after = rounds(
    ...Array.from({ length: 4 }, (_, i) => ({ jain: 0.9 + i / 50, longestWaitMs: { writer: 2, reader: 80 } })),
  );
  const metrics = Object.fromEntries(metricsOf(before, after).map((each) => [each.metric, each]));
  expect(metrics["fairness"]).toMatchObject({ before: { min: 0.3, max: 0.5 }, after: { min: 0.9 }, change: "higher" });
  expect(metrics["commits"]).toMatchObject({
    before: { min: 45, max: 350 },
    after: { min: 350, max: 350 },
    change: "none",
  });
  expect(metrics["longest-write-wait"]).toMatchObject({ after: { min: 2, max: 2 }, change: "lower" });
  expect(metrics["longest-read-wait"]).toMatchObject({ change: "none" });
  expect(metrics["errors"]).toMatchObject({ before: { min: 0, max: 1 }, change: "none" });
});

test("a round without a commit has no fairness", () => {
  const nothing = rounds({ jain: null }, { jain: null }, { jain: null }, { jain: null });
  const fairness = metricsOf(nothing, rounds({}, {}, {}, {})).find(({ metric }) => metric === "fairness");
  expect(fairness).toMatchObject({ before: null, change: "too-few" });
});

test.each([
  [10_000, 1250],
  [2000, 250],
  [1999, null],
  [60_000, 2000],
])("a run of %i ms: rounds of %s ms", (durationMs, roundMs) => {
  expect(roundMsOf(durationMs)).toBe(roundMs);
});

test.each([
  ["errors", "lower", true, false],
  ["errors", "higher", false, true],
  ["fairness", "higher", true, false],
  ["longest-read-wait", "higher", false, true],
  ["commits", "none", false, false],
  ["commits", "too-few", false, false],
] as const)("%s %s: better %s, worse %s", (metric, change, better, worse) => {
  const each = { metric, change, before: null, after: null };
  expect([isBetter(each), isWorse(each)]).toEqual([better, worse]);
});

test("what each concern is measured by", () => {
  const wait = { kind: "long-wait", longestMs: 1, p99Ms: 1, busyTimeoutMs: 1 } as const;
  expect(metricOf({ ...wait, role: "writer" })).toBe("longest-write-wait");
  expect(metricOf({ ...wait, role: "reader" })).toBe("longest-read-wait");
  expect(metricOf({ kind: "uneven-writers", jain: 0, leastCommits: 0, mostCommits: 0 })).toBe("fairness");
});
