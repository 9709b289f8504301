/**
 * What of a recording is listed, and what is only counted. Listed are waits of --min-wait and more, all that ended
 * without the lock, all refusals, locks and transactions that were held for --min-wait, and shorter ones that a listed
 * wait was behind. The rest is added up per second, process and database. Pure.
 *
 * A wait ends after the lock that it waited for: short locks are held back for a moment, in case that such a wait names
 * them.
 */
import { CPU_SLACK_MS } from "../cpu-slack.ts";
import type { BlockerFact, LockLine, RecordingLine, TransactionLine, WaitLine } from "../lines.ts";
import { StatementKinds } from "../sql/kinds.ts";
import { Counts } from "./counts.ts";
import { redacted } from "./redact.ts";
import { StatementTable } from "./statement-table.ts";
import { type WrittenLine, writtenSummary } from "./uncounted.ts";

export interface FolderOptions {
  readonly minWaitMs: number;
  readonly redact: boolean;
}

type Short = LockLine | TransactionLine;

/** SQLite's own busy handler looks every 100 ms; other libraries wait up to a second between two attempts. */
const HELD_BACK_MS = 1_000;
const MOST_HELD_BACK = 20_000;

export class Folder {
  readonly #options: FolderOptions;
  readonly #write: (line: WrittenLine) => void;
  readonly #statements: StatementTable;
  readonly #counts = new Counts(new StatementKinds());
  /** In the order of their ends; from `#first` on. Null: written. */
  #short: (Short | null)[] = [];
  #first = 0;
  #nowMs = 0;
  /** Beginning of the second that is counted. */
  #secondMs = 0;

  constructor(options: FolderOptions, write: (line: WrittenLine) => void) {
    this.#options = options;
    this.#write = write;
    this.#statements = new StatementTable(write);
  }

  add(line: RecordingLine): void {
    switch (line.type) {
      case "lock":
      case "transaction":
        if (line.toMs === null || line.toMs - line.fromMs >= this.#options.minWaitMs) this.#list(line);
        else this.#holdBack(line, line.toMs);
        return;
      case "wait":
        if (this.#isListed(line)) {
          for (const blocker of line.blockers) this.#listBlocker(blocker, line.path);
          this.#list(line);
        } else {
          this.#beginSecond(line.fromMs + line.waitedMs - HELD_BACK_MS);
          this.#counts.addWait(line);
        }
        return;
      case "counts":
        this.#counts.addCounts(line);
        return;
      case "meta":
        this.#counts.counted = line;
        this.#list(line);
        return;
      case "summary": {
        this.end();
        const summary = writtenSummary(line, this.#counts.counted);
        this.#write(this.#options.redact ? redacted(summary) : summary);
        return;
      }
      default:
        this.#list(line);
    }
  }

  /** To be called about once a second: what is old enough is counted. */
  second(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#forget(nowMs - HELD_BACK_MS);
    this.#beginSecond(nowMs - HELD_BACK_MS);
  }

  /** Nothing more comes: all is counted. */
  end(): void {
    this.#forget(Number.POSITIVE_INFINITY);
    this.#takeCounts(Math.max(this.#nowMs, this.#secondMs));
  }

  #isListed({ outcome, waitedMs }: WaitLine): boolean {
    return waitedMs >= this.#options.minWaitMs || (outcome !== "granted" && outcome !== "unknown");
  }

  #list(line: RecordingLine): void {
    this.#write(this.#options.redact ? redacted(line) : this.#statements.shortened(line, this.#nowMs));
  }

  #holdBack(line: Short, toMs: number): void {
    if (toMs > this.#nowMs) this.#nowMs = toMs;
    this.#short.push(line);
    if (this.#short.length - this.#first > MOST_HELD_BACK) this.#count(this.#first++);
    if (this.#first > MOST_HELD_BACK) this.#tidy();
  }

  /** The short lines that ended before `untilMs` are counted. */
  #forget(untilMs: number): void {
    while (this.#first < this.#short.length) {
      const line = this.#short[this.#first];
      if (line != null && (line.toMs ?? 0) > untilMs) break;
      this.#count(this.#first++);
    }
    this.#tidy();
  }

  #tidy(): void {
    this.#short = this.#short.slice(this.#first);
    this.#first = 0;
  }

  #count(index: number): void {
    const line = this.#short[index];
    if (line == null) return;
    this.#beginSecond(line.toMs ?? 0);
    if (line.type === "lock") this.#counts.addLock(line);
    else this.#counts.addTransaction(line);
    this.#short[index] = null;
  }

  #beginSecond(atMs: number): void {
    if (atMs < this.#secondMs + 1_000) return;
    const next = Math.floor(atMs / 1_000) * 1_000;
    if (!this.#counts.empty) this.#takeCounts(Math.min(next, this.#secondMs + 1_000));
    this.#secondMs = next;
  }

  #takeCounts(toMs: number): void {
    for (const line of this.#counts.take(this.#secondMs, toMs)) this.#list(line);
  }

  /** The lock itself, and the transaction that it belongs to. */
  #listBlocker({ pid, fromMs, lock }: BlockerFact, path: string): void {
    const lastEnd = fromMs + this.#options.minWaitMs + CPU_SLACK_MS;
    for (let index = this.#firstEndedSince(fromMs - CPU_SLACK_MS); index < this.#short.length; index++) {
      const line = this.#short[index];
      if (line == null) continue;
      if ((line.toMs ?? 0) > lastEnd) break;
      if (line.pid !== pid || line.path !== path || line.fromMs > fromMs + CPU_SLACK_MS) continue;
      if (line.type === "lock" && (line.lock !== lock || line.fromMs < fromMs - CPU_SLACK_MS)) continue;
      this.#short[index] = null;
      this.#list(line);
    }
  }

  /** Index of the first short line that ended at `atMs` or later. */
  #firstEndedSince(atMs: number): number {
    let low = this.#first;
    let high = this.#short.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      let probe = middle;
      while (probe < high && this.#short[probe] == null) probe++; // a written one has no time
      const toMs = probe === high ? Number.POSITIVE_INFINITY : (this.#short[probe]?.toMs ?? 0);
      if (toMs < atMs) low = probe + 1;
      else high = middle;
    }
    return low;
  }
}
