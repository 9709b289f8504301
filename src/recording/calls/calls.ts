/** Calls of SQLite's library, from their entry to their return: what a call has done is told then. */
import { BUSY, LOCKED, primaryCode } from "../../sqlite/result-names.ts";
import type { CallEvent, ResetEvent, ReturnEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import { refusalOf, sharedCacheRefusalOf, unprovedRefusalOf } from "./refusals.ts";
import { Frame, type Thread } from "./thread.ts";
import type { Transactions } from "./transactions.ts";
import type { Unproved } from "./unproved.ts";
import type { Waits } from "./waits.ts";

/** Of a thread, one in another. The kernel does not tell of the returns of more than 64. */
const MOST_FRAMES = 64;

export class Calls {
  private readonly state: State;
  private readonly waits: Waits;
  private readonly transactions: Transactions;
  private readonly unproved: Unproved;

  constructor(state: State, waits: Waits, transactions: Transactions, unproved: Unproved) {
    this.state = state;
    this.waits = waits;
    this.transactions = transactions;
    this.unproved = unproved;
  }

  enter(event: CallEvent): void {
    const { state } = this;
    const thread = state.threadOf(event.tid, event.pid);
    this.dropLeft(thread, event.stackPointer);
    if (thread.frames.length >= MOST_FRAMES) this.dropAll(thread);
    const parent = thread.top();
    const connection =
      event.connection === null || thread.pid === null ? null : state.connection(thread.pid, event.connection);
    if (event.isNewRun === true && event.statement !== null) connection?.transaction?.reset(event.statement);
    const frame = new Frame(state.nextFrame(), event, connection, parent);
    if (parent !== null) {
      parent.isOuter = true;
      parent.connection ??= connection;
    }
    thread.frames.push(frame);
    thread.lastMs = event.atMs;
  }

  /** Calls that were left without a return: a jump out of them. */
  private dropLeft(thread: Thread, stackPointer: number): void {
    for (;;) {
      const top = thread.top();
      if (top === null || top.stackPointer > stackPointer) return;
      thread.frames.pop();
      this.waits.left(top);
    }
  }

  /** So many calls, one in another, are no program's of SQLite. */
  private dropAll(thread: Thread): void {
    for (let top = thread.frames.pop(); top !== undefined; top = thread.frames.pop()) this.waits.left(top);
  }

  returned(event: ReturnEvent): void {
    const thread = this.state.threadOf(event.tid, null);
    const { frames } = thread;
    let index = frames.length - 1;
    while (index >= 0 && (frames[index]?.call !== event.call || frames[index]?.library !== event.library)) index -= 1;
    if (index < 0) {
      if (frames.length === 0) this.waits.returnedUnseen(thread, event.code, event.atMs);
      return;
    }
    while (frames.length > index + 1) {
      const left = frames.pop();
      if (left !== undefined) this.waits.left(left);
    }
    const frame = frames.pop();
    if (frame !== undefined) this.leave(frame, thread, event.code, event.atMs);
    thread.lastMs = event.atMs;
  }

  /** Its next step runs it again. What only read ends with it: its locks tell that. */
  reset({ pid, connection, statement }: ResetEvent): void {
    if (pid === null || connection === null) return;
    // one that was not heard of has no transaction
    this.state.processes.get(pid)?.connections.get(connection)?.transaction?.reset(statement);
  }

  private leave(frame: Frame, thread: Thread, code: number, nowMs: number): void {
    const outer = thread.outer();
    if (outer !== null) outer.innerSql = frame.innerSql ?? outer.innerSql;
    const gaveUp = this.waits.returned(frame, thread, code, nowMs);
    const primary = primaryCode(code);
    if (outer === null && gaveUp === null && (primary === BUSY || primary === LOCKED)) {
      const line =
        refusalOf(this.state, frame, thread, code, nowMs) ??
        sharedCacheRefusalOf(this.state, frame, thread, code, nowMs);
      if (line !== null) this.state.emit(line);
      else this.unproved.add(unprovedRefusalOf(this.state, frame, thread, code, nowMs));
    }
    if (frame.step === frame && !frame.hasLocks) this.transactions.readWithAnother(frame, code);
    if (frame.step === frame) this.transactions.stepped(frame, code, thread, nowMs);
    if (outer === null) this.transactions.returnedOuter(frame, nowMs);
    if (frame.call === "close" && primary === 0 && frame.connection !== null) {
      this.transactions.closed(frame.connection, nowMs, outer ?? frame);
      this.state.forgetConnection(frame.connection);
    }
  }
}
