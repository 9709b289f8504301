/**
 * Reads what the programs write into the pipe, by a clock: a reader that each message wakes costs the programs more
 * than the messages do. Never for more than a share of the time.
 */
import { closeSync, readSync } from "node:fs";
import { LONGEST_MESSAGE } from "../../recording/program/message.ts";

/** A pipe has room for 64 kB, or what a tracer asked for: some 500 messages at least. */
const EVERY_MS = 20;
/** So much of this time is for messages: a program that floods the pipe loses some, nobody else does. */
const SHARE_MS = 8;
/** How long the end takes at most. */
const MOST_DRAIN_MS = 1_000;
const PIECE_BYTES = 65_536;
/** The clock is asked after so many lines. */
const LINES = 32;
const NEWLINE = 0x0a;

export class Pipe {
  readonly #fd: number;
  readonly #take: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  /** What has not been looked at, or is no whole line yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** `fd`: of both ends, without waiting; it is closed by `end`. */
  constructor(fd: number, take: (line: string) => void) {
    this.#fd = fd;
    this.#take = take;
    this.#timer = setInterval(() => this.poll(), EVERY_MS);
  }

  /** What was written until now is read, unless that is very much. */
  poll(): void {
    this.#read(performance.now() + SHARE_MS);
  }

  /** What is there now is read. */
  drain(): void {
    this.#read(performance.now() + MOST_DRAIN_MS);
  }

  /** May be called once. */
  end(): void {
    clearInterval(this.#timer);
    closeSync(this.#fd);
  }

  #read(untilMs: number): void {
    do {
      if (!this.#split(untilMs)) return;
      try {
        const length = readSync(this.#fd, this.#buffer);
        if (length === 0) return;
        this.#rest = Buffer.concat([this.#rest, this.#buffer.subarray(0, length)]);
      } catch {
        return; // EAGAIN: it is empty
      }
    } while (performance.now() < untilMs);
  }

  /** Whole lines, until then. @returns whether that were all */
  #split(untilMs: number): boolean {
    let from = 0;
    let isDone = true;
    for (let lines = 1; ; lines++) {
      const end = this.#rest.indexOf(NEWLINE, from);
      if (end < 0) break;
      if (end - from < LONGEST_MESSAGE) this.#take(this.#rest.toString("utf8", from, end));
      from = end + 1;
      if (lines % LINES !== 0 || performance.now() < untilMs) continue;
      isDone = false;
      break;
    }
    // no tracer writes a longer line: what is left of one is skipped to its end
    const to = isDone ? Math.min(this.#rest.length, from + LONGEST_MESSAGE) : this.#rest.length;
    this.#rest = Buffer.from(this.#rest.subarray(from, to));
    return isDone;
  }
}
