/** Reads what the programs write into the pipe, as it comes, but never for more than a share of the time. */
import { readSync } from "node:fs";
import { Socket } from "node:net";
import { LONGEST_MESSAGE } from "../../recording/program/message.ts";

/** So much of a slice of time is for these messages: a program that floods the pipe loses some, nobody else does. */
const SLICE_MS = 50;
const SHARE_MS = 20;
/** How long the end takes at most. */
const MOST_DRAIN_MS = 1_000;
const PIECE_BYTES = 65_536;
/** The clock is asked after so many lines. */
const LINES = 32;
const NEWLINE = 0x0a;

export class Pipe {
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #take: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  /** What has not been looked at, or is no whole line yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** In this slice. */
  #workedMs = 0;

  /** `fd`: of both ends, without waiting; it is closed by `end`. */
  constructor(fd: number, take: (line: string) => void) {
    this.#fd = fd;
    this.#take = take;
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (data: Buffer) => {
      this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
      this.#work();
    });
    this.#socket.on("error", () => undefined);
    this.#timer = setInterval(() => {
      this.#workedMs = 0;
      this.#work();
    }, SLICE_MS);
  }

  /** What is there now is read. */
  drain(): void {
    const untilMs = performance.now() + MOST_DRAIN_MS;
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    do {
      this.#split(untilMs);
      try {
        const length = readSync(this.#fd, buffer);
        if (length === 0) return;
        this.#rest = Buffer.concat([this.#rest, buffer.subarray(0, length)]);
      } catch {
        return; // EAGAIN: it is empty
      }
    } while (performance.now() < untilMs);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  #work(): void {
    const beganMs = performance.now();
    const isDone = this.#split(beganMs + SHARE_MS - this.#workedMs);
    this.#workedMs += performance.now() - beganMs;
    if (isDone) this.#socket.resume();
    else this.#socket.pause();
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
