/** A map whose keys are two numbers: no string is made of them, since it is asked for each call of SQLite. Pure. */
export class Pairs<T> {
  readonly #values = new Map<number, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(one: number, other: number): T | undefined {
    return this.#values.get(one)?.get(other);
  }

  set(one: number, other: number, value: T): void {
    let values = this.#values.get(one);
    if (values === undefined) {
      values = new Map();
      this.#values.set(one, values);
    }
    if (!values.has(other)) this.#size += 1;
    values.set(other, value);
  }

  delete(one: number, other: number): void {
    const values = this.#values.get(one);
    if (values?.delete(other) !== true) return;
    this.#size -= 1;
    if (values.size === 0) this.#values.delete(one);
  }

  /** All with this first number. */
  forget(one: number): void {
    this.#size -= this.#values.get(one)?.size ?? 0;
    this.#values.delete(one);
  }

  clear(): void {
    this.#values.clear();
    this.#size = 0;
  }

  /** Each with its keys; the one that is current may be deleted. */
  *entries(): Generator<[one: number, other: number, value: T]> {
    for (const [one, values] of this.#values) for (const [other, value] of values) yield [one, other, value];
  }

  /** Each is replaced by what is made of it; null: it is deleted. */
  update(change: (value: T) => T | null): void {
    for (const [one, values] of this.#values)
      for (const [other, value] of values) {
        const changed = change(value);
        if (changed === null) this.delete(one, other);
        else if (changed !== value) values.set(other, changed);
      }
  }
}
