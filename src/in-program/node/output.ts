/** The pipe of the recorder: whole lines in one write, and nothing is waited for. */
import { constants } from "node:fs";
import { now, own } from "./own.ts";

/** PIPE_BUF: a write of this many bytes is not mixed with others'. */
export const LONGEST_WRITE = 4096;

/** A write that fails costs as much as ten others. */
const RETRY_US = 1_000;

/** O_CLOEXEC is Node.js's own habit. */
const FLAGS = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** A message that others refer to. */
export interface Sendable {
  isSent: boolean;
}

export class Output {
  readonly #path: string;
  #fd = -1;
  #dev = 0;
  #ino = 0;
  #fullAt = 0;
  #lines = "";
  #inLines: Sendable[] = [];

  constructor(folder: string) {
    this.#path = `${folder}/events`;
  }

  /** Lines of ASCII. They are written with the next flush(), or when no more fit into one write. */
  add(line: string, definition?: Sendable): void {
    if (this.#lines.length + line.length > LONGEST_WRITE) this.flush();
    if (this.#lines.length + line.length > LONGEST_WRITE) this.#drop();
    this.#lines += line;
    if (definition !== undefined) this.#inLines.push(definition);
  }

  /** While the pipe is full the lines wait for the next flush, as far as there is room for them. */
  flush(): void {
    if (this.#lines === "") return;
    if (this.#fullAt !== 0 && now() - this.#fullAt < RETRY_US) return;
    if (this.#write(this.#lines)) {
      this.#fullAt = 0;
      this.#lines = "";
      this.#inLines = [];
    } else this.#fullAt = now();
  }

  #drop(): void {
    for (const definition of this.#inLines) definition.isSent = false;
    this.#lines = "";
    this.#inLines = [];
  }

  #write(lines: string): boolean {
    try {
      if (!this.#isStillOurs() && !this.#open()) return false;
      return own.fs.writeSync(this.#fd, lines, null, "latin1") === lines.length;
    } catch {
      return false; // EAGAIN: the recorder is slow
    }
  }

  /** The program may have closed the descriptor, and have got its number for a file of its own. */
  #isStillOurs(): boolean {
    if (this.#fd < 0) return false;
    try {
      const { dev, ino } = own.fs.fstatSync(this.#fd);
      return dev === this.#dev && ino === this.#ino;
    } catch {
      return false;
    }
  }

  #open(): boolean {
    this.#fd = -1;
    const fd = own.fs.openSync(this.#path, FLAGS);
    const found = own.fs.fstatSync(fd);
    if (!found.isFIFO() || found.uid !== process.geteuid?.()) {
      own.fs.closeSync(fd);
      return false;
    }
    this.#fd = fd;
    this.#dev = found.dev;
    this.#ino = found.ino;
    return true;
  }
}
