/**
 * Durations by their length, in few numbers: four buckets for each doubling, so that a bound is at most 19 % above what
 * it stands for. Pure.
 */

/**
 * How many durations are in each bucket, by its number: bucket n has those above `upperMs(n - 1)`, and up to
 * `upperMs(n)`. Bucket 0 has all up to a microsecond.
 */
export type Buckets = Readonly<Record<string, number>>;

const PER_DOUBLING = 4;
/** Of 2^40 microseconds, 12 days: longer ones are in it, too. */
export const LAST_BUCKET = 40 * PER_DOUBLING;

export function bucketOf(ms: number): number {
  const us = ms * 1000;
  if (!(us > 1)) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(Math.log2(us) * PER_DOUBLING - 1e-9));
}

/** The longest duration of a bucket, ms. */
export function upperMs(bucket: number): number {
  return 2 ** (bucket / PER_DOUBLING) / 1000;
}
