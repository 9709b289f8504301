/** How many holds and waits were how long: listed ones, and those that were only counted. Pure. */
import { type Buckets, bucketOf, upperMs } from "../../../recording/histogram.ts";
import type { CountsLine, LockLine, WaitLine } from "../../../recording/lines.ts";

export interface Lengths {
  /** By the number of the bucket (src/recording/histogram.ts). */
  readonly buckets: ReadonlyMap<number, number>;
  /** Counted ones of which the length is not known. */
  readonly without: number;
  /** Of those in the buckets, or more: the end of the last bucket where it is not known exactly. */
  readonly longestMs: number;
}

/** Locks of a write: the others wait for them. */
const WRITE_LOCKS: ReadonlySet<string> = new Set(["WRITE", "RESERVED"]);
const READ_LOCKS = /^(SHARED|READ\d)$/;

/** A recording of somebody else's making may have more. */
const MOST_DATABASES = 1_000;

export class LengthTally {
  readonly writes = new Counter();
  readonly waits = new Counter();
  readonly #marks = new Counter();
  /** By database: in WAL mode it says only that the database is open. */
  readonly #shared = new Map<string, Counter>();

  lock({ lock, lockType, fromMs, toMs, path }: LockLine): void {
    if (toMs === null) return;
    if (WRITE_LOCKS.has(lock)) this.writes.addOne(toMs - fromMs);
    else if (lockType === "read" && READ_LOCKS.test(lock)) this.#of(lock, path).addOne(toMs - fromMs);
  }

  wait({ waitedMs }: WaitLine): void {
    this.waits.addOne(waitedMs);
  }

  counts({ holds, waits, path }: CountsLine): void {
    for (const [lock, { times, writes = 0, buckets, writeBuckets, longestMs }] of Object.entries(holds)) {
      if (WRITE_LOCKS.has(lock)) this.writes.addAll(buckets, times, longestMs);
      else if (!READ_LOCKS.test(lock) || writes === times) continue;
      else {
        const reads = this.#of(lock, path);
        reads.addAll(buckets, times - writes, longestMs);
        if (buckets !== undefined) reads.takeOut(writeBuckets ?? {});
      }
    }
    if (waits !== null && waits.times > 0) this.waits.addAll(waits.buckets, waits.times);
  }

  reads(isWal: (path: string) => boolean): Lengths {
    const all = new Counter();
    const shared = [...this.#shared].filter(([path]) => !isWal(path)).map(([, counter]) => counter);
    for (const counter of [this.#marks, ...shared]) all.join(counter);
    return all;
  }

  #of(lock: string, path: string): Counter {
    if (lock !== "SHARED") return this.#marks;
    const known = this.#shared.get(path);
    if (known !== undefined) return known;
    const counter = new Counter();
    if (this.#shared.size < MOST_DATABASES) this.#shared.set(path, counter);
    return counter;
  }
}

class Counter implements Lengths {
  readonly buckets = new Map<number, number>();
  without = 0;

  longestMs = 0;

  addOne(ms: number): void {
    this.#add(bucketOf(ms), 1);
    this.longestMs = Math.max(this.longestMs, ms);
  }

  addAll(buckets: Buckets | undefined, times: number, longestMs?: number): void {
    if (buckets === undefined) {
      this.without += times;
      return;
    }
    let last = 0;
    for (const [bucket, many] of Object.entries(buckets)) {
      this.#add(Number(bucket), many);
      last = Math.max(last, Number(bucket));
    }
    this.longestMs = Math.max(this.longestMs, longestMs ?? upperMs(last));
  }

  takeOut(buckets: Buckets): void {
    for (const [bucket, many] of Object.entries(buckets)) this.#add(Number(bucket), -many);
  }

  join({ buckets, without, longestMs }: Lengths): void {
    for (const [bucket, times] of buckets) this.#add(bucket, times);
    this.without += without;
    this.longestMs = Math.max(this.longestMs, longestMs);
  }

  #add(bucket: number, times: number): void {
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + times);
  }
}
