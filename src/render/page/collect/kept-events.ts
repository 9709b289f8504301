/**
 * The events of a page: all, or of very many the longest ones. Who gets those that have no room adds them up. Pure.
 */

interface WithLength {
  /** ms; null: it has not ended. */
  readonly lengthMs: number | null;
}

export class KeptEvents<T extends WithLength> {
  readonly #most: number;
  readonly #drop: (event: T) => void;
  #events: T[] = [];
  /** So many have no room. */
  dropped = 0;
  /** None of them is longer, ms. */
  droppedUpToMs = 0;

  constructor(most: number, drop: (event: T) => void) {
    this.#most = most;
    this.#drop = drop;
  }

  /** Null: there is none. */
  add(event: T | null): void {
    if (event === null) return;
    this.#events.push(event);
    // Sorting each time would take long.
    if (this.#events.length >= this.#most * 2) this.#shrink();
  }

  /** In the order in which they came, or of their length. */
  all(): readonly T[] {
    if (this.#events.length > this.#most) this.#shrink();
    return this.#events;
  }

  #shrink(): void {
    this.#events.sort((a, b) => lengthOf(b) - lengthOf(a));
    const dropped = this.#events.slice(this.#most);
    this.#events = this.#events.slice(0, this.#most);
    this.dropped += dropped.length;
    for (const event of dropped) {
      this.droppedUpToMs = Math.max(this.droppedUpToMs, event.lengthMs ?? 0);
      this.#drop(event);
    }
  }
}

function lengthOf({ lengthMs }: WithLength): number {
  return lengthMs ?? Number.POSITIVE_INFINITY;
}
