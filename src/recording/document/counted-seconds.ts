/** What is only counted, by the second in which it ended. Some seconds are open at a time. Pure. */
import type { CountsLine } from "../lines.ts";
import { StatementKinds } from "../sql/kinds.ts";
import { Counts } from "./counts.ts";
import { ALL, type Counted } from "./uncounted.ts";

const SECOND_MS = 1_000;

export class CountedSeconds {
  /** What the recording can count: of `meta`, before anything is counted. */
  counted: Counted = ALL;
  readonly #kinds = new StatementKinds();
  /** By the number of the second, those that are open. */
  readonly #open = new Map<number, Counts>();
  /** Seconds before this one are over. */
  #first = 0;

  /** Where that second is over, the first one that is not. */
  at(atMs: number): Counts {
    const second = Math.max(this.#first, Math.floor(atMs / SECOND_MS));
    let counts = this.#open.get(second);
    if (counts === undefined) {
      counts = new Counts(this.#kinds);
      counts.counted = this.counted;
      this.#open.set(second, counts);
    }
    return counts;
  }

  /** The lines of the seconds that ended by then. They are over. */
  take(untilMs: number): CountsLine[] {
    const next = Math.max(this.#first, Math.floor(untilMs / SECOND_MS));
    if (next === this.#first) return [];
    this.#first = next;
    return this.#lines((second) => second < next, Number.POSITIVE_INFINITY);
  }

  /** The lines of all seconds; the recording ended then. */
  end(atMs: number): CountsLine[] {
    return this.#lines(() => true, atMs);
  }

  #lines(isWanted: (second: number) => boolean, endMs: number): CountsLine[] {
    const seconds = [...this.#open.keys()].filter(isWanted).sort((a, b) => a - b);
    return seconds.flatMap((second) => {
      const fromMs = second * SECOND_MS;
      const lines = this.#open.get(second)?.take(fromMs, Math.min(fromMs + SECOND_MS, Math.max(endMs, fromMs))) ?? [];
      this.#open.delete(second);
      return lines;
    });
  }
}
