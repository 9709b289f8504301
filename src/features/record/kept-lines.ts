/**
 * The lines of --json, which are printed at the end. Any user who may lock the database can make lines without end, so
 * the oldest become counts, some at a time, where they are too many. Kept as text: as objects they would take three
 * times as much. Pure.
 */
import { Shrinker } from "../../recording/document/shrinker.ts";

/** Characters: some 100,000 lines. */
const MOST = 32_000_000;

/** 20 ms of work. */
const AT_ONCE = 2000;

export class KeptLines {
  readonly #most: number;
  /** JSON, each without a line feed. */
  #lines: string[] = [];
  /** Those before `#next` are in `#folded`. */
  #next = 0;
  /** Of the lines from `#next` on. */
  #characters = 0;
  readonly #folded: string[] = [];
  #shrinker: Shrinker | null = null;

  /** `most`: characters. */
  constructor(most = MOST) {
    this.#most = most;
  }

  add(json: string): void {
    this.#lines.push(json);
    this.#characters += json.length;
  }

  /** To be called several times a second. */
  tidy(): void {
    if (this.#characters <= this.#most) return;
    this.#shrinker ??= new Shrinker({ withFailures: true }, (text) => this.#folded.push(text));
    const oldest = this.#lines.slice(this.#next, this.#next + AT_ONCE);
    this.#lines.fill("", this.#next, this.#next + AT_ONCE);
    this.#next += oldest.length;
    for (const json of oldest) {
      this.#characters -= json.length;
      this.#shrinker.line(json);
    }
    if (this.#next * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#next);
    this.#next = 0;
  }

  /** All, in their order; nothing is added afterwards. */
  end(): readonly string[] {
    this.#shrinker?.end();
    this.#shrinker = null;
    return [...this.#folded, ...this.#lines.slice(this.#next)];
  }
}
