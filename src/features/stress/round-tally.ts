/** What happened in one round of load. */
import { toMs } from "./distribution.ts";
import { fairnessOf } from "./fairness.ts";
import type { Role, StressRecord } from "./records.ts";
import type { RoundReport } from "./report.ts";

export class RoundTally {
  readonly #durationMs: number;
  #commits = 0;
  #reads = 0;
  #errors = 0;
  readonly #longestWaitUs: Record<Role, number> = { writer: 0, reader: 0 };
  /** By slot. */
  readonly #commitsOfWriters = new Map<number, number>();

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** `slot`: see {@link Measurement.add}. */
  add({ kind, role, waitingUs }: StressRecord, slot: number | null): void {
    this.#longestWaitUs[role] = Math.max(this.#longestWaitUs[role], waitingUs);
    if (kind === "commit") this.#commits++;
    if (kind === "read") this.#reads++;
    if (kind === "failure") this.#errors++;
    if (slot !== null) this.#commitsOfWriters.set(slot, (this.#commitsOfWriters.get(slot) ?? 0) + 1);
  }

  /** `writers`: how many run at the same time. */
  report(writers: number): RoundReport {
    const { jain } = fairnessOf(Array.from({ length: writers }, (_, slot) => this.#commitsOfWriters.get(slot) ?? 0));
    const { writer, reader } = this.#longestWaitUs;
    return {
      durationMs: this.#durationMs,
      commits: this.#commits,
      reads: this.#reads,
      errors: this.#errors,
      longestWaitMs: { writer: toMs(writer), reader: toMs(reader) },
      jain,
    };
  }
}
