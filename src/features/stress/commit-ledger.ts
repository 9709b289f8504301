/** How many transactions each writer has acknowledged: the table is compared with this at the end. Pure. */

import type { WriterCommits } from "./compare.ts";
import { notSentError, type StressRecord } from "./records.ts";

interface WriterProgress {
  readonly writer: number;
  readonly slot: number;
  acknowledged: number;
  killed: boolean;
}

export class CommitLedger {
  readonly #writers = new Map<number, WriterProgress>();
  #readers = 0;

  /**
   * `slot`: the index among the --writers; a replacement has the slot of the writer that was killed.
   * @returns the number of the writer, from 1. No two writers share one, so each row has one writer.
   */
  addWriter(slot: number): number {
    const writer = this.#writers.size + 1;
    this.#writers.set(writer, { writer, slot, acknowledged: 0, killed: false });
    return writer;
  }

  /** @returns the number of the reader, from 1. */
  addReader(): number {
    return ++this.#readers;
  }

  /** @returns the slot of the writer. @throws UserError for what no writer of ours has done */
  acknowledge({ worker, number }: Pick<StressRecord, "worker" | "number">): number {
    const state = this.#writer(worker);
    if (number !== state.acknowledged + 1)
      throw notSentError(`writer ${worker} acknowledged transaction ${number} after ${state.acknowledged}`);
    state.acknowledged = number;
    return state.slot;
  }

  /** The writer ended without an "ended" record: one transaction may be committed and not acknowledged. */
  markKilled(writer: number): void {
    this.#writer(writer).killed = true;
  }

  get writers(): WriterCommits[] {
    return [...this.#writers.values()].map(({ writer, acknowledged, killed }) => ({ writer, acknowledged, killed }));
  }

  #writer(writer: number): WriterProgress {
    const state = this.#writers.get(writer);
    if (state === undefined) throw notSentError(`there is no writer ${writer}`);
    return state;
  }
}
