/**
 * Holds that are not listed one by one, added up by lane, lock and time. Where that becomes too much, the times become
 * longer. Pure.
 */

export interface CountedHolds {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lane: number;
  readonly kind: number;
  readonly times: number;
  readonly totalMs: number;
  /** Null: not known. */
  readonly longestMs: number | null;
}

const FIRST_WIDTH_MS = 1_000;
const MOST = 20_000;

export class CountedTally {
  #widthMs = FIRST_WIDTH_MS;
  #rows = new Map<string, CountedHolds>();
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  add(row: CountedHolds): void {
    this.#put(row);
    while (this.#rows.size > this.#most) {
      this.#widthMs *= 2;
      const rows = this.#rows;
      this.#rows = new Map();
      for (const each of rows.values()) this.#put(each);
      // As many lanes and locks as that are as many rows, however long the times are.
      if (this.#rows.size > rows.size * 0.9) return;
    }
  }

  /** In the order of time. */
  all(): CountedHolds[] {
    return [...this.#rows.values()].sort((a, b) => a.fromMs - b.fromMs);
  }

  #put(row: CountedHolds): void {
    const { lane, kind } = row;
    const key = `${lane} ${kind} ${Math.floor(row.fromMs / this.#widthMs)}`;
    const before = this.#rows.get(key);
    this.#rows.set(key, before === undefined ? row : joined(before, row));
  }
}

function joined(a: CountedHolds, b: CountedHolds): CountedHolds {
  return {
    ...{ fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs), lane: a.lane, kind: a.kind },
    ...{ times: a.times + b.times, totalMs: a.totalMs + b.totalMs },
    longestMs: a.longestMs === null || b.longestMs === null ? null : Math.max(a.longestMs, b.longestMs),
  };
}
