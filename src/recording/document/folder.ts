/**
 * What of a recording is listed, and what is only counted. Listed are waits of --min-wait and more, all that ended
 * without the lock, all refusals, locks and transactions that were held for --min-wait, and shorter ones that a listed
 * wait was behind, that an `open` line has told of, or in which a call was refused: that tells why. The rest is added
 * up per second, process and database. Pure.
 *
 * A wait ends after the lock that it waited for: short locks that were in somebody's way are held back for a second, in
 * case that such a wait names them. Of most locks nobody is refused: they are counted at once.
 */
import { CPU_SLACK_MS } from "../cpu-slack.ts";
import { StillOpen } from "../history/still-open.ts";
import type { BlockerFact, RecordingLine, TransactionLine, WaitLine } from "../lines.ts";
import { LATE_MS } from "../locks/file.ts";
import { CountedSeconds } from "./counted-seconds.ts";
import { type Hold, isOf, NamedHolds } from "./named-holds.ts";
import { redacted } from "./redact.ts";
import { type Short, ShortLines } from "./short-lines.ts";
import { StatementTable } from "./statement-table.ts";
import { type WrittenLine, writtenSummary } from "./uncounted.ts";

export interface FolderOptions {
  readonly minWaitMs: number;
  readonly redact: boolean;
}

/** SQLite's own busy handler looks every 100 ms; other libraries wait up to a second between two attempts. */
const HELD_BACK_MS = 1_000;
const MOST_HELD_BACK = 20_000;
/** A refusal is told of so much later than the lock that was in its way, at most. */
const UNDECIDED_MS = LATE_MS + CPU_SLACK_MS;
const EVERY_MS = 100;

export class Folder {
  readonly #options: FolderOptions;
  readonly #write: (line: WrittenLine) => void;
  readonly #statements: StatementTable;
  readonly #counts = new CountedSeconds();
  readonly #named = new NamedHolds();
  /** They ended just now: a refusal may still be told of. */
  readonly #undecided = new ShortLines();
  /** A wait may name them. */
  readonly #heldBack = new ShortLines();
  /** Of the last `open` line. */
  readonly #stillOpen = new StillOpen();
  #nowMs = 0;
  /** When what is old enough is looked for again. */
  #nextMs = 0;

  constructor(options: FolderOptions, write: (line: WrittenLine) => void) {
    this.#options = options;
    this.#write = write;
    this.#statements = new StatementTable(write);
  }

  add(line: RecordingLine): void {
    switch (line.type) {
      case "lock":
      case "transaction":
        if (this.#stillOpen.ended(line) || line.toMs === null || line.toMs - line.fromMs >= this.#options.minWaitMs)
          this.#list(line);
        else if (line.type === "transaction" && wasRefused(line)) this.#list(line);
        else this.#holdBack(line, line.toMs);
        return;
      case "wait":
        if (this.#stillOpen.ended(line) || this.#isListed(line)) {
          for (const blocker of line.blockers) this.#listBlocker(blocker, line.path);
          this.#list(line);
        } else this.#counts.at(line.fromMs + line.waitedMs).addWait(line);
        return;
      case "refusal":
        for (const blocker of line.blockers ?? []) this.#listBlocker(blocker, line.path);
        this.#list(line);
        return;
      case "counts":
        this.#counts.at(line.fromMs).addCounts(line);
        return;
      case "open":
        this.#stillOpen.set(line);
        this.#list(line);
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

  /** What is written from now on goes into another file. */
  beginFile(): void {
    this.#statements.beginFile();
  }

  /** A wait may name this lock: it is in somebody's way, or was until just now. Told before the line of that wait. */
  inTheWay(hold: Hold): void {
    this.#named.add(hold);
  }

  /** To be called about once a second: what is old enough is counted. */
  second(nowMs: number): void {
    this.#nextMs = 0;
    this.#goOn(nowMs);
  }

  /** Nothing more comes: all is counted. */
  end(): void {
    this.#decide(Number.POSITIVE_INFINITY);
    this.#release(Number.POSITIVE_INFINITY);
    for (const line of this.#counts.end(this.#nowMs)) this.#list(line);
  }

  #isListed({ outcome, waitedMs }: WaitLine): boolean {
    return waitedMs >= this.#options.minWaitMs || (outcome !== "granted" && outcome !== "unknown");
  }

  #list(line: RecordingLine): void {
    this.#write(this.#options.redact ? redacted(line) : this.#statements.shortened(line, this.#nowMs));
  }

  #holdBack(line: Short, toMs: number): void {
    this.#undecided.push(line);
    this.#goOn(toMs);
  }

  #goOn(nowMs: number): void {
    if (nowMs <= this.#nowMs) return;
    this.#nowMs = nowMs;
    this.#decide(nowMs - UNDECIDED_MS);
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + EVERY_MS;
    this.#named.forget(nowMs - UNDECIDED_MS - this.#options.minWaitMs - CPU_SLACK_MS);
    this.#release(nowMs - HELD_BACK_MS);
    for (const line of this.#counts.take(nowMs - HELD_BACK_MS)) this.#list(line);
  }

  /** What ended before then is held back, or counted. */
  #decide(untilMs: number): void {
    for (let line = this.#undecided.shift(untilMs); line !== null; line = this.#undecided.shift(untilMs)) {
      if (!this.#named.has(line)) this.#count(line);
      else {
        this.#heldBack.push(line);
        if (this.#heldBack.size > MOST_HELD_BACK) this.#count(this.#heldBack.shift(Number.POSITIVE_INFINITY));
      }
    }
  }

  #release(untilMs: number): void {
    for (let line = this.#heldBack.shift(untilMs); line !== null; line = this.#heldBack.shift(untilMs))
      this.#count(line);
  }

  #count(line: Short | null): void {
    if (line === null) return;
    const counts = this.#counts.at(line.toMs ?? this.#nowMs);
    if (line.type === "lock") counts.addLock(line);
    else counts.addTransaction(line);
  }

  /** The lock itself, and the transaction that it belongs to. */
  #listBlocker({ pid, fromMs, lock }: BlockerFact, path: string): void {
    const hold = { pid, path, lock, fromMs };
    const untilMs = fromMs + this.#options.minWaitMs + CPU_SLACK_MS;
    for (const lines of [this.#heldBack, this.#undecided]) {
      for (const line of lines.take(fromMs - CPU_SLACK_MS, untilMs, (each) => isOf(each, hold))) this.#list(line);
    }
  }
}

/** A call in it got SQLITE_BUSY after it had read: it had not written. */
function wasRefused({ kind, statements }: TransactionLine): boolean {
  return kind === "read" && statements.some(({ result }) => result?.startsWith("SQLITE_BUSY") === true);
}
