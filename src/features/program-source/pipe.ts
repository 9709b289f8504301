/** Reads what the programs write into the pipe, as fast as it comes, but never more than a share of the time. */
import { readSync } from "node:fs";
import { Socket } from "node:net";
import { LONGEST_MESSAGE } from "../../recording/program/message.ts";

/** Of one second: a program that writes as fast as it can must not keep sqlock from its work. It loses messages. */
const MOST_BYTES_A_SECOND = 20_000_000;
const SLICE_MS = 50;
const NEWLINE = 0x0a;

export class Pipe {
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #take: (line: string) => void;
  #rest = Buffer.alloc(0);
  #slice = 0;
  readonly #timer: NodeJS.Timeout;

  /** `fd`: of both ends, without waiting; it is closed by `end`. */
  constructor(fd: number, take: (line: string) => void) {
    this.#fd = fd;
    this.#take = take;
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (data: Buffer) => this.#add(data));
    this.#socket.on("error", () => undefined);
    this.#timer = setInterval(() => {
      this.#slice = 0;
      this.#socket.resume();
    }, SLICE_MS);
  }

  /** What is there now is read. */
  drain(): void {
    const buffer = Buffer.allocUnsafe(65_536);
    for (let read = 0; read < MOST_BYTES_A_SECOND; ) {
      try {
        const length = readSync(this.#fd, buffer);
        if (length === 0) return;
        read += length;
        this.#split(buffer.subarray(0, length));
      } catch {
        return; // EAGAIN: it is empty
      }
    }
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  #add(data: Buffer): void {
    this.#slice += data.length;
    if (this.#slice > (MOST_BYTES_A_SECOND * SLICE_MS) / 1000) this.#socket.pause();
    this.#split(data);
  }

  #split(data: Buffer): void {
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      if (end < LONGEST_MESSAGE) this.#take(bytes.toString("utf8", 0, end));
      bytes = bytes.subarray(end + 1);
    }
    // no tracer writes a longer line: what is left of one is skipped to its end
    this.#rest = Buffer.from(bytes.length < LONGEST_MESSAGE ? bytes : bytes.subarray(0, LONGEST_MESSAGE));
  }
}
