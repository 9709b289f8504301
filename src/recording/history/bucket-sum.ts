/** Histograms that are added up. Pure. */
import type { Buckets } from "../histogram.ts";

export class BucketSum {
  /** By the number of the bucket. */
  readonly #times: number[] = [];

  add(buckets: Buckets | undefined): void {
    if (buckets === undefined) return;
    for (const name of Object.keys(buckets)) {
      const bucket = Number(name);
      while (this.#times.length <= bucket) this.#times.push(0);
      this.#times[bucket] = (this.#times[bucket] ?? 0) + (buckets[name] ?? 0);
    }
  }

  /** Null: nothing was added. */
  get buckets(): Buckets | null {
    if (this.#times.length === 0) return null;
    const buckets: Record<string, number> = {};
    for (let bucket = 0; bucket < this.#times.length; bucket++) {
      const times = this.#times[bucket] ?? 0;
      if (times > 0) buckets[bucket] = times;
    }
    return buckets;
  }
}
