/** Histograms that are added up. Pure. */
import { type Buckets, bucketOf } from "../histogram.ts";
import type { Pairs } from "./counts-scanner.ts";

export class BucketSum {
  /** By the number of the bucket. */
  readonly #times: number[] = [];

  /** Of all durations, and of those that are in a bucket. */
  #wanted = 0;
  #placed = 0;

  /** `times`: so many durations it has, of `totalMs` in all (NaN: not known). */
  add(times: number, totalMs: number, buckets: Buckets | undefined): void {
    this.#wanted += times;
    if (buckets === undefined) {
      if (times === 1 && !Number.isNaN(totalMs)) this.#put(bucketOf(totalMs), 1);
      return;
    }
    for (const name of Object.keys(buckets)) {
      this.#put(Number(name), buckets[name] ?? 0);
    }
  }

  addPairs(times: number, totalMs: number, { values, length }: Pairs): void {
    this.#wanted += times;
    if (length === 0 && times === 1 && !Number.isNaN(totalMs)) this.#put(bucketOf(totalMs), 1);
    for (let at = 0; at < length; at += 2) this.#put(values[at] as number, values[at + 1] as number);
  }

  /** Null: nothing was added, or of a part no length is known. */
  get buckets(): Buckets | null {
    if (this.#times.length === 0 || this.#placed !== this.#wanted) return null;
    const buckets: Record<string, number> = {};
    for (let bucket = 0; bucket < this.#times.length; bucket++) {
      const times = this.#times[bucket] ?? 0;
      if (times > 0) buckets[bucket] = times;
    }
    return buckets;
  }

  #put(bucket: number, times: number): void {
    while (this.#times.length <= bucket) this.#times.push(0);
    this.#times[bucket] = (this.#times[bucket] as number) + times;
    this.#placed += times;
  }
}
