/** Which worker compares which index next, and what became of each. Pure. */
import type { Comparison } from "./worker/merge/merge.ts";

export class Turns<Worker> {
  /** The table of each index, by its number. */
  readonly #tables: readonly string[];
  /** Numbers of indexes that no worker compares yet, the next one first. */
  #left: readonly number[];
  readonly #given = new Map<Worker, number>();
  readonly #comparisons = new Map<number, Comparison>();
  readonly #workers = new Set<Worker>();

  /** `indexes`: in the order in which they are compared. */
  constructor(indexes: readonly { readonly table: string }[]) {
    this.#tables = indexes.map(({ table }) => table);
    this.#left = indexes.map((_, index) => index);
  }

  /** Null: there is none, or others are at work on the last ones. */
  take(worker: Worker): number | null {
    const [index, ...left] = this.#left;
    if (index === undefined) return null;
    this.#left = left;
    this.#given.set(worker, index);
    return index;
  }

  /** Where one index is not the same, SQLite's own check has to look at its table: the others need no comparison. */
  tell(worker: Worker, index: number, comparison: Comparison): void {
    if (this.#given.get(worker) !== index) return;
    this.#given.delete(worker);
    this.#workers.add(worker);
    this.#comparisons.set(index, comparison);
    if (comparison === "same") return;
    for (const other of this.#left) {
      if (this.#tables[other] === this.#tables[index]) this.#comparisons.set(other, comparison);
    }
    this.#left = this.#left.filter((other) => !this.#comparisons.has(other));
  }

  /** It has ended: another one compares what it had begun. */
  lose(worker: Worker): void {
    const index = this.#given.get(worker);
    if (index === undefined) return;
    this.#given.delete(worker);
    this.#left = [index, ...this.#left];
  }

  get done(): number {
    return this.#comparisons.size;
  }

  /** By the number of the index; null while some are not compared. */
  get all(): readonly Comparison[] | null {
    const all = this.#tables.flatMap((_, index) => this.#comparisons.get(index) ?? []);
    return all.length === this.#tables.length ? all : null;
  }

  /** How many have compared something. */
  get workers(): number {
    return this.#workers.size;
  }
}
