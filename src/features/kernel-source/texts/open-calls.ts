/** In which calls of SQLite each thread is, as far as it matters to the life of statements. Pure. */
import type { CallEvent, CallName, ResetEvent, ReturnEvent } from "../../../recording/source-event.ts";
import { ROW } from "../../../sqlite/result-names.ts";
import { ExecRun } from "./exec-run.ts";

/** The call around another one; `unknown`: the thread was perhaps in sqlite3_exec before that could be seen. */
export interface Around {
  readonly call: CallName | "unknown";
  /** Of a step that is sqlite3_exec's own, all of which was seen. */
  readonly run: ExecRun | null;
}

interface OpenCall {
  readonly call: CallName;
  readonly atMs: number;
  readonly stackPointer: number;
  /** Of sqlite3_exec. */
  readonly run: ExecRun | null;
  /** Of a step: the call of sqlite3_exec that makes it. */
  stepOf: ExecRun | null;
}

/** Statements of a thread whose end would show more of it; more are forgotten. */
const MOST_STEPPED = 32;

/**
 * A call of sqlite3_exec that is not seen has a higher stack pointer than all that is called in it, and its own
 * statements are never finalized by a call. So what is called by the program for certain, at some stack pointer, shows
 * that no such call is around what has the same one, or a lower one.
 */
class Thread {
  readonly pid: number | null;
  calls: OpenCall[] = [];
  /** The program's own: up to this stack pointer. */
  own = Number.NEGATIVE_INFINITY;
  /** The stack pointer of steps that may be the program's own. */
  readonly #stepped = new Map<number, number>();

  constructor(pid: number | null) {
    this.pid = pid;
  }

  /** Outside of all calls that are seen. */
  enters({ call, statement, stackPointer, isOfProgram }: CallEvent): void {
    // only a callback of one that began before its library was probed could make it otherwise
    if (isOfProgram === true) this.own = Number.POSITIVE_INFINITY;
    if (stackPointer <= this.own) return; // nearly always
    if (call !== "step") {
      if (call !== "prepare") this.own = stackPointer; // sqlite3_exec itself calls these two alone
    } else if (statement !== null) {
      this.#stepped.delete(statement);
      this.#stepped.set(statement, stackPointer);
      if (this.#stepped.size <= MOST_STEPPED) return;
      const [oldest] = this.#stepped.keys();
      if (oldest !== undefined) this.#stepped.delete(oldest);
    }
  }

  /** Outside of all calls that are seen. True: more of it is known. */
  ends(statement: number): boolean {
    const stackPointer = this.#stepped.get(statement);
    if (stackPointer === undefined) return false;
    this.#stepped.delete(statement);
    if (stackPointer <= this.own) return false;
    this.own = stackPointer;
    return true;
  }
}

const MOST_THREADS = 10_000;

export class OpenCalls {
  readonly #threads = new Map<number, Thread>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** The call around this one; null: it is the program's own. */
  enter(event: CallEvent): Around | null {
    const { call, atMs, stackPointer, statement } = event;
    const thread = this.#threadOf(event);
    const { calls } = thread;
    // calls that were left without a return: a jump out of them
    for (let last = calls.at(-1); last !== undefined && last.stackPointer <= stackPointer; last = calls.at(-1))
      calls.pop();
    const outer = calls.at(-1);
    const own: OpenCall = {
      ...{ call, atMs, stackPointer, stepOf: null },
      run: call === "exec" ? new ExecRun(event.sql) : null,
    };
    calls.push(own);
    if (outer === undefined) {
      if (atMs > this.#sinceMs) thread.enters(event);
      return stackPointer <= thread.own ? null : UNKNOWN;
    }
    if (outer.run === null) return { call: outer.call, run: null };
    if (call === "prepare") outer.run.prepares(stackPointer);
    if (call === "step" && outer.run.steps(statement, stackPointer)) own.stepOf = outer.run;
    return { call: outer.call, run: outer.atMs > this.#sinceMs ? own.stepOf : null };
  }

  #threadOf({ tid, pid }: CallEvent): Thread {
    const known = this.#threads.get(tid);
    // a number is used again
    if (known !== undefined && (pid === null || known.pid === null || known.pid === pid)) return known;
    if (this.#threads.size >= MOST_THREADS) this.#threads.clear();
    const thread = new Thread(pid);
    this.#threads.set(tid, thread);
    return thread;
  }

  leave({ tid, call, code }: ReturnEvent): void {
    const calls = this.#threads.get(tid)?.calls;
    const index = calls?.findLastIndex((each) => each.call === call) ?? -1;
    const left = index >= 0 ? calls?.splice(index)[0] : undefined;
    if (code !== ROW) left?.stepOf?.goesOn();
  }

  /**
   * A statement is reset or finalized, by the program where no call is around it: sqlite3_exec does neither. True: only
   * now it is known that what is called there is the program's own.
   */
  ends({ tid, statement, atMs }: ResetEvent): boolean {
    const thread = this.#threads.get(tid);
    return thread !== undefined && thread.calls.length === 0 && atMs > this.#sinceMs && thread.ends(statement);
  }

  /** The process with this number has ended: its first thread had the same one. */
  ended(pid: number): void {
    this.#threads.delete(pid);
  }

  /** Only from then on every call is seen. */
  since(atMs: number): void {
    this.#sinceMs = Math.max(this.#sinceMs, atMs);
    this.#threads.clear();
  }
}

const UNKNOWN: Around = { call: "unknown", run: null };
