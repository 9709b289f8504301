/** The write-ahead log of one database over time. Of very many points, the larger one of each two stays. Pure. */
import type { WalLine } from "../../../recording/state-lines.ts";

const MOST = 4_000;

export class WalSeries {
  #lines: WalLine[] = [];
  /** Each stands for so many. */
  #each = 1;
  #open: WalLine | null = null;
  #inOpen = 0;

  add(line: WalLine): void {
    this.#open = this.#open === null ? line : larger(this.#open, line);
    if (++this.#inOpen < this.#each) return;
    this.#lines.push(this.#open);
    this.#open = null;
    this.#inOpen = 0;
    if (this.#lines.length >= MOST * 2) {
      this.#lines = this.#lines.flatMap((each, i) =>
        i % 2 === 1 ? [larger(this.#lines[i - 1] as WalLine, each)] : [],
      );
      this.#each *= 2;
    }
  }

  all(): readonly WalLine[] {
    return this.#open === null ? this.#lines : [...this.#lines, this.#open];
  }
}

function larger(a: WalLine, b: WalLine): WalLine {
  const size = ({ bytes, pinned }: WalLine) => (bytes ?? 0) + (pinned ?? 0);
  return size(a) > size(b) ? a : b;
}
