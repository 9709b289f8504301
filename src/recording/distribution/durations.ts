/**
 * How long things took, from what a recording has of them: durations that are known, buckets of those that were only
 * counted, and some of which a bound is all that is known. Every answer is therefore a range that holds for certain;
 * where all is known, both its ends are the same. Pure; its memory is bounded.
 */
import { type Buckets, bucketOf, knownBuckets, LAST_BUCKET, upperMs } from "../histogram.ts";

/** ms; `atMostMs` null: no upper bound is known. */
export interface Range {
  readonly atLeastMs: number;
  readonly atMostMs: number | null;
}

/** Of a number of things. */
export interface CountRange {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface CountedDurations {
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs?: number | undefined;
  readonly buckets?: Buckets | undefined;
}

/** Null where there is nothing. */
export interface Quantiles {
  readonly times: number;
  readonly p50: Range | null;
  readonly p95: Range | null;
  readonly p99: Range | null;
  readonly longest: Range | null;
}

/** Of further ones, no more than the bucket is known. */
const MOST_KNOWN = 100_000;

/** So many durations are between `lowMs` and `highMs`. */
interface Interval {
  readonly lowMs: number;
  readonly highMs: number;
  /** They are longer than `lowMs`. */
  readonly isOpen?: true;
  readonly times: number;
}

const NO_BOUND = { highMs: Number.POSITIVE_INFINITY };

export class Durations {
  readonly #known: number[] = [];
  /** By bucket. */
  readonly #counted = new Map<number, number>();
  /** Lower bounds of some; of further ones, rounded down to buckets. */
  readonly #atLeast: number[] = [];
  readonly #countedAtLeast = new Map<number, number>();
  /** Upper bounds of some. */
  readonly #atMost = new Map<number, number>();
  #times = 0;
  /** One of them was at least so long. */
  #longestMs = 0;
  #byLow: readonly Interval[] | null = null;
  #byHigh: readonly Interval[] | null = null;

  get times(): number {
    return this.#times;
  }

  add(ms: number): void {
    this.#changed(1, ms);
    if (this.#known.length < MOST_KNOWN) this.#known.push(ms);
    else increase(this.#counted, bucketOf(ms), 1);
  }

  /** It took so long, or longer. */
  addAtLeast(ms: number): void {
    this.#changed(1, ms);
    if (this.#atLeast.length < MOST_KNOWN) this.#atLeast.push(ms);
    else increase(this.#countedAtLeast, bucketOf(ms), 1);
  }

  /** `unfinished`: of these, so many took so long or longer; which ones, is not known. */
  addCounted({ times, totalMs, longestMs, buckets }: CountedDurations, unfinished = 0): void {
    if (times === 1 && unfinished > 0) this.addAtLeast(totalMs);
    else if (times === 1) this.add(totalMs);
    if (times <= 1) return;
    this.#changed(times, longestMs ?? totalMs / times);
    const known = knownBuckets(buckets, times);
    let left = unfinished;
    // the shortest ones: then no bound is too low, whichever they were
    for (const [name, count] of known.buckets.toSorted(([a], [b]) => Number(a) - Number(b))) {
      const open = Math.min(left, count);
      left -= open;
      if (open > 0) increase(this.#countedAtLeast, Number(name), open);
      if (open < count) increase(this.#counted, Number(name), count - open);
    }
    const rest = times - known.times;
    const open = Math.min(left, rest);
    if (open > 0) increase(this.#countedAtLeast, 0, open);
    if (open < rest) increase(this.#atMost, bucketOf(longestMs ?? totalMs), rest - open);
  }

  /** By the number of the bucket. */
  addBuckets(buckets: ReadonlyMap<number, number>): void {
    for (const [bucket, times] of buckets) {
      this.#changed(times, boundsOf(bucket).lowMs);
      increase(this.#counted, bucket, times);
    }
  }

  /** The value that a share of `q` (0 to 1) does not exceed: by the nearest rank. Null: there is none. */
  quantile(q: number): Range | null {
    if (this.#times === 0) return null;
    const rank = Math.min(this.#times, Math.max(1, Math.ceil(q * this.#times)));
    this.#byLow ??= this.#intervals().sort((a, b) => a.lowMs - b.lowMs);
    this.#byHigh ??= this.#intervals().sort((a, b) => a.highMs - b.highMs);
    const atLeastMs = atRank(this.#byLow, rank)?.lowMs ?? 0;
    const atMostMs = atRank(this.#byHigh, rank)?.highMs ?? Number.POSITIVE_INFINITY;
    return rangeOf(atLeastMs, atMostMs);
  }

  get quantiles(): Quantiles {
    const last = this.quantile(1);
    return {
      times: this.#times,
      ...{ p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99) },
      longest: last === null ? null : rangeOf(Math.max(last.atLeastMs, this.#longestMs), last.atMostMs),
    };
  }

  /** How many took longer than that. */
  above(ms: number): CountRange {
    let [atLeast, atMost] = [0, 0];
    for (const { lowMs, highMs, isOpen, times } of this.#intervals()) {
      if (lowMs > ms || (isOpen === true && lowMs === ms)) atLeast += times;
      if (highMs > ms) atMost += times;
    }
    return { atLeast, atMost };
  }

  /** What of them was longer than that, in all; `atMostMs` null: no upper bound is known. */
  excess(ms: number): Range {
    let [atLeastMs, atMostMs] = [0, 0];
    for (const { lowMs, highMs, times } of this.#intervals()) {
      atLeastMs += times * Math.max(0, lowMs - ms);
      atMostMs += times * Math.max(0, highMs - ms);
    }
    return rangeOf(atLeastMs, atMostMs);
  }

  #changed(times: number, longestMs: number): void {
    this.#times += times;
    this.#longestMs = Math.max(this.#longestMs, longestMs);
    this.#byLow = null;
    this.#byHigh = null;
  }

  #intervals(): Interval[] {
    return [
      ...this.#known.map((ms) => ({ lowMs: ms, highMs: ms, times: 1 })),
      ...[...this.#counted].map(([bucket, times]) => ({ ...boundsOf(bucket), times })),
      ...this.#atLeast.map((ms) => ({ lowMs: ms, ...NO_BOUND, times: 1 })),
      ...[...this.#countedAtLeast].map(([bucket, times]) => ({ ...boundsOf(bucket), ...NO_BOUND, times })),
      ...[...this.#atMost].map(([bucket, times]) => ({ lowMs: 0, highMs: boundsOf(bucket).highMs, times })),
    ];
  }
}

function rangeOf(atLeastMs: number, atMostMs: number | null): Range {
  if (atMostMs === null || !Number.isFinite(atMostMs)) return { atLeastMs, atMostMs: null };
  return { atLeastMs, atMostMs: Math.max(atLeastMs, atMostMs) };
}

function boundsOf(bucket: number): Pick<Interval, "lowMs" | "highMs" | "isOpen"> {
  const highMs = bucket >= LAST_BUCKET ? Number.POSITIVE_INFINITY : upperMs(bucket);
  return bucket <= 0 ? { lowMs: 0, highMs } : { lowMs: upperMs(bucket - 1), highMs, isOpen: true };
}

function atRank(sorted: readonly Interval[], rank: number): Interval | undefined {
  let seen = 0;
  return sorted.find(({ times }) => {
    seen += times;
    return seen >= rank;
  });
}

function increase(counts: Map<number, number>, bucket: number, by: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + by);
}
