/** When something happened to each of many things, as far as it is still of interest. Pure. */
export class Moments {
  readonly #times = new Map<string, number[]>();

  /** In any order. */
  add(key: string, atMs: number): void {
    const times = this.#times.get(key);
    if (times === undefined) this.#times.set(key, [atMs]);
    else times.push(atMs);
  }

  /** Whether it happened between two times, in whichever order they are. */
  between(key: string, oneMs: number, otherMs: number): boolean {
    const [fromMs, toMs] = oneMs < otherMs ? [oneMs, otherMs] : [otherMs, oneMs];
    return this.#times.get(key)?.some((atMs) => atMs >= fromMs && atMs <= toMs) ?? false;
  }

  /** Nobody asks for earlier times any more. */
  forget(untilMs: number): void {
    for (const [key, times] of this.#times) {
      const later = times.filter((atMs) => atMs >= untilMs);
      if (later.length === 0) this.#times.delete(key);
      else if (later.length < times.length) this.#times.set(key, later);
    }
  }
}
