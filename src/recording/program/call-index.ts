/** Which call of which line a moment of a thread belongs to. Pure; its memory is bounded. */
import type { OpenTransaction, ProgramCall } from "./connection.ts";

/** Calls of one thread, and transactions of one process, that are remembered after their end. */
const MOST_CALLS = 1_000;
const MOST_TRANSACTIONS = 1_000;
const MOST_THREADS = 2_000;

/** The clock is read in the program before and after the call; the messages have whole microseconds. */
const SLACK_MS = 0.05;

/** Calls that were gathered are told of so much later than others, at most. */
const LATE_MS = 200;

export class CallIndex {
  /** By thread; 0: those whose thread is not known. */
  readonly #calls = new Map<number, ProgramCall[]>();
  readonly #transactions: OpenTransaction[] = [];

  add(call: ProgramCall): void {
    let calls = this.#calls.get(call.tid);
    if (calls === undefined) {
      if (this.#calls.size >= MOST_THREADS) this.#calls.clear();
      calls = [];
      this.#calls.set(call.tid, calls);
    }
    calls.push(call);
    if (calls.length > 2 * MOST_CALLS) calls.splice(0, MOST_CALLS);
  }

  begins(transaction: OpenTransaction): void {
    this.#transactions.push(transaction);
    if (this.#transactions.length <= 2 * MOST_TRANSACTIONS) return;
    const open = this.#transactions.filter(({ end }) => end === null);
    this.#transactions.splice(0, MOST_TRANSACTIONS, ...open.slice(0, MOST_TRANSACTIONS / 2));
  }

  /** The call of this thread at that moment: of those that hold it, the shortest. Null: none. */
  at(tid: number, atMs: number): ProgramCall | null {
    let found: ProgramCall | null = null;
    const calls = this.#calls.get(tid) ?? [];
    for (let i = calls.length - 1; i >= 0; i--) {
      const call = calls[i] as ProgramCall;
      if (call.toMs < atMs - LATE_MS) break;
      if (isIn(call, atMs)) found = shorter(found, call);
    }
    if (found !== null) return found;
    for (const { begun, read, wrote, end } of this.#transactions) {
      for (const call of [begun, read, wrote])
        if (call !== null && call.tid === tid && isIn(call, atMs)) found = shorter(found, call);
      if (end !== null && end.tid === tid && isIn(end, atMs))
        return { ...begun, ...end, flags: "", times: 1, result: null };
    }
    return found;
  }

  /** Where the program does not know the thread: the only call at that moment, or the only one of that text. */
  ofUnknownThread(atMs: number, sql: string | null): ProgramCall | null {
    const calls = (this.#calls.get(0) ?? []).filter((call) => isIn(call, atMs));
    const ofText = sql === null ? calls : calls.filter((call) => call.sql.sql === sql);
    const [only, other] = ofText.length > 0 ? ofText : calls;
    return only !== undefined && other === undefined ? only : null;
  }

  /** The transaction of that thread that was open then. */
  transactionAt(tid: number, fromMs: number): OpenTransaction | null {
    return this.#transactions.findLast((each) => each.begun.tid === tid && isOpenAt(each, fromMs)) ?? null;
  }

  /** Those that had the lock from about then on, of whichever thread. `slackMs`: how exact these times are. */
  during(path: string, isWrite: boolean, fromMs: number, toMs: number, slackMs: number): OpenTransaction[] {
    return this.#transactions.filter((each) => {
      const lock = isWrite ? each.wrote : each.first;
      if (lock === null || each.begun.connection.path !== path) return false;
      const endMs = each.end?.toMs ?? Number.POSITIVE_INFINITY;
      return lock.fromMs <= fromMs + slackMs && endMs >= Math.min(toMs, fromMs + slackMs) - slackMs && endMs >= fromMs;
    });
  }

  /** Calls outside of a transaction, of any thread, between these times. */
  *alone(path: string, fromMs: number, toMs: number): Iterable<ProgramCall> {
    for (const calls of this.#calls.values()) {
      for (let i = calls.length - 1; i >= 0; i--) {
        const call = calls[i] as ProgramCall;
        if (call.toMs < fromMs - LATE_MS) break;
        if (call.toMs < fromMs || call.fromMs > toMs || call.connection.path !== path) continue;
        if (call.flags.includes("a")) yield call;
      }
    }
  }

  /** Transactions that had the write lock between these times. */
  *writing(path: string, fromMs: number, toMs: number): Iterable<OpenTransaction> {
    for (const each of this.#transactions) {
      if (each.wrote === null || each.begun.connection.path !== path) continue;
      if (each.wrote.fromMs <= toMs && (each.end?.toMs ?? Number.POSITIVE_INFINITY) >= fromMs) yield each;
    }
  }
}

function isIn({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, atMs: number): boolean {
  return atMs >= fromMs - SLACK_MS && atMs <= toMs + SLACK_MS;
}

function isOpenAt({ begun, end }: OpenTransaction, atMs: number): boolean {
  return atMs >= begun.fromMs - SLACK_MS && atMs <= (end?.toMs ?? Number.POSITIVE_INFINITY) + SLACK_MS;
}

function shorter(found: ProgramCall | null, call: ProgramCall): ProgramCall {
  return found === null || call.toMs - call.fromMs <= found.toMs - found.fromMs ? call : found;
}
