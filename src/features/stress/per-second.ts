/** What happened in each second of a run. */
import { Distribution } from "./distribution.ts";
import type { Second } from "./report.ts";

/** Records that arrive late still count for their second; after this many seconds it is closed. */
const LATE_SECONDS = 3;

export interface OpenSecond {
  readonly errors: Record<string, number>;
  readonly write: Distribution;
  readonly read: Distribution;
  walBytes: number | null;
}

export class PerSecond {
  readonly #closed: Second[] = [];
  readonly #open = new Map<number, OpenSecond>();
  /** The first second that is not closed. */
  #firstOpen = 0;
  /** The length of the rounds before this one, and of this one. */
  #offsetMs = 0;
  #roundMs = 0;

  /** The times of a new round begin at 0; its seconds follow those of the rounds before. */
  startRound(durationMs: number): void {
    this.#offsetMs += this.#roundMs;
    this.#roundMs = durationMs;
  }

  /** A transaction that began before the end of the round and ended after it counts for the last second. */
  at(atMs: number): OpenSecond {
    const inRoundMs = Math.min(atMs, this.#roundMs - 1);
    const number = Math.max(this.#firstOpen, Math.floor((this.#offsetMs + inRoundMs) / 1000));
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    this.#firstOpen = Math.max(this.#firstOpen, number - LATE_SECONDS);
    this.#closeBefore(this.#firstOpen);
    const second: OpenSecond = {
      errors: {},
      write: new Distribution(2),
      read: new Distribution(2),
      walBytes: null,
    };
    this.#open.set(number, second);
    return second;
  }

  /** Closes all seconds: to be called after the last record. */
  get seconds(): readonly Second[] {
    this.#closeBefore(Number.POSITIVE_INFINITY);
    return this.#closed;
  }

  #closeBefore(limit: number): void {
    for (const [second, { errors, write, read, walBytes }] of [...this.#open].sort(([a], [b]) => a - b)) {
      if (second >= limit) continue;
      this.#open.delete(second);
      const latencyMs = { write: write.latency, read: read.latency };
      this.#closed.push({ second, commits: write.count, reads: read.count, errors, latencyMs, walBytes });
    }
  }
}
