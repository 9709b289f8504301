/**
 * Makes the oldest part of a recording's file smaller (--max-size): locks, transactions and waits become counts, waits
 * that gave up and refusals stay. The text of the part goes in line by line, that of its replacement comes out; all
 * that is after it stays as it is. Pure.
 *
 * A file cannot be shortened at its beginning: the replacement is written beside it, and takes its name when it is
 * complete. Until then the file is as it was.
 */
import type {
  CountsLine,
  FoldedLine,
  LockLine,
  RecordingLine,
  RefusalLine,
  TransactionLine,
  WaitLine,
} from "../lines.ts";
import type { ConnectionLine, MisuseLine } from "../program/lines.ts";
import { keyOf } from "../program/repeated.ts";
import { StatementKinds } from "../sql/kinds.ts";
import type { WalLine } from "../state-lines.ts";
import { Counts } from "./counts.ts";
import { readLine } from "./read-line.ts";

export interface ShrinkerOptions {
  /**
   * Waits that gave up and refusals become counts too, and connections and misuses of the same lines of code one line:
   * there is nothing else that would make it smaller.
   */
  readonly withFailures: boolean;
}

type OfProgram = ConnectionLine | MisuseLine;

type Detail = LockLine | TransactionLine | WaitLine | RefusalLine | CountsLine;

/** Of a line of counts. */
const SPAN_MS = 60_000;

export class Shrinker {
  readonly #options: ShrinkerOptions;
  readonly #write: (text: string) => void;
  readonly #counts = new Counts(new StatementKinds());
  /** The last one of each place, with how many these were. */
  readonly #ofPlaces = new Map<string, OfProgram>();
  /** Of each database: the largest of a span. */
  readonly #wals = new Map<string, WalLine>();
  #walsFromMs = 0;
  /** Of what was folded. */
  #lines = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = 0;
  /** Beginning and end of what `#counts` has. */
  #countedFromMs = Number.POSITIVE_INFINITY;
  #countedToMs = 0;
  #folded: FoldedLine | null = null;

  /** What was said of it at the end; null: nothing was folded. */
  get folded(): FoldedLine | null {
    return this.#folded;
  }

  /** `write` takes lines of JSON, each without its line feed. */
  constructor(options: ShrinkerOptions, write: (text: string) => void) {
    this.#options = options;
    this.#write = write;
  }

  /** One line of the file, without its line feed. */
  line(text: string): void {
    const read = readLine(text, 0);
    if (read.line?.type === "meta") this.#counts.counted = read.line;
    if (read.line?.type === "connection" || read.line?.type === "misuse") {
      if (this.#options.withFailures) this.#merge(read.line);
      else this.#write(text);
      return;
    }
    if (read.line?.type === "wal") {
      this.#thin(read.line);
      return;
    }
    if (read.line === null || !this.#isFolded(read.line)) {
      if (read.line?.type === "folded") this.#widen(read.line.fromMs, read.line.toMs, read.line.lines);
      else if (text !== "") this.#write(text);
      return;
    }
    const fromMs = startOf(read.line);
    const toMs = endOf(read.line);
    if (toMs >= this.#countedFromMs + SPAN_MS) this.#takeCounts();
    this.#countedFromMs = Math.min(this.#countedFromMs, Math.max(0, fromMs));
    this.#countedToMs = Math.max(this.#countedToMs, toMs);
    this.#widen(fromMs, toMs, read.line.type === "counts" ? 0 : 1);
    this.#add(read.line);
  }

  /** After the last line of the part. */
  end(): void {
    this.#takeCounts();
    this.#takeWals();
    for (const line of this.#ofPlaces.values()) this.#write(JSON.stringify(line));
    if (this.#fromMs > this.#toMs) return;
    this.#folded = { type: "folded", fromMs: Math.max(0, this.#fromMs), toMs: this.#toMs, lines: this.#lines };
    this.#write(JSON.stringify(this.#folded));
  }

  #merge(line: OfProgram): void {
    const key = keyOf(line);
    const known = this.#ofPlaces.get(key);
    if (known === undefined) this.#ofPlaces.set(key, line);
    else {
      this.#ofPlaces.set(key, { ...line, times: (known.times ?? 1) + (line.times ?? 1) });
      this.#lines += 1;
    }
  }

  /** Of a span one stays: with the most frames that are kept back, then the longest. */
  #thin(line: WalLine): void {
    if (line.atMs >= this.#walsFromMs + SPAN_MS) {
      this.#takeWals();
      this.#walsFromMs = line.atMs;
    }
    const known = this.#wals.get(line.path);
    if (known !== undefined) this.#widen(known.atMs, line.atMs, 1);
    const more =
      known === undefined ? 1 : (line.pinned ?? 0) - (known.pinned ?? 0) || (line.bytes ?? 0) - (known.bytes ?? 0);
    if (more >= 0) this.#wals.set(line.path, line);
  }

  #takeWals(): void {
    for (const line of this.#wals.values()) this.#write(JSON.stringify(line));
    this.#wals.clear();
  }

  /** One `folded` line tells of all that was folded, now and at earlier times. */
  #widen(fromMs: number, toMs: number, lines: number): void {
    this.#lines += lines;
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
  }

  /** What was not over is told nowhere else. */
  #isFolded(line: RecordingLine): line is Detail {
    switch (line.type) {
      case "lock":
      case "transaction":
        return line.toMs !== null;
      case "counts":
        return true;
      case "wait":
        return line.outcome === "granted" || line.outcome === "unknown" || this.#options.withFailures;
      case "refusal":
        return this.#options.withFailures;
      default:
        return false;
    }
  }

  #add(line: Detail): void {
    if (line.type === "lock") this.#counts.addLock(line);
    else if (line.type === "transaction") this.#counts.addTransaction(line);
    else if (line.type === "wait") this.#counts.addWait(line);
    else if (line.type === "refusal") this.#counts.addRefusal(line);
    else this.#counts.addCounts(line);
  }

  #takeCounts(): void {
    if (this.#counts.empty) return;
    for (const line of this.#counts.take(this.#countedFromMs, this.#countedToMs)) this.#write(JSON.stringify(line));
    this.#countedFromMs = Number.POSITIVE_INFINITY;
    this.#countedToMs = 0;
  }
}

function startOf(line: Detail): number {
  return line.type === "refusal" ? line.atMs : line.fromMs;
}

function endOf(line: Detail): number {
  if (line.type === "wait") return line.fromMs + line.waitedMs;
  return line.type === "refusal" ? line.atMs : (line.toMs ?? line.fromMs);
}
