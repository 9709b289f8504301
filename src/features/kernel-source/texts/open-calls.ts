/** In which calls of SQLite each thread is, as far as it matters to the life of statements. Pure. */
import type { CallEvent, CallName, ResetEvent, ReturnEvent, SqlText } from "../../../recording/source-event.ts";
import { ROW } from "../../../sqlite/result-names.ts";

/** The call around another one; `unknown`: the thread was perhaps in a call already when its first event came. */
export interface Around {
  readonly call: CallName | "unknown";
  readonly sql: SqlText | null;
  /** Of the statements that sqlite3_exec was given, which one is stepped; null: a callback's own, or no step. */
  readonly place: number | null;
}

interface OpenCall {
  readonly call: CallName;
  readonly stackPointer: number;
  readonly sql: SqlText | null;
  readonly statement: number | null;
  /** Of sqlite3_exec: so many of its statements are over, and the one that it is at. Source: sqlite3_exec (legacy.c) */
  over: number;
  current: number | null;
}

const UNKNOWN: Around = { call: "unknown", sql: null, place: null };

const MOST_THREADS = 10_000;

export class OpenCalls {
  readonly #threads = new Map<number, OpenCall[]>();
  /** Threads that were seen outside of all calls. */
  readonly #known = new Set<number>();

  /** The call around this one; null: it is the program's own. */
  enter({ tid, call, stackPointer, sql, statement, isOfProgram }: CallEvent): Around | null {
    let calls = this.#threads.get(tid);
    if (calls === undefined) {
      if (this.#threads.size >= MOST_THREADS) this.clear();
      calls = [];
      this.#threads.set(tid, calls);
    }
    // calls that were left without a return: a jump out of them
    for (let last = calls.at(-1); last !== undefined && last.stackPointer <= stackPointer; last = calls.at(-1))
      calls.pop();
    const outer = calls.at(-1);
    calls.push({ call, stackPointer, sql, statement, over: 0, current: null });
    if (outer === undefined) {
      if (isOfProgram === true) this.#known.add(tid); // a callback of sqlite3_exec could make it, too: as in `ends`
      return this.#known.has(tid) ? null : UNKNOWN;
    }
    if (outer.call === "exec" && call === "step") outer.current ??= statement;
    const place = outer.call === "exec" && call === "step" && outer.current === statement ? outer.over : null;
    return { call: outer.call, sql: outer.sql, place };
  }

  leave({ tid, call, code }: ReturnEvent): void {
    const calls = this.#threads.get(tid);
    const index = calls?.findLastIndex((each) => each.call === call) ?? -1;
    const left = index >= 0 ? calls?.splice(index)[0] : undefined;
    const outer = calls?.at(-1);
    if (call === "step" && code !== ROW && outer?.call === "exec" && outer.current === left?.statement) {
      outer.over += 1;
      outer.current = null;
    }
    if (call === "exec" && index <= 0) this.#known.add(tid);
  }

  /** A statement is reset or finalized, by the program where no call is around it: sqlite3_exec does neither. */
  ends({ tid }: ResetEvent): void {
    const calls = this.#threads.get(tid);
    if (calls !== undefined && calls.length === 0) this.#known.add(tid);
  }

  /** It was in no call at some time, and since then all its calls were seen. */
  isKnown(tid: number): boolean {
    return this.#known.has(tid);
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#known.clear();
    this.#threads.clear();
  }
}
