/** In which calls of SQLite each thread is, as far as it matters to the life of statements. Pure. */
import type { CallEvent, CallName, ResetEvent, ReturnEvent } from "../../../recording/source-event.ts";

/** `unknown`: the thread was perhaps in a call already when its first event came. */
export type Around = CallName | "unknown" | null;

interface OpenCall {
  readonly call: CallName;
  readonly stackPointer: number;
}

const MOST_THREADS = 10_000;

export class OpenCalls {
  readonly #threads = new Map<number, OpenCall[]>();
  /** Threads that were seen outside of all calls. */
  readonly #known = new Set<number>();

  /** The call around this one; null: it is the program's own. */
  enter({ tid, call, stackPointer }: CallEvent): Around {
    let calls = this.#threads.get(tid);
    if (calls === undefined) {
      if (this.#threads.size >= MOST_THREADS) this.clear();
      calls = [];
      this.#threads.set(tid, calls);
    }
    // calls that were left without a return: a jump out of them
    for (let last = calls.at(-1); last !== undefined && last.stackPointer <= stackPointer; last = calls.at(-1))
      calls.pop();
    const around = calls.at(-1)?.call ?? (this.#known.has(tid) ? null : "unknown");
    calls.push({ call, stackPointer });
    return around;
  }

  leave({ tid, call }: ReturnEvent): void {
    const calls = this.#threads.get(tid);
    const index = calls?.findLastIndex((each) => each.call === call) ?? -1;
    if (index >= 0) calls?.splice(index);
    if (call === "exec" && index <= 0) this.#known.add(tid);
  }

  /** A statement is reset or finalized, by the program where no call is around it: sqlite3_exec does neither. */
  ends({ tid }: ResetEvent): void {
    const calls = this.#threads.get(tid);
    if (calls !== undefined && calls.length === 0) this.#known.add(tid);
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#known.clear();
    this.#threads.clear();
  }
}
