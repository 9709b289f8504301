/** What happened in each block: a number of events, or durations by their buckets. Pure. */
import { type Buckets, bucketOf, knownBuckets } from "../../../recording/histogram.ts";

/** Of one metric in one recording. */
export interface Series {
  /** By block. */
  readonly counts: Float64Array;
  /** By block, and in it by bucket; null: they have no durations. */
  readonly buckets: readonly ReadonlyMap<number, number>[] | null;
  /** Some durations were counted without their lengths. */
  readonly isPartial: boolean;
}

/** Some events, or durations; of one duration, `totalMs` is its length. */
export interface Counted {
  readonly times: number;
  readonly totalMs: number;
  readonly buckets?: Buckets | undefined;
}

export class SeriesTally implements Series {
  readonly counts: Float64Array;
  readonly buckets: Map<number, number>[] | null;
  isPartial = false;

  constructor(blocks: number, hasDurations: boolean) {
    this.counts = new Float64Array(blocks);
    this.buckets = hasDurations ? Array.from({ length: blocks }, () => new Map()) : null;
  }

  addCounted(block: number, { times, totalMs, buckets }: Counted): void {
    this.counts[block] = (this.counts[block] ?? 0) + times;
    const into = this.buckets?.[block];
    if (times === 0 || into === undefined) return;
    if (times === 1) {
      increase(into, bucketOf(totalMs), 1);
      return;
    }
    const known = knownBuckets(buckets, times);
    if (known.times < times) this.isPartial = true;
    for (const [name, count] of known.buckets) increase(into, Number(name), count);
  }
}

function increase(counts: Map<number, number> | undefined, bucket: number, by: number): void {
  counts?.set(bucket, (counts.get(bucket) ?? 0) + by);
}

/** Blocks `every` by `every` put together; those that are left over at the end are left out. */
export function joined({ counts, buckets, isPartial }: Series, every: number): Series {
  const blocks = Math.floor(counts.length / every);
  const sum = new Float64Array(blocks);
  const maps = buckets === null ? null : Array.from({ length: blocks }, () => new Map<number, number>());
  for (let i = 0; i < blocks * every; i++) {
    const into = Math.floor(i / every);
    sum[into] = (sum[into] ?? 0) + (counts[i] ?? 0);
    for (const [bucket, count] of buckets?.[i] ?? []) increase(maps?.[into], bucket, count);
  }
  return { counts: sum, buckets: maps, isPartial };
}

export function joinedTimes(times: readonly number[], every: number): number[] {
  return Array.from({ length: Math.floor(times.length / every) }, (_, i) =>
    times.slice(i * every, (i + 1) * every).reduce((sum, ms) => sum + ms, 0),
  );
}
