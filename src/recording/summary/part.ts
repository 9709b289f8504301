/** What of a time belongs to the part of a recording that is summed up. Pure. */

/** How long something was held. */
export interface Held {
  /** In all: the longest is told so. */
  readonly ms: number;
  /** Of it, within the part: sums have that. */
  readonly withinMs: number;
  readonly atLeast: boolean;
}

export interface HeldTime {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly atLeast: boolean;
}

/** From 0 to `untilMs`; null: all there is. */
export class Part {
  readonly #untilMs: number | null;

  constructor(untilMs: number | null) {
    this.#untilMs = untilMs;
  }

  /** `endMs`: of what had not ended. */
  held({ fromMs, toMs, atLeast }: HeldTime, endMs: number): Held {
    const untilMs = toMs ?? endMs;
    const ms = untilMs - fromMs;
    const withinMs = this.#untilMs === null ? ms : Math.min(untilMs, this.#untilMs) - Math.max(0, fromMs);
    return { ms, withinMs: this.#untilMs === null ? ms : Math.max(0, withinMs), atLeast: atLeast || toMs === null };
  }

  /** Some of it is within. */
  has({ fromMs, toMs }: Pick<HeldTime, "fromMs" | "toMs">): boolean {
    return this.#untilMs === null || (fromMs <= this.#untilMs && (toMs === null || toMs >= 0));
  }

  hasEndOf({ toMs }: Pick<HeldTime, "toMs">): boolean {
    return this.#untilMs === null || (toMs !== null && toMs >= 0 && toMs <= this.#untilMs);
  }
}
