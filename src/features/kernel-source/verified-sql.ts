/**
 * Which texts of statements can be trusted. At `prepare` the text is an argument of the call; at `step` it is read from
 * inside the statement, at a place that the code of the library names (`sqlite3_sql`). That place counts as verified
 * for a library once the text at a step was that of a prepare of the same thread, or once steps had several different
 * texts that all begin as only SQL does: a program that prepared its statements before the recording, and keeps them,
 * never prepares one. Until then a step has no text: a wrong one is worse than none. Pure.
 */
import type { CallEvent, SqlText } from "../../recording/source-event.ts";
import { kindOf } from "../../recording/sql/kind.ts";

/** How many texts of prepare are remembered for each thread that has not verified its library. */
const MAX_PREPARED = 16;
const MAX_THREADS = 1000;

/** A prefix of fewer characters proves nothing. */
const MIN_CHARACTERS = 5;

/** So many different texts that are SQL: nothing else that a statement points to has them. */
const MIN_STATEMENTS = 2;

/** Processes with calls that have no text. */
const MAX_WITHOUT = 1000;

export class VerifiedSql {
  readonly #verified = new Set<number>();
  readonly #prepared = new Map<string, string[]>();
  /** Texts at steps of a library that is not verified; null: one of them was no SQL. */
  readonly #stepped = new Map<number, Set<string> | null>();
  /** Processes whose steps had no text that can be trusted, by library. */
  readonly #without = new Map<number, Set<number>>();

  isVerified(library: number): boolean {
    return this.#verified.has(library);
  }

  /** Libraries that are not verified, and the processes whose steps have no text for that reason. */
  get unverified(): ReadonlyMap<number, ReadonlySet<number>> {
    return this.#without;
  }

  /** The same call, without a text that cannot be trusted. */
  check(event: CallEvent): CallEvent {
    if (event.call === "prepare") {
      if (event.sql !== null && !this.#verified.has(event.library)) this.#remember(event, event.sql.text);
      return event;
    }
    if (event.call !== "step" || event.sql === null || this.#verified.has(event.library)) return event;
    if (this.#wasPrepared(event, event.sql.text) || this.#isSql(event.library, event.sql)) {
      this.#verified.add(event.library);
      this.#without.delete(event.library);
      this.#stepped.delete(event.library);
      this.#prepared.clear();
      return event;
    }
    this.#noteWithout(event);
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

  /** Whether this text is one of enough that are all SQL. */
  #isSql(library: number, { text, cut }: SqlText): boolean {
    const texts = this.#stepped.get(library) ?? new Set();
    if (this.#stepped.get(library) === null) return false;
    const kind = kindOf(text);
    if (kind === "unknown" || kind === "empty" || text.length < MIN_CHARACTERS) {
      if (!cut) this.#stepped.set(library, null); // else what follows a WITH or a comment is not seen
      return false;
    }
    this.#stepped.set(library, texts.add(text));
    return texts.size >= MIN_STATEMENTS;
  }

  #noteWithout({ library, pid }: CallEvent): void {
    if (pid === null) return;
    const pids = this.#without.get(library) ?? new Set();
    if (pids.size < MAX_WITHOUT) pids.add(pid);
    this.#without.set(library, pids);
  }
}
