/** Who wrote how much, as far as was told: what the table is compared with. Pure. */
import type { StressRecord } from "./records.ts";
import type { Account } from "./verify.ts";

interface Entry {
  readonly writer: number;
  /** Which of the --writers it is; one that takes a killed one's place has that one's. */
  readonly slot: number;
  acknowledged: number;
  killed: boolean;
}

export class Book {
  readonly #writers = new Map<number, Entry>();
  #readers = 0;

  /** @returns its number, from 1: no two writers have one, so that each row has one owner. */
  addWriter(slot: number): number {
    const writer = this.#writers.size + 1;
    this.#writers.set(writer, { writer, slot, acknowledged: 0, killed: false });
    return writer;
  }

  addReader(): number {
    return ++this.#readers;
  }

  /** @returns the slot of the writer. */
  acknowledge({ worker, number }: StressRecord): number {
    const entry = this.#entry(worker);
    if (number !== entry.acknowledged + 1)
      throw new Error(`writer ${worker} told of transaction ${number} after ${entry.acknowledged}`);
    entry.acknowledged = number;
    return entry.slot;
  }

  /** It ended without saying so. */
  killed(writer: number): void {
    this.#entry(writer).killed = true;
  }

  get accounts(): Account[] {
    return [...this.#writers.values()].map(({ writer, acknowledged, killed }) => ({ writer, acknowledged, killed }));
  }

  #entry(writer: number): Entry {
    const entry = this.#writers.get(writer);
    if (entry === undefined) throw new Error(`there is no writer ${writer}`);
    return entry;
  }
}
