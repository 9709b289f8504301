/**
 * Whole texts of statements of which the kernel copied the beginning. Each is read once from the memory of its process,
 * some time after the step that it is for: by then the statement may be gone, and another one may be at its place. It
 * is taken only where
 *
 * - it is the same process, at the same start;
 * - what is there is a statement of the same connection whose text begins as the kernel has it, and whose pointer to
 *   the text is the same before the reading and after it;
 * - the statement was not finalized between the step and the reading: the events of all CPUs were read again after it,
 *   and none of them says so, nor were any lost. What sqlite3_exec runs has no such event: there, the call must still
 *   be at that statement. Statements that SQLite runs inside of others are left alone.
 */
import type { CallEvent, ResetEvent, ReturnEvent } from "../../../recording/source-event.ts";
import type { DecodedEvent } from "../../../trace/events.ts";
import type { Lookahead } from "../../../trace/tracer.ts";
import { Moments } from "./moments.ts";
import { OpenCalls } from "./open-calls.ts";
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

interface Wanted {
  readonly pid: number;
  readonly step: CallEvent;
}

/** A text, as it was found at a time. */
interface Found {
  readonly startTicks: bigint;
  readonly connection: number;
  /** As the kernel has it. */
  readonly start: string;
  readonly text: ReadText;
  readonly readMs: number;
  /** Its statement is of a call of sqlite3_exec in this thread, or may be; null: of the program. */
  execOf: number | null;
}

/** Readings within one drain: each takes some 50 us. */
const MOST_AT_ONCE = 20;
const MOST_FOUND = 5_000;
/** What is wanted and not read for so long is not wanted any more. */
const MOST_WANTED = 1_000;

export class LongTexts implements Lookahead {
  readonly #options: LongTextsOptions;
  readonly #calls = new OpenCalls();
  readonly #wanted = new Map<string, Wanted>();
  readonly #found = new Map<string, Found>();
  /** When each statement was finalized, and when each thread left a statement of sqlite3_exec. */
  readonly #ends = new Moments();
  /** Those that were found since all events were read. */
  #unproved: string[] = [];
  #lostMs = Number.NEGATIVE_INFINITY;

  constructor(options: LongTextsOptions) {
    this.#options = options;
  }

  /** Events of one CPU, before any of them is delivered. */
  seen(events: readonly DecodedEvent[], processOf: (tid: number) => number | null): void {
    for (const event of events) {
      if (event.kind === "call") this.#seenCall(event, processOf);
      else if (event.kind === "return") {
        if (event.call === "exec") this.#ends.add(keyOfExec(event.tid), event.atMs);
      } else if (event.kind === "reset") {
        if (event.finalizes) this.#ends.add(keyOf(processOf(event.tid), event.statement), event.atMs);
      } else if (event.kind === "lost") this.#lost(event.atMs);
    }
  }

  #seenCall(event: CallEvent, processOf: (tid: number) => number | null): void {
    if (event.call === "prepare") this.#ends.add(keyOfExec(event.tid), event.atMs);
    if (event.call !== "step" || event.sql?.cut !== true || event.statement === null) return;
    const pid = processOf(event.tid);
    if (pid === null) return;
    const key = keyOf(pid, event.statement);
    if (this.#wanted.size < MOST_WANTED || this.#wanted.has(key)) this.#wanted.set(key, { pid, step: event });
  }

  /** What is wanted is read. True: it is to be proved by the events until now. */
  look(): boolean {
    let left = MOST_AT_ONCE;
    for (const [key, { pid, step }] of this.#wanted) {
      if (left === 0) break; // the rest in the next drain
      this.#wanted.delete(key);
      if (this.#isFound(key, step)) continue;
      if (!this.#options.isOurs(pid)) continue;
      left -= 1;
      this.#read(key, pid, step);
    }
    return this.#unproved.length > 0;
  }

  #isFound(key: string, { atMs, sql }: CallEvent): boolean {
    const found = this.#found.get(key);
    return found !== undefined && found.start === sql?.text && !this.#ends.between(key, found.readMs, atMs);
  }

  #read(key: string, pid: number, { library, statement, connection, sql }: CallEvent): void {
    const sqlOffset = this.#options.sqlOffsetOf(library);
    if (sqlOffset === null || statement === null || connection === null || sql === null) return;
    const read = this.#options.readText(pid, { statement, connection, sqlOffset }, Buffer.from(sql.text));
    if (read === null) return;
    const { startTicks, text } = read;
    if (this.#found.size >= MOST_FOUND) this.#found.clear();
    const readMs = this.#options.nowMs();
    this.#found.set(key, { startTicks, connection, start: sql.text, text, readMs, execOf: null });
    this.#unproved.push(key);
  }

  /** All events until then were seen. */
  complete(untilMs: number): void {
    for (const key of this.#unproved) {
      if ((this.#found.get(key)?.readMs ?? 0) > untilMs) this.#found.delete(key);
    }
    this.#unproved = [];
  }

  /** Ends may be among what was lost. */
  #lost(atMs: number): void {
    this.#lostMs = Math.max(this.#lostMs, atMs);
    this.#found.clear();
    this.#wanted.clear();
    this.#calls.clear();
  }

  /** A call is delivered. `startTicks`: of its process. The whole text; null: only its beginning is known. */
  enter(event: CallEvent, startTicks: bigint | null): ReadText | null {
    const around = this.#calls.enter(event);
    if (event.call === "prepare" && around !== null) this.#leaveExec(event.tid);
    if (event.call !== "step" || event.sql?.cut !== true || event.pid === null || event.statement === null) return null;
    const key = keyOf(event.pid, event.statement);
    const found = this.#found.get(key);
    if (found === undefined || found.start !== event.sql.text) return null;
    if (found.startTicks !== startTicks || found.connection !== event.connection) {
      this.#found.delete(key);
      return null;
    }
    const isAlive = event.atMs > this.#lostMs && !this.#ends.between(key, event.atMs, found.readMs);
    if (!isAlive || (around !== null && around !== "exec" && around !== "unknown")) return null;
    if (around === null) return found.execOf === null ? found.text : null;
    if (this.#ends.between(keyOfExec(event.tid), event.atMs, found.readMs)) return null;
    found.execOf = event.tid;
    return found.text;
  }

  leave(event: ReturnEvent): void {
    this.#calls.leave(event);
    if (event.call === "exec") this.#leaveExec(event.tid);
  }

  ends(event: ResetEvent): void {
    const { pid, statement, finalizes, atMs } = event;
    this.#calls.ends(event);
    if (!finalizes || pid === null) return;
    const key = keyOf(pid, statement);
    if ((this.#found.get(key)?.readMs ?? Number.POSITIVE_INFINITY) < atMs) this.#found.delete(key);
  }

  #leaveExec(tid: number): void {
    for (const [key, { execOf }] of this.#found) if (execOf === tid) this.#found.delete(key);
  }

  /** All events until then were delivered. */
  delivered(untilMs: number): void {
    this.#ends.forget(untilMs);
  }
}

function keyOf(pid: number | null, statement: number): string {
  return `${pid} ${statement}`;
}

function keyOfExec(tid: number): string {
  return `exec ${tid}`;
}
