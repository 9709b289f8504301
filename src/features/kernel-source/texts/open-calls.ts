/** In which calls of SQLite each thread is, as far as it matters to the life of statements. Pure. */
import type { CallEvent, CallName, ResetEvent, ReturnEvent } from "../../../recording/source-event.ts";
import { ROW } from "../../../sqlite/result-names.ts";
import { ExecRun } from "./exec-run.ts";
import { Pairs } from "./pairs.ts";

/** The call around another one; `unknown`: the thread was perhaps in sqlite3_exec before that could be seen. */
export interface Around {
  readonly call: CallName | "unknown";
  /** Of a step that is sqlite3_exec's own, all of which was seen. */
  readonly run: ExecRun | null;
}

interface OpenCall {
  readonly call: CallName;
  readonly atMs: number;
  readonly library: number;
  readonly stackPointer: number;
  /** Of sqlite3_exec. */
  readonly run: ExecRun | null;
  /** Of a step: the call of sqlite3_exec that makes it. */
  stepOf: ExecRun | null;
}

/**
 * A call of sqlite3_exec that is not seen has a higher stack pointer than all that is called in it, and its own
 * statements are never finalized by a call. So what is called by the program for certain, at some stack pointer, shows
 * that no such call is around what has the same one, or a lower one. Where it is the first that is seen of a thread,
 * there is none at all: else the probes would have to have come within a callback of sqlite3_exec.
 */
interface Thread {
  readonly pid: number | null;
  readonly calls: OpenCall[];
  /** What is called at this stack pointer, or a lower one, is the program's own. */
  own: number;
  /** None of its calls was seen. */
  isNew: boolean;
}

const MOST_THREADS = 10_000;
/** Of steps whose statement may show more by its end: a program may keep hundreds of statements. */
const MOST_STEPPED = 50_000;

export class OpenCalls {
  readonly #threads = new Map<number, Thread>();
  /** The stack pointer of steps that may be the program's own, by thread and statement. */
  readonly #stepped = new Pairs<number>();
  /** From when on all calls of a library are seen. */
  readonly #probedMs = new Map<number, number>();
  #lostMs = Number.NEGATIVE_INFINITY;

  /** The call around this one; null: it is the program's own. */
  enter(event: CallEvent): Around | null {
    const { call, atMs, library, stackPointer, statement } = event;
    const thread = this.#threadOf(event);
    const { calls } = thread;
    // calls that were left without a return: a jump out of them
    for (let last = calls.at(-1); last !== undefined && last.stackPointer <= stackPointer; last = calls.at(-1))
      calls.pop();
    const outer = calls.at(-1);
    const own: OpenCall = {
      ...{ call, atMs, library, stackPointer, stepOf: null },
      run: call === "exec" ? new ExecRun(event.sql) : null,
    };
    calls.push(own);
    if (outer === undefined) {
      if (this.#isSeen(event) && stackPointer > thread.own) this.#entersOutside(thread, event);
      thread.isNew = false;
      return stackPointer <= thread.own ? null : UNKNOWN;
    }
    if (outer.run === null) return { call: outer.call, run: null };
    if (call === "prepare") outer.run.prepares(stackPointer);
    if (call === "step" && outer.run.steps(statement, stackPointer)) own.stepOf = outer.run;
    return { call: outer.call, run: this.#isSeen(outer) ? own.stepOf : null };
  }

  /** Whether all calls were seen from then on. */
  #isSeen({ atMs, library }: { readonly atMs: number; readonly library: number }): boolean {
    return atMs > this.#lostMs && atMs > (this.#probedMs.get(library) ?? Number.NEGATIVE_INFINITY);
  }

  #entersOutside(thread: Thread, { tid, call, statement, stackPointer, isOfProgram }: CallEvent): void {
    if (isOfProgram === true || (call !== "step" && call !== "prepare")) {
      thread.own = thread.isNew ? Number.POSITIVE_INFINITY : stackPointer; // sqlite3_exec does nothing of that itself
    } else if (call === "step" && statement !== null) {
      if (this.#stepped.size >= MOST_STEPPED) this.#stepped.clear();
      this.#stepped.set(tid, statement, stackPointer);
    }
  }

  #threadOf({ tid, pid }: CallEvent): Thread {
    const known = this.#threads.get(tid);
    // a number is used again
    if (known !== undefined && (pid === null || known.pid === null || known.pid === pid)) return known;
    if (this.#threads.size >= MOST_THREADS) this.#clear();
    this.#stepped.forget(tid);
    const thread: Thread = { pid, calls: [], own: Number.NEGATIVE_INFINITY, isNew: true };
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
  ends(event: ResetEvent): boolean {
    const { tid, statement } = event;
    const thread = this.#threads.get(tid);
    if (thread === undefined || thread.calls.length > 0 || !this.#isSeen(event)) return false;
    const stackPointer = this.#stepped.get(tid, statement);
    if (stackPointer === undefined) return false;
    this.#stepped.delete(tid, statement);
    if (stackPointer <= thread.own) return false;
    thread.own = stackPointer;
    return true;
  }

  /** The process with this number has ended: its first thread had the same one. */
  ended(pid: number): void {
    this.#threads.delete(pid);
    this.#stepped.forget(pid);
  }

  /** Only from then on all calls of this library are seen. */
  probed(library: number, atMs: number): void {
    this.#probedMs.set(library, atMs);
  }

  /** Until then calls may have been lost. */
  lost(atMs: number): void {
    this.#lostMs = Math.max(this.#lostMs, atMs);
    this.#clear();
  }

  #clear(): void {
    this.#threads.clear();
    this.#stepped.clear();
  }
}

const UNKNOWN: Around = { call: "unknown", run: null };
