/** The longest of many: its memory is that of `most` items, whatever is offered. Pure. */
export class Longest<T> {
  readonly #most: number;
  readonly #lengthOf: (item: T) => number;
  /** The longest first. */
  readonly #items: T[] = [];

  constructor(most: number, lengthOf: (item: T) => number) {
    this.#most = most;
    this.#lengthOf = lengthOf;
  }

  /** Of equal ones the first stays. */
  offer(item: T): void {
    const length = this.#lengthOf(item);
    let at = this.#items.length;
    while (at > 0 && this.#lengthOf(this.#items[at - 1] as T) < length) at--;
    if (at >= this.#most) return;
    this.#items.splice(at, 0, item);
    if (this.#items.length > this.#most) this.#items.pop();
  }

  get items(): readonly T[] {
    return this.#items;
  }
}
