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
import { StringDecoder } from "node:string_decoder";
import type { CallEvent, ResetEvent, ReturnEvent, SqlText } from "../../../recording/source-event.ts";
import type { DecodedEvent } from "../../../trace/events.ts";
import type { Lookahead } from "../../../trace/tracer.ts";
import { Ends } from "./ends.ts";
import type { ExecRun } from "./exec-run.ts";
import { OpenCalls } from "./open-calls.ts";
import { Pairs } from "./pairs.ts";
import type { ReadText, StatementPlace } from "./statement-memory.ts";

export interface LongTextsOptions {
  readonly nowMs: () => number;
  /** Of a library whose ends of statements are told; null: nothing is read then. */
  readonly sqlOffsetOf: (library: number) => number | null;
  /** Whether it is a process of the recording. */
  readonly isOurs: (pid: number) => boolean;
  /** Null: it cannot be read, or is not what it was. `startTicks`: of the process. */
  readonly readText: (
    pid: number,
    place: StatementPlace,
    start: Buffer,
  ) => { readonly startTicks: bigint; readonly text: ReadText } | null;
}

/** A text, as it was found at a time. */
interface Found {
  readonly startTicks: bigint;
  readonly connection: number;
  /** As the kernel has it. */
  readonly start: string;
  readonly sql: SqlText;
  readonly readMs: number;
  /** A statement was there then, as an earlier step of it shows: memory that was freed keeps a text for long. */
  isAlive: boolean;
  /** The thread whose sqlite3_exec runs its statement, or may; `inner`: SQLite itself does; null: the program. */
  runBy: number | "inner" | null;
}

/** Readings within one drain: each takes some 50 us. */
const MOST_AT_ONCE = 100;
const MOST_FOUND = 5_000;
/** What is wanted and not read for so long is not wanted any more. */
const MOST_WANTED = 1_000;

/** The second number of what is named by its thread alone. */
const EXEC = 0;

export class LongTexts implements Lookahead {
  readonly #options: LongTextsOptions;
  readonly #calls = new OpenCalls();
  /** By process and statement, as `#found` and `#ends`: its last step. */
  readonly #wanted = new Pairs<CallEvent>();
  readonly #found = new Pairs<Found>();
  /** When each statement was finalized, and when each thread left a statement of sqlite3_exec. */
  readonly #ends = new Ends();
  readonly #execEnds = new Ends();
  /** Statements that were found to be run by sqlite3_exec, by thread. */
  readonly #runByExec = new Map<number, [pid: number, statement: number][]>();
  /** Those that were found since all events were read. */
  #unproved: [pid: number, statement: number][] = [];
  #seenMs = Number.NEGATIVE_INFINITY;
  #lostMs = Number.NEGATIVE_INFINITY;

  constructor(options: LongTextsOptions) {
    this.#options = options;
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
    if (pid === null) return;
    const other = this.#wanted.get(pid, event.statement);
    const isWanted = other === undefined ? this.#wanted.size < MOST_WANTED : other.atMs < event.atMs;
    if (isWanted) this.#wanted.set(pid, event.statement, event);
  }

  #seenEnd(event: ResetEvent, processOf: (tid: number) => number | null): void {
    if (!event.finalizes) return;
    const pid = processOf(event.tid);
    if (pid === null) return;
    const { statement, atMs } = event;
    this.#ends.add(pid, statement, event);
    if (event.sql !== null && Number(this.#wanted.get(pid, statement)?.atMs) < atMs)
      this.#wanted.delete(pid, statement);
  }

  #noteExec({ tid, atMs }: Pick<CallEvent, "tid" | "atMs">): void {
    this.#execEnds.add(tid, EXEC, { atMs, connection: null, sql: null });
  }

  /**
   * What is wanted is read. True: it is to be proved by the events until now; or it could not be read, and these may
   * have its end, as where the process has just ended.
   */
  look(): boolean {
    let left = MOST_AT_ONCE;
    let wasTried = false;
    for (const [pid, statement, step] of this.#wanted.entries()) {
      if (left === 0) break; // the rest in the next drain
      this.#wanted.delete(pid, statement);
      if (this.#isFound(pid, statement, step)) continue;
      wasTried = true;
      if (!this.#options.isOurs(pid)) continue;
      left -= 1;
      this.#read(pid, statement, step);
    }
    return wasTried;
  }

  #isFound(pid: number, statement: number, { atMs, sql }: CallEvent): boolean {
    const found = this.#found.get(pid, statement);
    if (found === undefined || found.start !== sql?.text || (atMs > found.readMs && !found.isAlive)) return false;
    return !this.#ends.between(pid, statement, found.readMs, atMs);
  }

  #read(pid: number, statement: number, { library, connection, sql }: CallEvent): void {
    const sqlOffset = this.#options.sqlOffsetOf(library);
    if (sqlOffset === null || connection === null || sql === null) return;
    const read = this.#options.readText(pid, { statement, connection, sqlOffset }, Buffer.from(sql.text));
    if (read === null) return;
    const { startTicks, text } = read;
    if (this.#found.size >= MOST_FOUND) this.#forgetFound();
    const readMs = this.#options.nowMs();
    const found = { startTicks, connection, start: sql.text, sql: textOf(text), readMs, isAlive: false, runBy: null };
    this.#found.set(pid, statement, found);
    this.#unproved.push([pid, statement]);
  }

  /** All events until then were seen. */
  complete(untilMs: number): void {
    this.#seenMs = untilMs;
    for (const [pid, statement] of this.#unproved)
      if ((this.#found.get(pid, statement)?.readMs ?? 0) > untilMs) this.#found.delete(pid, statement);
    this.#unproved = [];
  }

  /** Ends may be among what was lost. */
  #lost(atMs: number): void {
    this.#lostMs = Math.max(this.#lostMs, atMs);
    this.#forgetFound();
    this.#wanted.clear();
    this.#calls.lost(atMs);
  }

  /** Only from now on all calls of a library are told. */
  probed(library: number): void {
    this.#calls.probed(library, this.#options.nowMs());
  }

  /** A process has ended. */
  ended(pid: number): void {
    this.#calls.ended(pid);
  }

  #forgetFound(): void {
    this.#found.clear();
    this.#runByExec.clear();
  }

  /** A call is delivered. `startTicks`: of its process. The whole text, or more of it; null: only what it has. */
  enter(event: CallEvent, startTicks: bigint | null): SqlText | null {
    const around = this.#calls.enter(event);
    const { call, atMs, tid, pid, statement, sql } = event;
    if (call === "prepare") {
      this.#execEnds.pass(tid, EXEC, atMs);
      if (around !== null || event.isOfProgram === true) this.#leaveExec(tid);
    }
    if (call !== "step" || sql?.cut !== true || pid === null || statement === null) return null;
    const found = this.#found.get(pid, statement) ?? null;
    switch (around?.call) {
      case undefined:
        return this.#ofMemory(found, event, startTicks, true) ?? this.#ofEnd(pid, statement, event, sql.text);
      case "exec":
        return around?.run == null
          ? this.#ofMemory(found, event, startTicks, false)
          : this.#ofExec(around.run, found, event, startTicks, sql.text);
      case "unknown":
        return this.#ofMemory(found, event, startTicks, false);
      default:
        if (found !== null) found.runBy = "inner";
        return null;
    }
  }

  #ofMemory(found: Found | null, event: CallEvent, startTicks: bigint | null, isProgram: boolean): SqlText | null {
    const { pid, statement, tid, atMs, connection, sql } = event;
    if (found === null || found.start !== sql?.text || pid === null || statement === null) return null;
    if (found.startTicks !== startTicks || found.connection !== connection) {
      this.#found.delete(pid, statement);
      return null;
    }
    if (atMs <= this.#lostMs || found.runBy === "inner") return null;
    const isOver =
      this.#ends.between(pid, statement, atMs, found.readMs) ||
      (!isProgram && this.#execEnds.between(tid, EXEC, atMs, found.readMs));
    if (isOver || (atMs > found.readMs && !found.isAlive)) return null;
    if (isProgram && found.runBy !== null) return null;
    found.isAlive = true;
    if (isProgram) return found.sql;
    if (found.runBy !== tid) this.#noteRun(tid, pid, statement);
    found.runBy = tid;
    return found.sql;
  }

  /** What sqlite3_exec runs: where its end is not told, what was read may be of another statement. */
  #ofExec(
    run: ExecRun,
    found: Found | null,
    event: CallEvent,
    startTicks: bigint | null,
    start: string,
  ): SqlText | null {
    const { pid, statement } = event;
    const read = run.isTold ? this.#ofMemory(found, event, startTicks, false) : null;
    if (!run.isTold && pid !== null && statement !== null) this.#found.delete(pid, statement);
    if (read !== null) return read;
    return run.text?.text.startsWith(start.trimStart()) === true ? run.text : null;
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
    this.#leaveExec(event.tid);
  }

  ends(event: ResetEvent): void {
    const { pid, statement, finalizes, atMs } = event;
    if (this.#calls.ends(event)) this.#leaveExec(event.tid); // what seemed to be of sqlite3_exec is read again
    if (!finalizes || pid === null) return;
    this.#ends.pass(pid, statement, atMs);
    const found = this.#found.get(pid, statement);
    if (found !== undefined && found.readMs < atMs) this.#found.delete(pid, statement);
  }

  #noteRun(tid: number, pid: number, statement: number): void {
    const run = this.#runByExec.get(tid);
    if (run === undefined) this.#runByExec.set(tid, [[pid, statement]]);
    else run.push([pid, statement]);
  }

  #leaveExec(tid: number): void {
    for (const [pid, statement] of this.#runByExec.get(tid) ?? [])
      if (this.#found.get(pid, statement)?.runBy === tid) this.#found.delete(pid, statement);
    this.#runByExec.delete(tid);
  }

  /** All events until then were delivered. */
  delivered(untilMs: number): void {
    this.#ends.forget(untilMs);
    this.#execEnds.forget(untilMs);
  }
}

/** Its length stays known where the text itself is longer than what is kept of it, or than what is shown. */
function textOf({ start, bytes, atLeast }: ReadText): SqlText {
  const cut = bytes > start.length || atLeast;
  const text = new StringDecoder("utf8").write(start); // without half of a character at its end
  return { text, cut, length: { bytes, atLeast } };
}
