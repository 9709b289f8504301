/** What of two recordings is compared. Data. */
import type { Statistic } from "./statistic.ts";

/** Of these, each block has a number of events, or durations. */
export const EVENTS = ["waits", "gaveUp", "commits", "holds", "waitLengths"] as const;
export type Events = (typeof EVENTS)[number];

export interface Metric {
  readonly id: MetricId;
  readonly of: Events;
  readonly statistic: Statistic;
  readonly good: "lower" | "higher";
  /** So many durations are needed on each side, that the quantile is not just the longest. */
  readonly least: number;
}

export const METRIC_IDS = [
  ...(["waits", "gave-up", "commits", "hold-p50", "hold-p95", "hold-p99"] as const),
  ...(["wait-p50", "wait-p95", "wait-p99"] as const),
] as const;
export type MetricId = (typeof METRIC_IDS)[number];

const rate = { kind: "rate" } as const;

/** `gave-up`: calls that ended with SQLITE_BUSY. `hold`: of the write lock. Rates in a second. */
export const METRICS: readonly Metric[] = [
  { id: "waits", of: "waits", statistic: rate, good: "lower", least: 0 },
  { id: "gave-up", of: "gaveUp", statistic: rate, good: "lower", least: 0 },
  { id: "commits", of: "commits", statistic: rate, good: "higher", least: 0 },
  ...quantiles("hold", "holds"),
  ...quantiles("wait", "waitLengths"),
];

function quantiles(name: "hold" | "wait", of: Events): Metric[] {
  return ([50, 95, 99] as const).map((percent) => ({
    ...{ id: `${name}-p${percent}`, of, statistic: { kind: "quantile", q: percent / 100 }, good: "lower" },
    least: 100 / (100 - percent),
  }));
}
