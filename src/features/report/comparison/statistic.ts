/** One number for some blocks together, such as a rate or a quantile, from sums over these blocks. Pure. */
import { upperMs } from "../../../recording/histogram.ts";
import type { Series } from "./series.ts";

/** `rate`: events in a second. `quantile`: of durations, by its share. */
export type Statistic = { readonly kind: "rate" } | { readonly kind: "quantile"; readonly q: number };

/** Sums over some blocks. They are made thousands of times: an array each, for those buckets that there are. */
export interface Sums {
  events: number;
  coveredMs: number;
  readonly counts: Float64Array;
}

export class Estimator {
  readonly #statistic: Statistic;
  readonly #events: Float64Array;
  readonly #coveredMs: readonly number[];
  /** In order. */
  readonly #buckets: readonly number[];
  /** By block, and in it by the place in `#buckets`. */
  readonly #counts: readonly Float64Array[];

  constructor(statistic: Statistic, { counts, buckets }: Series, coveredMs: readonly number[]) {
    this.#statistic = statistic;
    this.#events = counts;
    this.#coveredMs = coveredMs;
    const blocks = statistic.kind === "quantile" ? (buckets ?? []) : [];
    this.#buckets = [...new Set(blocks.flatMap((block) => [...block.keys()]))].sort((a, b) => a - b);
    this.#counts = blocks.map((block) => Float64Array.from(this.#buckets, (bucket) => block.get(bucket) ?? 0));
  }

  newSums(): Sums {
    return { events: 0, coveredMs: 0, counts: new Float64Array(this.#buckets.length) };
  }

  /** Of the first `number` blocks of `chosen`, or of all but these. */
  sum(into: Sums, chosen: readonly number[], number: number): void {
    into.events = 0;
    into.coveredMs = 0;
    const { counts } = into;
    counts.fill(0);
    for (let at = 0; at < number; at++) {
      const block = chosen[at] ?? 0;
      into.events += this.#events[block] ?? 0;
      into.coveredMs += this.#coveredMs[block] ?? 0;
      const own = this.#counts[block];
      if (own !== undefined) for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] ?? 0) + (own[i] ?? 0);
    }
  }

  /** How far apart they are: rates by their difference, lengths of time by their ratio. Null: one has nothing. */
  distance(before: Sums, after: Sums): number | null {
    const [one, other] = [this.#estimate(before), this.#estimate(after)];
    if (one === null || other === null) return null;
    return this.#statistic.kind === "rate" ? other - one : Math.log(other / one);
  }

  #estimate({ events, coveredMs, counts }: Sums): number | null {
    if (this.#statistic.kind === "rate") return coveredMs > 0 ? (events * 1_000) / coveredMs : null;
    let all = 0;
    for (const count of counts) all += count;
    return all <= 0 ? null : this.#quantile(counts, this.#statistic.q * all);
  }

  /** Within a bucket, as if its durations were evenly spread on a logarithmic scale. */
  #quantile(counts: Float64Array, wanted: number): number {
    let seen = 0;
    for (let at = 0; at < counts.length; at++) {
      const count = counts[at] ?? 0;
      if (count > 0 && seen + count >= wanted) return upperMs((this.#buckets[at] ?? 0) - 1 + (wanted - seen) / count);
      seen += count;
    }
    return upperMs(this.#buckets.at(-1) ?? 0);
  }
}

export function without(all: Sums, part: Sums, into: Sums): void {
  into.events = all.events - part.events;
  into.coveredMs = all.coveredMs - part.coveredMs;
  for (let i = 0; i < into.counts.length; i++) into.counts[i] = (all.counts[i] ?? 0) - (part.counts[i] ?? 0);
}
