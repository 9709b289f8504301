/**
 * A few lines on a terminal that are redrawn. Between two drawings the hidden cursor is on the first of them. It stays
 * there when the terminal is resized, whether or not the terminal wraps its lines anew, so that erasing from there
 * leaves nothing of the old width. Source of the sequences: ctlseqs.txt of xterm.
 */
import type { Writable } from "node:stream";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

export class Frame {
  readonly #output: Writable;
  #drawn = false;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Each line has to be narrower than the terminal, and there have to be fewer of them than its rows. */
  draw(lines: readonly string[]): void {
    const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : "";
    const text = lines.map((line) => line + ERASE_LINE).join("\n");
    this.#output.write(`${this.#drawn ? "\r" : HIDE_CURSOR}${text}${ERASE_BELOW}${up}\r`);
    this.#drawn = true;
  }

  /** The cursor shows again, where the lines began. `left`: what takes their place. */
  erase(left = ""): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#output.write(`\r${ERASE_BELOW}${SHOW_CURSOR}${left}`);
  }
}
