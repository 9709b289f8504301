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

/** Counts durations by bucket. */
export class BucketTally {
  readonly #counts = new Map<number, number>();
  /** A part of what was added has lengths that are not known. */
  #isPartial = false;

  add(ms: number): void {
    const bucket = bucketOf(ms);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  /** `buckets`: of `times` durations. Where they are not known, or not of all of these, nothing is known of the sum. */
  addAll(buckets: Buckets | undefined, times: number): void {
    if (times === 0) return;
    let known = 0;
    for (const [name, count] of Object.entries(buckets ?? {})) {
      const bucket = Number(name);
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
      known += count;
    }
    if (known !== times) this.#isPartial = true;
  }

  /** Undefined where there is nothing, or not all of it is known. */
  get buckets(): Buckets | undefined {
    return this.#isPartial || this.#counts.size === 0 ? undefined : Object.fromEntries(this.#counts);
  }
}

/** Of `times` durations, those whose buckets are known: all, some (counts that were added up), or none. */
export function knownBuckets(buckets: Buckets | undefined, times: number) {
  const all = Object.entries(buckets ?? {});
  const known = all.reduce((sum, [, count]) => sum + count, 0);
  return known > times ? { buckets: [], times: 0 } : { buckets: all, times: known };
}

/** Undefined where one of them is not known. */
export function sumOf(one: Buckets | undefined, other: Buckets | undefined): Buckets | undefined {
  if (one === undefined || other === undefined) return undefined;
  const sum = new Map(Object.entries(one));
  for (const [name, count] of Object.entries(other)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}

/** What is in `all` besides `part`; undefined where `all` is not known, or does not have all of `part`. */
export function difference(all: Buckets | undefined, part: Buckets = {}): Buckets | undefined {
  if (all === undefined) return undefined;
  const left = new Map(Object.entries(all));
  for (const [name, count] of Object.entries(part)) {
    const rest = (left.get(name) ?? 0) - count;
    if (rest < 0) return undefined;
    if (rest === 0) left.delete(name);
    else left.set(name, rest);
  }
  return Object.fromEntries(left);
}
