/** One number for some blocks together, such as a rate or a quantile, from sums over these blocks. Pure. */
import { LAST_BUCKET, upperMs } from "../../../recording/histogram.ts";
import type { Series } from "./series.ts";

/** `rate`: events in a second. `quantile`: of durations, by its share. */
export type Statistic = { readonly kind: "rate" } | { readonly kind: "quantile"; readonly q: number };

/** Sums over blocks, of which those of other blocks can be taken. */
export interface Sums {
  events: number;
  coveredMs: number;
  readonly buckets: Float64Array;
}

export function sumsOf({ counts, buckets }: Series, coveredMs: readonly number[], blocks: Iterable<number>): Sums {
  const sums: Sums = { events: 0, coveredMs: 0, buckets: new Float64Array(LAST_BUCKET + 1) };
  for (const block of blocks) {
    sums.events += counts[block] ?? 0;
    sums.coveredMs += coveredMs[block] ?? 0;
    for (const [bucket, count] of buckets?.[block] ?? []) sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + count;
  }
  return sums;
}

export function without(all: Sums, part: Sums): Sums {
  return {
    events: all.events - part.events,
    coveredMs: all.coveredMs - part.coveredMs,
    buckets: all.buckets.map((count, i) => count - (part.buckets[i] ?? 0)),
  };
}

/** @returns null where there is nothing that it could be of */
export function estimate(statistic: Statistic, sums: Sums): number | null {
  if (statistic.kind === "rate") return sums.coveredMs > 0 ? (sums.events * 1_000) / sums.coveredMs : null;
  return quantileOf(sums.buckets, statistic.q);
}

/** How far apart two values are: rates by their difference, lengths of time by their ratio. */
export function distance(statistic: Statistic, before: number, after: number): number {
  return statistic.kind === "rate" ? after - before : Math.log(Math.max(after, 1e-6) / Math.max(before, 1e-6));
}

/** Within a bucket, as if its durations were evenly spread on a logarithmic scale. */
function quantileOf(buckets: Float64Array, q: number): number | null {
  const all = buckets.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return null;
  const wanted = q * all;
  let seen = 0;
  for (const [bucket, count] of buckets.entries()) {
    if (count <= 0 || seen + count < wanted) {
      seen += count;
      continue;
    }
    return upperMs(bucket - 1 + (wanted - seen) / count);
  }
  return null;
}
