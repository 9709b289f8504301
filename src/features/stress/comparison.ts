/** Rounds with the settings as given beside rounds with another one: which differences count. Pure. */
import type { Concern, Metric, MetricChange, RoundReport } from "./report.ts";
import { changeOf, MIN_ROUNDS, rangeOf } from "./spread.ts";
import { MIN_ROUND_MS } from "./turns.ts";

/** Of each of the two: as few as can be compared. */
export const ROUNDS_EACH = MIN_ROUNDS;

const MAX_ROUND_MS = 2000;

/** @returns the length of each round, all of them together as long as the run; null where it was too short for that */
export function roundMsOf(durationMs: number): number | null {
  const roundMs = Math.floor(durationMs / (2 * ROUNDS_EACH));
  return roundMs < MIN_ROUND_MS ? null : Math.min(roundMs, MAX_ROUND_MS);
}

/** From here on a comparison is made. */
export const MIN_DURATION_MS = 2 * ROUNDS_EACH * MIN_ROUND_MS;

const VALUES: Record<Metric, (round: RoundReport) => number | null> = {
  "longest-write-wait": ({ longestWaitMs }) => longestWaitMs.writer,
  "longest-read-wait": ({ longestWaitMs }) => longestWaitMs.reader,
  fairness: ({ jain }) => jain,
  errors: ({ errors }) => errors,
  commits: ({ commits, durationMs }) => rateOf(commits, durationMs),
  reads: ({ reads, durationMs }) => rateOf(reads, durationMs),
};

export function metricsOf(before: readonly RoundReport[], after: readonly RoundReport[]): MetricChange[] {
  return (Object.keys(VALUES) as Metric[]).map((metric) => {
    const [from, to] = [before, after].map((rounds) =>
      rounds.map(VALUES[metric]).filter((value): value is number => value !== null),
    ) as [number[], number[]];
    return { metric, before: rangeOf(from), after: rangeOf(to), change: changeOf(from, to) };
  });
}

/** What a concern is measured by. */
export function metricOf(concern: Concern): Metric {
  if (concern.kind === "uneven-writers") return "fairness";
  return concern.role === "writer" ? "longest-write-wait" : "longest-read-wait";
}

const GOOD: Record<Metric, "lower" | "higher"> = {
  "longest-write-wait": "lower",
  "longest-read-wait": "lower",
  fairness: "higher",
  errors: "lower",
  commits: "higher",
  reads: "higher",
};

export function isBetter({ metric, change }: MetricChange): boolean {
  return change === GOOD[metric];
}

export function isWorse({ metric, change }: MetricChange): boolean {
  return (change === "lower" || change === "higher") && change !== GOOD[metric];
}

function rateOf(count: number, durationMs: number): number {
  return Math.round((count * 10_000) / durationMs) / 10;
}
