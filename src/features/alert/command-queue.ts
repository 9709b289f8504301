/** Whose command runs next: one at a time of each database, the others wait for their turn. Pure. */

export interface OfDatabase {
  readonly path: string;
}

/** Of one database: a command that hangs must not make the queue grow for as long as others cause alerts. */
const MAX_WAITING = 100;

export class CommandQueue<Item extends OfDatabase> {
  readonly #running = new Set<string>();
  readonly #waiting = new Map<string, Item[]>();

  /** Whether it is to start now, has to wait, or is not run since too many wait already. */
  add(item: Item): "start" | "wait" | "full" {
    if (!this.#running.has(item.path)) {
      this.#running.add(item.path);
      return "start";
    }
    const waiting = this.#waiting.get(item.path) ?? [];
    if (waiting.length >= MAX_WAITING) return "full";
    this.#waiting.set(item.path, [...waiting, item]);
    return "wait";
  }

  get waiting(): readonly Item[] {
    return [...this.#waiting.values()].flat();
  }

  /**
   * The one that ran is over. `counts`: whether one that has waited is still to be run. @returns the one to start now,
   * and those that are dropped
   */
  ended(
    path: string,
    counts: (item: Item) => boolean,
  ): { readonly next: Item | null; readonly dropped: readonly Item[] } {
    const waiting = this.#waiting.get(path) ?? [];
    const at = waiting.findIndex(counts);
    const dropped = at < 0 ? waiting : waiting.slice(0, at);
    const next = at < 0 ? null : (waiting[at] ?? null);
    this.#waiting.set(path, at < 0 ? [] : waiting.slice(at + 1));
    if (next === null) this.#running.delete(path);
    return { next, dropped };
  }
}
