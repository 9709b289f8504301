/** What the workers tell, added up: in all, and a second at a time. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { StressRecord } from "./records.ts";
import type { Failures, Fairness, Latencies, Latency, Second, Step } from "./report.ts";

/** Up to an hour, to three figures (in all) or two (of a second). */
const MOST_US = 3_600_000_000;
const LARGE = 3;
const SMALL = 2;

/** What is told late belongs to its second for so long; then that is settled. */
const LATE_SECONDS = 3;

/** Steps of the small histogram, in ms. */
const STEPS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, Number.POSITIVE_INFINITY];

/** A timeout was used up when so much of it has passed: SQLite sleeps in steps, and ends before the last. */
const USED_UP = 0.8;

export class Measure {
  readonly #busyTimeoutMs: number;
  readonly #write = new Parts();
  readonly #read = new Parts();
  readonly #failures = new Map<string, Failures>();
  readonly #seconds: Second[] = [];
  readonly #open = new Map<number, OpenSecond>();
  readonly #slots = new Map<number, number>();
  /** Of the rounds before this one, and of this one, in ms. */
  #offsetMs = 0;
  #roundMs = 0;
  #settled = 0;
  #retries = 0;
  #longestUs = 0;
  #walBytes: number | null = null;

  constructor(busyTimeoutMs: number) {
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  get commits(): number {
    return this.#write.total.count;
  }

  get reads(): number {
    return this.#read.total.count;
  }

  get failed(): number {
    return this.failures.reduce((sum, { count }) => sum + count, 0);
  }

  get failures(): Failures[] {
    return [...this.#failures.values()];
  }

  get retries(): number {
    return this.#retries;
  }

  get longestWaitMs(): number {
    return ms(this.#longestUs);
  }

  get mostWalBytes(): number | null {
    return this.#walBytes;
  }

  /** `slot`: whose commit it was, where it is one. */
  take(record: StressRecord, slot: number | null): void {
    const second = this.#second(record.atMs);
    this.#longestUs = Math.max(this.#longestUs, record.waitingUs);
    if (record.kind === "failure") {
      this.#fail(record);
      second.errors[record.code] = (second.errors[record.code] ?? 0) + 1;
      return;
    }
    if (record.kind !== "commit" && record.kind !== "read") return;
    this.#retries += record.retries;
    const isCommit = record.kind === "commit";
    (isCommit ? this.#write : this.#read).record(record.waitingUs, record.workingUs);
    (isCommit ? second.write : second.read).record(record.waitingUs + record.workingUs);
    if (slot !== null) this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + 1);
  }

  /** Of the -wal, as it is at this moment. */
  wal(atMs: number, bytes: number): void {
    this.#second(atMs).walBytes = bytes;
    this.#walBytes = Math.max(this.#walBytes ?? 0, bytes);
  }

  /** Its time begins at 0; the seconds go on where those of the rounds before ended. */
  startRound(durationMs: number): void {
    this.#offsetMs += this.#roundMs;
    this.#roundMs = durationMs;
  }

  /** To be asked at the end. */
  get seconds(): readonly Second[] {
    this.#settle(Number.POSITIVE_INFINITY);
    return this.#seconds;
  }

  get latencies(): Latencies {
    const [write, read] = [this.#write, this.#read];
    return {
      write: write.total.latency,
      read: read.total.latency,
      writeWaiting: write.waiting.latency,
      writeWorking: write.working.latency,
      readWaiting: read.waiting.latency,
      readWorking: read.working.latency,
    };
  }

  get steps(): { readonly write: readonly Step[]; readonly read: readonly Step[] } {
    return { write: this.#write.steps, read: this.#read.steps };
  }

  /** `writers`: how many there were at a time. */
  fairness(writers: number): Fairness {
    return fairnessOf(Array.from({ length: writers }, (_, slot) => this.#slots.get(slot) ?? 0));
  }

  #fail({ role, code, phase, workingUs }: StressRecord): void {
    const key = `${role} ${code} ${phase}`;
    const waitedMs = ms(workingUs);
    const usedUp = this.#busyTimeoutMs > 0 && waitedMs >= this.#busyTimeoutMs * USED_UP ? 1 : 0;
    const before = this.#failures.get(key) ?? { role, code, phase, count: 0, timedOut: 0, longestMs: 0 };
    this.#failures.set(key, {
      ...before,
      count: before.count + 1,
      timedOut: before.timedOut + usedUp,
      longestMs: Math.max(before.longestMs, waitedMs),
    });
  }

  #second(atMs: number): OpenSecond {
    const inRound = Math.min(atMs, this.#roundMs - 1); // what was begun before the end, and was through after it
    // what is told very late counts for the first second that is open
    const number = Math.max(this.#settled, Math.floor((this.#offsetMs + inRound) / 1000));
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    this.#settle(number - LATE_SECONDS);
    const second: OpenSecond = {
      errors: {},
      write: new Distribution(SMALL),
      read: new Distribution(SMALL),
      walBytes: null,
    };
    this.#open.set(number, second);
    return second;
  }

  #settle(before: number): void {
    if (Number.isFinite(before)) this.#settled = Math.max(this.#settled, before);
    for (const [number, { errors, write, read, walBytes }] of [...this.#open].sort(([a], [b]) => a - b)) {
      if (number >= before) continue;
      this.#open.delete(number);
      const latencyMs = { write: write.latency, read: read.latency };
      this.#seconds.push({ second: number, commits: write.count, reads: read.count, errors, latencyMs, walBytes });
    }
  }
}

interface OpenSecond {
  readonly errors: Record<string, number>;
  readonly write: Distribution;
  readonly read: Distribution;
  walBytes: number | null;
}

/** Waiting and working, apart and together, in µs. */
class Parts {
  readonly waiting = new Distribution(LARGE);
  readonly working = new Distribution(LARGE);
  readonly total = new Distribution(LARGE);
  readonly #counts = STEPS.map(() => 0);

  record(waitingUs: number, workingUs: number): void {
    const totalUs = waitingUs + workingUs;
    this.waiting.record(waitingUs);
    this.working.record(workingUs);
    this.total.record(totalUs);
    const at = STEPS.findIndex((step) => totalUs < step * 1000);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  get steps(): Step[] {
    return this.#counts.map((count, i) => ({ belowMs: Number.isFinite(STEPS[i]) ? (STEPS[i] ?? null) : null, count }));
  }
}

/** Of times in µs; the histogram knows them to some figures, the longest is exact. */
class Distribution {
  readonly #histogram: RecordableHistogram;
  #longestUs = 0;

  constructor(figures: number) {
    this.#histogram = createHistogram({ lowest: 1, highest: MOST_US, figures });
  }

  get count(): number {
    return this.#histogram.count;
  }

  record(us: number): void {
    this.#histogram.record(Math.max(1, us));
    this.#longestUs = Math.max(this.#longestUs, us);
  }

  get latency(): Latency {
    if (this.count === 0) return { p50: null, p95: null, p99: null, max: null };
    const percentile = (percent: number) => ms(Math.min(this.#histogram.percentile(percent), this.#longestUs));
    return { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: ms(this.#longestUs) };
  }
}

function ms(us: number): number {
  return Math.round(us) / 1000;
}

/** Source: R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness, 1984. 1: all alike; 1/n: one has all. */
export function fairnessOf(commits: readonly number[]): Fairness {
  const sum = commits.reduce((all, each) => all + each, 0);
  const squares = commits.reduce((all, each) => all + each * each, 0);
  const jain = squares === 0 ? null : Math.round((sum * sum * 1000) / (commits.length * squares)) / 1000;
  return { jain, leastCommits: Math.min(...commits), mostCommits: Math.max(...commits) };
}
