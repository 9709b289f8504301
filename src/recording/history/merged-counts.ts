/** Counts of each second, added up to longer ones: what a summary is made of does not need each second. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import type { CountsLine, HoldCounts, WaitCounts } from "../lines.ts";
import { BucketSum } from "./bucket-sum.ts";

/** From so many a second on, the same statement of one process is a loop, whose times matter. */
const LOOP = 20;
const SECOND_MS = 1_000;

export class MergedCounts {
  readonly #stepMs: number;
  readonly #take: (line: CountsLine) => void;
  /** By pid, those that are added to: nearly always one. */
  readonly #open = new Map<number, Merged[]>();

  constructor(stepMs: number, take: (line: CountsLine) => void) {
    this.#stepMs = stepMs;
    this.#take = take;
  }

  add(line: CountsLine): void {
    if (line.oneStatement?.some(({ times }) => times * SECOND_MS >= LOOP * (line.toMs - line.fromMs)) === true) {
      this.#take(line);
      return;
    }
    let all = this.#open.get(line.pid);
    if (all === undefined) {
      all = [];
      this.#open.set(line.pid, all);
    }
    const index = all.findIndex(({ first }) => first.path === line.path && first.startTicks === line.startTicks);
    const known = all[index];
    if (known === undefined) all.push(new Merged(line));
    else if (line.toMs <= known.first.fromMs + this.#stepMs && line.fromMs >= known.first.fromMs) known.add(line);
    else {
      this.#take(known.line);
      all[index] = new Merged(line);
    }
  }

  end(): void {
    for (const all of this.#open.values()) for (const each of all) this.#take(each.line);
    this.#open.clear();
  }
}

const TIMES = ["writeTransactions", "commits", "gaveUp", "refusals"] as const;

class Merged {
  readonly first: CountsLine;
  readonly #holds = new Map<LockName, HoldSum>();
  readonly #times = { writeTransactions: 0, commits: 0, gaveUp: 0, refusals: 0 };
  #toMs = 0;
  #transactions: number | null = null;
  #optionalRefusals: number | null = null;
  #waits: WaitSum | null = null;

  constructor(first: CountsLine) {
    this.first = first;
    this.add(first);
  }

  add(line: CountsLine): void {
    this.#toMs = Math.max(this.#toMs, line.toMs);
    this.#transactions = plus(this.#transactions, line.transactions);
    this.#optionalRefusals = plus(this.#optionalRefusals, line.optionalRefusals);
    for (const name of TIMES) this.#times[name] += line[name] ?? 0;
    for (const name of Object.keys(line.holds) as LockName[]) {
      const hold = line.holds[name];
      if (hold === undefined) continue;
      let sum = this.#holds.get(name);
      if (sum === undefined) {
        sum = new HoldSum();
        this.#holds.set(name, sum);
      }
      sum.add(hold);
    }
    if (line.waits === null) return;
    this.#waits ??= new WaitSum();
    this.#waits.add(line.waits);
  }

  get line(): CountsLine {
    const { fromMs, pid, startTicks, path } = this.first;
    const holds: Partial<Record<LockName, HoldCounts>> = {};
    for (const [name, sum] of this.#holds) holds[name] = sum.counts;
    const times = TIMES.flatMap((name) => (this.#times[name] > 0 ? [[name, this.#times[name]]] : []));
    return {
      ...{ type: "counts", fromMs, toMs: this.#toMs, pid, startTicks, path, holds, transactions: this.#transactions },
      ...Object.fromEntries(times),
      ...{ waits: this.#waits?.counts ?? null, optionalRefusals: this.#optionalRefusals },
    };
  }
}

class HoldSum {
  #times = 0;
  #totalMs = 0;
  #longestMs = 0;
  #writes = 0;
  #writesMs = 0;
  #longestWriteMs = 0;
  readonly #buckets = new BucketSum();
  readonly #writeBuckets = new BucketSum();

  add({
    times,
    totalMs,
    longestMs = 0,
    writes = 0,
    writesMs,
    longestWriteMs,
    buckets,
    writeBuckets,
  }: HoldCounts): void {
    // where all are write locks, nothing is said of these apart
    const isAll = writes === times;
    this.#times += times;
    this.#totalMs += totalMs;
    this.#longestMs = Math.max(this.#longestMs, longestMs);
    this.#writes += writes;
    this.#writesMs += writesMs ?? (isAll ? totalMs : 0);
    this.#longestWriteMs = Math.max(this.#longestWriteMs, longestWriteMs ?? (isAll ? longestMs : 0));
    this.#buckets.add(buckets);
    this.#writeBuckets.add(writeBuckets ?? (isAll ? buckets : undefined));
  }

  get counts(): HoldCounts {
    const isMixed = this.#writes > 0 && this.#writes < this.#times;
    const buckets = this.#buckets.buckets;
    const writeBuckets = isMixed ? this.#writeBuckets.buckets : null;
    return {
      ...{ times: this.#times, totalMs: this.#totalMs, longestMs: this.#longestMs },
      ...(this.#writes > 0 && { writes: this.#writes }),
      ...(isMixed && { writesMs: this.#writesMs, longestWriteMs: this.#longestWriteMs }),
      ...(buckets !== null && { buckets }),
      ...(writeBuckets !== null && { writeBuckets }),
    };
  }
}

class WaitSum {
  #times = 0;
  #totalMs = 0;
  #attempts = 0;
  #granted = 0;
  readonly #buckets = new BucketSum();

  add({ times, totalMs, attempts = times, granted = 0, buckets }: WaitCounts): void {
    this.#times += times;
    this.#totalMs += totalMs;
    this.#attempts += attempts;
    this.#granted += granted;
    this.#buckets.add(buckets);
  }

  get counts(): WaitCounts {
    const buckets = this.#buckets.buckets;
    return {
      ...{ times: this.#times, totalMs: this.#totalMs },
      ...(this.#attempts > 0 && { attempts: this.#attempts }),
      ...(this.#granted > 0 && { granted: this.#granted }),
      ...(buckets !== null && { buckets }),
    };
  }
}

function plus(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : one + other;
}
