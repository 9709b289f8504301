/**
 * When each of many things ended, as far as it is still of interest, and with which text a statement did: where one
 * lives for a few milliseconds, nothing else tells more than its first bytes. Pure.
 */
import type { SqlText } from "../../../recording/source-event.ts";
import { Pairs } from "./pairs.ts";

export interface End {
  readonly atMs: number;
  readonly connection: number | null;
  readonly sql: SqlText | null;
}

/** The second number of what is named by its thread alone. */
export const EXEC = 0;

/** What ended is named by two numbers: a statement by its process and its pointer. */
export class Ends {
  readonly #ends = new Pairs<End[]>();

  /** In any order. */
  add(one: number, other: number, end: End): void {
    const ends = this.#ends.get(one, other);
    if (ends === undefined) this.#ends.set(one, other, [end]);
    else ends.push(end);
  }

  /** Whether there was one between two times, in whichever order they are. */
  between(one: number, other: number, oneMs: number, otherMs: number): boolean {
    const ends = this.#ends.get(one, other);
    if (ends === undefined) return false;
    const [fromMs, toMs] = oneMs < otherMs ? [oneMs, otherMs] : [otherMs, oneMs];
    return ends.some(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }

  /** The first one between these times. */
  first(one: number, other: number, fromMs: number, toMs: number): End | null {
    let first: End | null = null;
    for (const end of this.#ends.get(one, other) ?? [])
      if (end.atMs >= fromMs && end.atMs <= toMs && end.atMs < (first?.atMs ?? Number.POSITIVE_INFINITY)) first = end;
    return first;
  }

  /** Of one, those until then: nobody asks for them any more. */
  pass(one: number, other: number, untilMs: number): void {
    const ends = this.#ends.get(one, other);
    if (ends === undefined) return;
    const later = ends.filter(({ atMs }) => atMs > untilMs);
    if (later.length === 0) this.#ends.delete(one, other);
    else this.#ends.set(one, other, later);
  }

  /** Nobody asks for earlier ones any more. */
  forget(untilMs: number): void {
    this.#ends.update((ends) => {
      if (ends.every(({ atMs }) => atMs >= untilMs)) return ends;
      const later = ends.filter(({ atMs }) => atMs >= untilMs);
      return later.length === 0 ? null : later;
    });
  }
}
