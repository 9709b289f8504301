/**
 * The lines of --json, which are printed at the end. Any user who may lock the database can make lines without end, so
 * the oldest become counts, some at a time, where they are too many. Pure.
 */
import { Shrinker } from "../../recording/document/shrinker.ts";
import type { WrittenLine } from "../../recording/document/uncounted.ts";

/** Of some 500 bytes each. */
const MOST = 200_000;

/** 20 ms of work. */
const AT_ONCE = 2000;

export class KeptLines {
  readonly #most: number;
  #lines: WrittenLine[] = [];
  /** Those before `#next` are in `#folded`. */
  #next = 0;
  readonly #folded: WrittenLine[] = [];
  #shrinker: Shrinker | null = null;

  constructor(most = MOST) {
    this.#most = most;
  }

  add(line: WrittenLine): void {
    this.#lines.push(line);
  }

  /** To be called several times a second. */
  tidy(): void {
    if (this.#lines.length - this.#next <= this.#most) return;
    this.#shrinker ??= new Shrinker({ withFailures: true }, (text) => this.#folded.push(JSON.parse(text)));
    for (const line of this.#lines.slice(this.#next, this.#next + AT_ONCE)) this.#shrinker.line(JSON.stringify(line));
    this.#next += AT_ONCE;
    if (this.#next < this.#most) return;
    this.#lines = this.#lines.slice(this.#next);
    this.#next = 0;
  }

  /** All, in their order; nothing is added afterwards. */
  end(): readonly WrittenLine[] {
    this.#shrinker?.end();
    this.#shrinker = null;
    return [...this.#folded, ...this.#lines.slice(this.#next)];
  }
}
