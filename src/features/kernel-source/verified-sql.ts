/**
 * Which texts of statements can be trusted. At `prepare` the text is an argument of the call; at `step` it is read from
 * inside the statement, at a place that the code of the library names. That place counts as verified for a library once
 * the text at a step was that of a prepare of the same thread. Until then a step has no text: a wrong one is worse than
 * none. Pure.
 */
import type { CallEvent } from "../../recording/source-event.ts";

/** How many texts of prepare are remembered for each thread that has not verified its library. */
const MAX_PREPARED = 16;
const MAX_THREADS = 1000;

/** A prefix of fewer characters proves nothing. */
const MIN_CHARACTERS = 5;

export class VerifiedSql {
  readonly #verified = new Set<number>();
  readonly #prepared = new Map<string, string[]>();

  isVerified(library: number): boolean {
    return this.#verified.has(library);
  }

  /** The same call, without a text that cannot be trusted. */
  check(event: CallEvent): CallEvent {
    if (event.call === "prepare") {
      if (event.sql !== null && !this.#verified.has(event.library)) this.#remember(event, event.sql.text);
      return event;
    }
    if (event.call !== "step" || event.sql === null || this.#verified.has(event.library)) return event;
    if (this.#wasPrepared(event, event.sql.text)) {
      this.#verified.add(event.library);
      this.#prepared.clear();
      return event;
    }
    return { ...event, sql: null };
  }

  #remember({ library, tid }: CallEvent, text: string): void {
    const key = `${library} ${tid}`;
    const texts = this.#prepared.get(key) ?? [];
    this.#prepared.set(key, [...texts.slice(1 - MAX_PREPARED), text]);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > MAX_THREADS && oldest !== undefined) this.#prepared.delete(oldest);
  }

  /** prepare gets several statements in one text: the first of them is the statement's. */
  #wasPrepared({ library, tid }: CallEvent, text: string): boolean {
    if (text.length < MIN_CHARACTERS) return false;
    return (this.#prepared.get(`${library} ${tid}`) ?? []).some((prepared) => prepared.startsWith(text));
  }
}
