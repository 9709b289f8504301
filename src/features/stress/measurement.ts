/** Sums up the records of the workers, in total and for each second. */
import { TransactionTimes, toMs } from "./distribution.ts";
import { fairnessOf } from "./fairness.ts";
import { PerSecond } from "./per-second.ts";
import type { StressRecord } from "./records.ts";
import type { Failures, Fairness, HistogramStep, Latencies, RoundReport, Second } from "./report.ts";
import { RoundTally } from "./round-tally.ts";

/** SQLite sleeps in steps and gives up before the last one: after this part of it, a timeout counts as used up. */
const USED_UP = 0.8;

export class Measurement {
  readonly #busyTimeoutMs: number;
  readonly #writes = new TransactionTimes();
  readonly #reads = new TransactionTimes();
  readonly #failures = new Map<string, Failures>();
  readonly #perSecond = new PerSecond();
  readonly #rounds: RoundTally[] = [];
  /** Commits by slot. */
  readonly #commits = new Map<number, number>();
  #retries = 0;
  #longestWaitUs = 0;
  #maxWalBytes: number | null = null;

  constructor(busyTimeoutMs: number) {
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  get commits(): number {
    return this.#writes.total.count;
  }

  get reads(): number {
    return this.#reads.total.count;
  }

  get errors(): number {
    return this.failures.reduce((sum, { count }) => sum + count, 0);
  }

  get failures(): Failures[] {
    return [...this.#failures.values()];
  }

  get retries(): number {
    return this.#retries;
  }

  get longestWaitMs(): number {
    return toMs(this.#longestWaitUs);
  }

  get maxWalBytes(): number | null {
    return this.#maxWalBytes;
  }

  /** Times begin at 0 again; the seconds follow those of the rounds before. */
  startRound(durationMs: number): void {
    this.#perSecond.startRound(durationMs);
    this.#rounds.push(new RoundTally(durationMs));
  }

  /** `slot`: the slot of the writer; null where the record is not a commit. */
  add(record: StressRecord, slot: number | null): void {
    this.#longestWaitUs = Math.max(this.#longestWaitUs, record.waitingUs);
    this.#rounds.at(-1)?.add(record, slot);
    if (record.kind === "cut-off") return;
    const second = this.#perSecond.at(record.atMs);
    if (record.kind === "failure") {
      this.#addFailure(record);
      second.errors[record.code] = (second.errors[record.code] ?? 0) + 1;
      return;
    }
    if (record.kind !== "commit" && record.kind !== "read") return;
    this.#retries += record.retries;
    const isCommit = record.kind === "commit";
    (isCommit ? this.#writes : this.#reads).record(record.waitingUs, record.workingUs);
    (isCommit ? second.write : second.read).record(record.waitingUs + record.workingUs);
    if (slot !== null) this.#commits.set(slot, (this.#commits.get(slot) ?? 0) + 1);
  }

  /** The size of the -wal at this moment. */
  addWalSize(atMs: number, bytes: number): void {
    this.#perSecond.at(atMs).walBytes = bytes;
    this.#maxWalBytes = Math.max(this.#maxWalBytes ?? 0, bytes);
  }

  /** To be read after the last record. */
  get seconds(): readonly Second[] {
    return this.#perSecond.seconds;
  }

  get latencies(): Latencies {
    return {
      write: this.#writes.total.latency,
      read: this.#reads.total.latency,
      writeWaiting: this.#writes.waiting.latency,
      writeWorking: this.#writes.working.latency,
      readWaiting: this.#reads.waiting.latency,
      readWorking: this.#reads.working.latency,
    };
  }

  get histograms(): { readonly write: readonly HistogramStep[]; readonly read: readonly HistogramStep[] } {
    return { write: this.#writes.histogram, read: this.#reads.histogram };
  }

  /** `writers`: as for {@link fairness}. */
  rounds(writers: number): readonly RoundReport[] {
    return this.#rounds.map((round) => round.report(writers));
  }

  /** `writers`: how many run at the same time. */
  fairness(writers: number): Fairness {
    return fairnessOf(Array.from({ length: writers }, (_, slot) => this.#commits.get(slot) ?? 0));
  }

  #addFailure({ role, code, phase, workingUs }: StressRecord): void {
    const key = `${role} ${code} ${phase}`;
    const durationMs = toMs(workingUs);
    const isUsedUp = this.#busyTimeoutMs > 0 && durationMs >= this.#busyTimeoutMs * USED_UP;
    const before = this.#failures.get(key) ?? { role, code, phase, count: 0, timedOut: 0, longestMs: 0 };
    this.#failures.set(key, {
      ...before,
      count: before.count + 1,
      timedOut: before.timedOut + (isUsedUp ? 1 : 0),
      longestMs: Math.max(before.longestMs, durationMs),
    });
  }
}
