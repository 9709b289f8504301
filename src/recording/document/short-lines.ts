/** Short locks and transactions in the order of their ends, until it is known whether they are listed. Pure. */
import type { LockLine, TransactionLine } from "../lines.ts";

export type Short = LockLine | TransactionLine;

/** Places of lines that were taken out are given back some at a time. */
const TIDIED_AT_ONCE = 1_000;

export class ShortLines {
  /** From `#first` on. Null: it was taken out. */
  #lines: (Short | null)[] = [];
  #first = 0;

  get size(): number {
    return this.#lines.length - this.#first;
  }

  /** Also those that are given back later. */
  get places(): number {
    return this.#lines.length;
  }

  push(line: Short): void {
    this.#lines.push(line);
  }

  /** Takes out the first one, if it ended by then. Null: there is none. */
  shift(untilMs: number): Short | null {
    while (this.#first < this.#lines.length) {
      const line = this.#lines[this.#first];
      if (line != null && endOf(line) > untilMs) break;
      this.#lines[this.#first++] = null;
      this.#tidy();
      if (line != null) return line;
    }
    return null;
  }

  /** Takes out those that ended between these times, and are wanted. */
  take(fromMs: number, untilMs: number, isWanted: (line: Short) => boolean): Short[] {
    const taken: Short[] = [];
    for (let index = this.#firstEndedSince(fromMs); index < this.#lines.length; index++) {
      const line = this.#lines[index];
      if (line == null) continue;
      if (endOf(line) > untilMs) break;
      if (!isWanted(line)) continue;
      this.#lines[index] = null;
      taken.push(line);
    }
    return taken;
  }

  #tidy(): void {
    if (this.#first < TIDIED_AT_ONCE || this.#first * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }

  #firstEndedSince(atMs: number): number {
    let low = this.#first;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      let probe = middle;
      while (probe < high && this.#lines[probe] == null) probe++; // one that was taken out has no time
      const line = this.#lines[probe];
      if (probe < high && line != null && endOf(line) < atMs) low = probe + 1;
      else high = middle;
    }
    return low;
  }
}

function endOf(line: Short): number {
  return line.toMs ?? Number.POSITIVE_INFINITY;
}
