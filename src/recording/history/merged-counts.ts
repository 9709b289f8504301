/** Counts of each second, added up to longer ones: what a summary is made of does not need each second. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import { readLine } from "../document/read-line.ts";
import type { CountsLine, HoldCounts, WaitCounts } from "../lines.ts";
import { BucketSum } from "./bucket-sum.ts";
import { CountsScanner, type ScannedHold, type ScannedWaits } from "./counts-scanner.ts";
import type { Span } from "./history.ts";

/** From so many a second on, the same statement of one process is a loop, whose times matter. */
const LOOP = 20;
const SECOND_MS = 1_000;

/** Whose counts they are. */
type Owner = Pick<CountsLine, "pid" | "startTicks" | "path">;

/** `key`: the text that names it. */
interface KeyedOwner extends Owner {
  readonly key: string;
}

/** Of texts that name an owner. */
const MOST_OWNERS = 10_000;

export class MergedCounts {
  readonly #stepMs: number;
  readonly #withBuckets: boolean;
  readonly #take: (line: CountsLine) => void;
  /** By the text that names their owner, those that are added to. */
  readonly #open = new Map<string, Merged>();
  readonly #owners = new Map<string, KeyedOwner>();
  readonly #scanner = new CountsScanner();

  /** `withBuckets`: the lines have histograms. */
  constructor(stepMs: number, take: (line: CountsLine) => void, withBuckets = true) {
    this.#withBuckets = withBuckets;
    this.#stepMs = stepMs;
    this.#take = take;
  }

  /**
   * A line as it is written, from `from` to before `to` in the text, without parsing it. `isWanted`: by its times.
   * @returns false where it has to be parsed: then nothing was added
   */
  addText(text: string, from: number, to: number, isWanted: (fromMs: number, toMs: number) => boolean): boolean {
    const scanned = this.#scanner;
    if (!scanned.scan(text, from, to)) return false;
    const owner = this.#ownerOf(scanned.who);
    if (owner === null) return false;
    if (isWanted(scanned.fromMs, scanned.toMs)) this.#openOf(owner, scanned).addScanned(scanned);
    return true;
  }

  add(line: CountsLine): void {
    if (line.oneStatement?.some(({ times }) => times * SECOND_MS >= LOOP * (line.toMs - line.fromMs)) === true) {
      this.#take(line);
      return;
    }
    const { pid, startTicks, path } = line;
    const owner = { pid, startTicks, path };
    this.#openOf({ ...owner, key: JSON.stringify(owner).slice(1, -1) }, line).add(line);
  }

  end(): void {
    for (const each of this.#open.values()) this.#take(each.line);
    this.#open.clear();
  }

  #openOf(owner: KeyedOwner, { fromMs, toMs }: Span): Merged {
    const { key } = owner;
    const known = this.#open.get(key);
    if (known !== undefined && toMs <= known.fromMs + this.#stepMs && fromMs >= known.fromMs) return known;
    if (known !== undefined) this.#take(known.line);
    const merged = new Merged(owner, fromMs, this.#withBuckets);
    this.#open.set(key, merged);
    return merged;
  }

  /** Null: the text is not that of an owner. */
  #ownerOf(text: string): KeyedOwner | null {
    const known = this.#owners.get(text);
    if (known !== undefined) return known;
    const { line } = readLine(`{"type":"counts","fromMs":0,"toMs":0,${text},${REST}`, 0);
    if (line?.type !== "counts") return null;
    const { pid, startTicks, path } = line;
    if (this.#owners.size >= MOST_OWNERS) this.#owners.clear();
    // a part of a string keeps all of it
    const key = JSON.parse(JSON.stringify(text)) as string;
    const owner = { pid, startTicks, path, key };
    this.#owners.set(key, owner);
    return owner;
  }
}

const REST = '"holds":{},"transactions":0,"waits":null,"optionalRefusals":0}';

const TIMES = ["writeTransactions", "commits", "gaveUp", "refusals"] as const;

class Merged {
  readonly fromMs: number;
  readonly #owner: Owner;
  readonly #withBuckets: boolean;
  readonly #holds = new Map<LockName, HoldSum>();
  readonly #times = { writeTransactions: 0, commits: 0, gaveUp: 0, refusals: 0 };
  #toMs = 0;
  #transactions: number | null = null;
  #optionalRefusals: number | null = null;
  #waits: WaitSum | null = null;
  #runs: WaitSum | null = null;

  constructor(owner: Owner, fromMs: number, withBuckets: boolean) {
    this.#withBuckets = withBuckets;
    this.#owner = owner;
    this.fromMs = fromMs;
  }

  add(line: CountsLine): void {
    this.#addTimes(line);
    for (const name of Object.keys(line.holds) as LockName[]) {
      const hold = line.holds[name];
      if (hold !== undefined) this.#holdOf(name).add(hold);
    }
    if (line.waits !== null) {
      this.#waits ??= new WaitSum(this.#withBuckets);
      this.#waits.add(line.waits);
    }
    if (line.runs === undefined) return;
    this.#runs ??= new WaitSum(this.#withBuckets);
    this.#runs.add(line.runs);
  }

  addScanned(line: CountsScanner): void {
    this.#addTimes(line);
    for (let i = 0; i < line.holds; i++) {
      const hold = line.hold[i] as ScannedHold;
      this.#holdOf(hold.name).addScanned(hold);
    }
    if (line.hasWaits) {
      this.#waits ??= new WaitSum(this.#withBuckets);
      this.#waits.addScanned(line.waits);
    }
    if (!line.hasRuns) return;
    this.#runs ??= new WaitSum(this.#withBuckets);
    this.#runs.addScanned(line.runs);
  }

  get line(): CountsLine {
    const { pid, startTicks, path } = this.#owner;
    const holds: Partial<Record<LockName, HoldCounts>> = {};
    for (const [name, sum] of this.#holds) holds[name] = sum.counts;
    const times = TIMES.flatMap((name) => (this.#times[name] > 0 ? [[name, this.#times[name]]] : []));
    return {
      ...{ type: "counts", fromMs: this.fromMs, toMs: this.#toMs, pid, startTicks, path, holds },
      transactions: this.#transactions,
      ...Object.fromEntries(times),
      ...{ waits: this.#waits?.counts ?? null, optionalRefusals: this.#optionalRefusals },
      ...(this.#runs !== null && { runs: this.#runs.counts }),
    };
  }

  #addTimes(line: Pick<CountsLine, (typeof TIMES)[number] | "toMs" | "transactions" | "optionalRefusals">): void {
    this.#toMs = Math.max(this.#toMs, line.toMs);
    this.#transactions = plus(this.#transactions, line.transactions);
    this.#optionalRefusals = plus(this.#optionalRefusals, line.optionalRefusals);
    this.#times.writeTransactions += line.writeTransactions ?? 0;
    this.#times.commits += line.commits ?? 0;
    this.#times.gaveUp += line.gaveUp ?? 0;
    this.#times.refusals += line.refusals ?? 0;
  }

  #holdOf(name: LockName): HoldSum {
    let sum = this.#holds.get(name);
    if (sum === undefined) {
      sum = new HoldSum(this.#withBuckets);
      this.#holds.set(name, sum);
    }
    return sum;
  }
}

class HoldSum {
  #times = 0;
  #totalMs = 0;
  #longestMs = 0;
  #writes = 0;
  #writesMs = 0;
  #longestWriteMs = 0;
  readonly #buckets: BucketSum | null;
  readonly #writeBuckets: BucketSum | null;

  constructor(withBuckets: boolean) {
    this.#buckets = withBuckets ? new BucketSum() : null;
    this.#writeBuckets = withBuckets ? new BucketSum() : null;
  }

  add(hold: HoldCounts): void {
    const { times, totalMs, longestMs = Number.NaN, writes = 0 } = hold;
    const { writesMs = Number.NaN, longestWriteMs = Number.NaN, buckets, writeBuckets } = hold;
    this.#add(times, totalMs, longestMs, writes, writesMs, longestWriteMs);
    this.#buckets?.add(times, totalMs, buckets);
    const isAll = writes === times;
    this.#writeBuckets?.add(writes, isAll ? totalMs : writesMs, writeBuckets ?? (isAll ? buckets : undefined));
  }

  addScanned(hold: ScannedHold): void {
    const { times, totalMs, longestMs, writes, writesMs, longestWriteMs, buckets, writeBuckets } = hold;
    this.#add(times, totalMs, longestMs, writes, writesMs, longestWriteMs);
    this.#buckets?.addPairs(times, totalMs, buckets);
    const isAll = writes === times;
    const pairs = isAll && writeBuckets.length === 0 ? buckets : writeBuckets;
    this.#writeBuckets?.addPairs(writes, isAll ? totalMs : writesMs, pairs);
  }

  get counts(): HoldCounts {
    const isMixed = this.#writes > 0 && this.#writes < this.#times;
    const buckets = this.#buckets?.buckets ?? null;
    const writeBuckets = isMixed ? (this.#writeBuckets?.buckets ?? null) : null;
    return {
      ...{ times: this.#times, totalMs: this.#totalMs },
      ...(!Number.isNaN(this.#longestMs) && { longestMs: this.#longestMs }),
      ...(this.#writes > 0 && { writes: this.#writes }),
      ...(isMixed && !Number.isNaN(this.#writesMs) && { writesMs: this.#writesMs }),
      ...(isMixed && !Number.isNaN(this.#longestWriteMs) && { longestWriteMs: this.#longestWriteMs }),
      ...(buckets !== null && { buckets }),
      ...(writeBuckets !== null && { writeBuckets }),
    };
  }

  /**
   * NaN: it is not known; then neither is that of the sum. Where all are write locks, or none, nothing is said of these
   * apart.
   */
  #add(
    times: number,
    totalMs: number,
    longestMs: number,
    writes: number,
    writesMs: number,
    longestWriteMs: number,
  ): void {
    if (times === 0) return;
    const isAll = writes === times;
    const ofWrites = (given: number, ofAll: number) =>
      writes === 0 ? 0 : isAll && Number.isNaN(given) ? ofAll : given;
    this.#times += times;
    this.#totalMs += totalMs;
    this.#longestMs = Math.max(this.#longestMs, longestMs);
    this.#writes += writes;
    this.#writesMs += ofWrites(writesMs, totalMs);
    this.#longestWriteMs = Math.max(this.#longestWriteMs, ofWrites(longestWriteMs, longestMs));
  }
}

class WaitSum {
  #times = 0;
  #totalMs = 0;
  #longestMs = 0;
  /** Of a part it is not known. */
  #isLongestUnknown = false;
  #attempts = 0;
  #granted = 0;
  readonly #buckets: BucketSum | null;

  constructor(withBuckets: boolean) {
    this.#buckets = withBuckets ? new BucketSum() : null;
  }

  add({ times, totalMs, longestMs = Number.NaN, attempts = times, granted = 0, buckets }: WaitCounts): void {
    this.#add(times, totalMs, longestMs, attempts, granted);
    this.#buckets?.add(times, totalMs, buckets);
  }

  addScanned({ times, totalMs, longestMs, attempts, granted, buckets }: ScannedWaits): void {
    this.#add(times, totalMs, longestMs, attempts, granted);
    this.#buckets?.addPairs(times, totalMs, buckets);
  }

  /** `longestMs`: NaN where it is not known. */
  #add(times: number, totalMs: number, longestMs: number, attempts: number, granted: number): void {
    this.#times += times;
    this.#totalMs += totalMs;
    this.#attempts += attempts;
    this.#granted += granted;
    if (longestMs > this.#longestMs) this.#longestMs = longestMs;
    if (times > 0 && Number.isNaN(longestMs)) this.#isLongestUnknown = true;
  }

  get counts(): WaitCounts {
    const buckets = this.#buckets?.buckets ?? null;
    return {
      ...{ times: this.#times, totalMs: this.#totalMs },
      ...(this.#times > 0 && !this.#isLongestUnknown && { longestMs: this.#longestMs }),
      ...(this.#attempts > 0 && { attempts: this.#attempts }),
      ...(this.#granted > 0 && { granted: this.#granted }),
      ...(buckets !== null && { buckets }),
    };
  }
}

function plus(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : one + other;
}
