/**
 * Whole texts of statements of which the kernel copied the beginning. What is at the place of a statement may be
 * another one by the time it is looked at, so a text is taken only where it is proved to be that of the step:
 *
 * - Read once from the memory of its process, some time after the step: it is the same process, at the same start; what
 *   is there is a statement of the same connection whose text begins as the kernel has it, and whose pointer to the
 *   text is the same before the reading and after it; and the statement was not finalized between the step and the
 *   reading: the events of all CPUs were read again after it, and none of them says so, nor were any lost. What
 *   sqlite3_exec runs has no such event: there, the call must still be at that statement.
 * - Told of where the program finalizes the statement, before the step is delivered.
 * - One of those that sqlite3_exec was given, which it runs in their order.
 *
 * Statements that SQLite runs inside of others are left alone.
 */
import type { CallEvent, ResetEvent, ReturnEvent, SqlText } from "../../../recording/source-event.ts";
import type { DecodedEvent } from "../../../trace/events.ts";
import type { Lookahead } from "../../../trace/tracer.ts";
import { Ends, EXEC } from "./ends.ts";
import type { ExecRun } from "./exec-run.ts";
import { MemoryTexts, type MemoryTextsOptions } from "./memory-texts.ts";
import { OpenCalls } from "./open-calls.ts";

export class LongTexts implements Lookahead {
  readonly #nowMs: () => number;
  readonly #calls = new OpenCalls();
  /** When each statement was finalized, and when each thread left a statement of sqlite3_exec. */
  readonly #ends = new Ends();
  readonly #execEnds = new Ends();
  readonly #memory: MemoryTexts;
  #seenMs = Number.NEGATIVE_INFINITY;
  #lostMs = Number.NEGATIVE_INFINITY;

  constructor(options: MemoryTextsOptions) {
    this.#nowMs = options.nowMs;
    this.#memory = new MemoryTexts(options, this.#ends, this.#execEnds);
  }

  /** Events of one CPU, before any of them is delivered. */
  seen(events: readonly DecodedEvent[], processOf: (tid: number) => number | null): void {
    for (const event of events) {
      if (event.kind === "call") this.#seenCall(event, processOf);
      else if (event.kind === "return") {
        if (event.call === "exec") this.#noteExec(event);
      } else if (event.kind === "reset") this.#seenEnd(event, processOf);
      else if (event.kind === "lost") this.#lost(event.atMs);
    }
  }

  #seenCall(event: CallEvent, processOf: (tid: number) => number | null): void {
    if (event.call === "prepare" && event.isOfProgram !== true) this.#noteExec(event);
    if (event.call !== "step" || event.sql?.cut !== true || event.statement === null) return;
    const pid = processOf(event.tid);
    if (pid !== null) this.#memory.want(pid, event.statement, event);
  }

  #seenEnd(event: ResetEvent, processOf: (tid: number) => number | null): void {
    if (!event.finalizes) return;
    const pid = processOf(event.tid);
    if (pid === null) return;
    this.#ends.add(pid, event.statement, event);
    if (event.sql !== null) this.#memory.isTold(pid, event.statement, event.atMs);
  }

  #noteExec({ tid, atMs }: Pick<CallEvent, "tid" | "atMs">): void {
    this.#execEnds.add(tid, EXEC, { atMs, connection: null, sql: null });
  }

  look(): boolean {
    return this.#memory.look();
  }

  complete(untilMs: number): void {
    this.#seenMs = untilMs;
    this.#memory.complete(untilMs);
  }

  /** Ends may be among what was lost. */
  #lost(atMs: number): void {
    this.#lostMs = Math.max(this.#lostMs, atMs);
    this.#memory.lost(atMs);
    this.#calls.lost(atMs);
  }

  /** Only from now on all calls of a library are told. */
  probed(library: number): void {
    this.#calls.probed(library, this.#nowMs());
  }

  /** A process has ended. */
  ended(pid: number): void {
    this.#calls.ended(pid);
  }

  /** A call is delivered. `startTicks`: of its process. The whole text, or more of it; null: only what it has. */
  enter(event: CallEvent, startTicks: bigint | null): SqlText | null {
    const around = this.#calls.enter(event);
    const { call, atMs, tid, pid, statement, sql } = event;
    if (call === "prepare") {
      this.#execEnds.pass(tid, EXEC, atMs);
      if (around !== null || event.isOfProgram === true) this.#memory.leaveExec(tid);
    }
    if (call !== "step" || sql?.cut !== true || pid === null || statement === null) return null;
    const ofMemory = (isProgram: boolean) => this.#memory.of(pid, statement, event, startTicks, isProgram);
    if (around === null) return ofMemory(true) ?? this.#ofEnd(pid, statement, event, sql.text);
    if (around.call === "unknown") return ofMemory(false);
    if (around.call !== "exec") {
      this.#memory.isInner(pid, statement);
      return null;
    }
    if (around.run === null) return ofMemory(false);
    if (around.run.isTold) return ofMemory(false) ?? ofExec(around.run, sql.text);
    // its end is not told: what was read may be of another statement
    this.#memory.forget(pid, statement);
    return ofExec(around.run, sql.text);
  }

  /** As the program destroyed it. */
  #ofEnd(pid: number, statement: number, { atMs, connection }: CallEvent, start: string): SqlText | null {
    if (atMs <= this.#lostMs) return null;
    const end = this.#ends.first(pid, statement, atMs, this.#seenMs);
    if (end === null || end.sql === null || end.connection !== connection) return null;
    return end.sql.text.startsWith(start) && !(end.sql.cut && end.sql.text === start) ? end.sql : null;
  }

  leave(event: ReturnEvent): void {
    this.#calls.leave(event);
    if (event.call !== "exec") return;
    this.#execEnds.pass(event.tid, EXEC, event.atMs);
    this.#memory.leaveExec(event.tid);
  }

  ends(event: ResetEvent): void {
    const { tid, pid, statement, finalizes, atMs } = event;
    if (this.#calls.ends(event)) this.#memory.leaveExec(tid); // what seemed to be of sqlite3_exec is read again
    if (!finalizes || pid === null) return;
    this.#ends.pass(pid, statement, atMs);
    this.#memory.forget(pid, statement, atMs);
  }

  /** All events until then were delivered. */
  delivered(untilMs: number): void {
    this.#ends.forget(untilMs);
    this.#execEnds.forget(untilMs);
  }
}

/** As sqlite3_exec was given it. */
function ofExec({ text }: ExecRun, start: string): SqlText | null {
  return text?.text.startsWith(start.trimStart()) === true ? text : null;
}
