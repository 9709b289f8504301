/** Counts of each second, added up to longer ones: what a summary is made of does not need each second. Pure. */
import { LOCK_NAMES, type LockName } from "../../sqlite/locks.ts";
import type { Buckets } from "../histogram.ts";
import type { CountsLine, HoldCounts, WaitCounts } from "../lines.ts";

/** From so many a second on, the same statement of one process is a loop, whose times matter. */
const LOOP = 20;
const SECOND_MS = 1_000;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Merged extends Writable<CountsLine> {
  holds: Partial<Record<LockName, Writable<HoldCounts>>>;
}

export class MergedCounts {
  readonly #stepMs: number;
  readonly #take: (line: CountsLine) => void;
  /** By process and database, the one that is added to. */
  readonly #open = new Map<string, Merged>();

  constructor(stepMs: number, take: (line: CountsLine) => void) {
    this.#stepMs = stepMs;
    this.#take = take;
  }

  add(line: CountsLine): void {
    if (line.oneStatement?.some(({ times }) => times * SECOND_MS >= LOOP * (line.toMs - line.fromMs)) === true) {
      this.#take(line);
      return;
    }
    const key = `${line.pid} ${line.startTicks} ${line.path}`;
    const known = this.#open.get(key);
    if (known !== undefined && line.toMs <= known.fromMs + this.#stepMs && line.fromMs >= known.fromMs) {
      addTo(known, line);
      return;
    }
    if (known !== undefined) this.#take(known);
    const { oneStatement: _, ...rest } = line;
    this.#open.set(key, { ...rest, holds: copyOf(line.holds) });
  }

  end(): void {
    for (const line of this.#open.values()) this.#take(line);
    this.#open.clear();
  }
}

function copyOf(holds: CountsLine["holds"]): Merged["holds"] {
  const copy: Merged["holds"] = {};
  for (const name of LOCK_NAMES) {
    const hold = holds[name];
    if (hold !== undefined) copy[name] = { ...hold };
  }
  return copy;
}

function addTo(to: Merged, line: CountsLine): void {
  to.toMs = Math.max(to.toMs, line.toMs);
  to.transactions = plus(to.transactions, line.transactions);
  to.optionalRefusals = plus(to.optionalRefusals, line.optionalRefusals);
  for (const name of ["writeTransactions", "commits", "gaveUp", "refusals"] as const)
    if (line[name] !== undefined) to[name] = (to[name] ?? 0) + line[name];
  for (const name in line.holds) {
    const hold = line.holds[name as LockName];
    if (hold === undefined) continue;
    const known = to.holds[name as LockName];
    to.holds[name as LockName] = known === undefined ? { ...hold } : holdsOf(known, hold);
  }
  to.waits = to.waits === null ? line.waits : line.waits === null ? to.waits : waitsOf(to.waits, line.waits);
}

function holdsOf(one: HoldCounts, other: HoldCounts): HoldCounts {
  const writes = (one.writes ?? 0) + (other.writes ?? 0);
  const times = one.times + other.times;
  const parts = [one, other].map(ofWrites);
  const isMixed = writes > 0 && writes < times;
  const buckets = bucketsOf(one.buckets, other.buckets);
  const writeBuckets = isMixed ? bucketsOf(parts[0]?.buckets, parts[1]?.buckets) : undefined;
  return {
    ...{ times, totalMs: one.totalMs + other.totalMs },
    longestMs: Math.max(one.longestMs ?? 0, other.longestMs ?? 0),
    ...(writes > 0 && { writes }),
    ...(isMixed && {
      writesMs: parts.reduce((sum, { totalMs }) => sum + totalMs, 0),
      longestWriteMs: Math.max(...parts.map(({ longestMs }) => longestMs)),
    }),
    ...(buckets !== undefined && { buckets }),
    ...(writeBuckets !== undefined && { writeBuckets }),
  };
}

/** Where all are write locks, nothing is said of them apart. */
function ofWrites(hold: HoldCounts) {
  const { times, totalMs, longestMs = 0, writes = 0, writesMs = 0, longestWriteMs = 0 } = hold;
  if (writes === times) return { totalMs, longestMs, buckets: hold.buckets };
  return { totalMs: writesMs, longestMs: longestWriteMs, buckets: writes === 0 ? undefined : hold.writeBuckets };
}

function waitsOf(one: WaitCounts, other: WaitCounts): WaitCounts {
  const granted = (one.granted ?? 0) + (other.granted ?? 0);
  const attempts = (one.attempts ?? one.times) + (other.attempts ?? other.times);
  const buckets = bucketsOf(one.buckets, other.buckets);
  return {
    ...{ times: one.times + other.times, totalMs: one.totalMs + other.totalMs },
    ...(attempts > 0 && { attempts }),
    ...(granted > 0 && { granted }),
    ...(buckets !== undefined && { buckets }),
  };
}

function bucketsOf(one: Buckets | undefined, other: Buckets | undefined): Buckets | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const sum: Record<string, number> = { ...one };
  for (const bucket in other) sum[bucket] = (sum[bucket] ?? 0) + (other[bucket] ?? 0);
  return sum;
}

function plus(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : one + other;
}
