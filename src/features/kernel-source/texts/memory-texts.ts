/**
 * Texts that are read from the memory of their process, some time after the step that they are for: each once. What is
 * there by then may be another statement's.
 */
import { StringDecoder } from "node:string_decoder";
import type { CallEvent, SqlText } from "../../../recording/source-event.ts";
import { type Ends, EXEC } from "./ends.ts";
import { Pairs } from "./pairs.ts";
import type { ReadText, StatementPlace } from "./statement-memory.ts";

export interface MemoryTextsOptions {
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

export class MemoryTexts {
  readonly #options: MemoryTextsOptions;
  /** When each statement was finalized, and when each thread left a statement of sqlite3_exec. */
  readonly #ends: Ends;
  readonly #execEnds: Ends;
  /** By process and statement, as `#found`: its last step. */
  readonly #wanted = new Pairs<CallEvent>();
  readonly #found = new Pairs<Found>();
  /** Statements that were found to be run by sqlite3_exec, by thread. */
  readonly #runByExec = new Map<number, [pid: number, statement: number][]>();
  /** Those that were found since all events were read. */
  #unproved: [pid: number, statement: number][] = [];
  #lostMs = Number.NEGATIVE_INFINITY;

  constructor(options: MemoryTextsOptions, ends: Ends, execEnds: Ends) {
    this.#options = options;
    this.#ends = ends;
    this.#execEnds = execEnds;
  }

  /** A step was seen of whose text the kernel has the beginning. */
  want(pid: number, statement: number, step: CallEvent): void {
    const other = this.#wanted.get(pid, statement);
    const isWanted = other === undefined ? this.#wanted.size < MOST_WANTED : other.atMs < step.atMs;
    if (isWanted) this.#wanted.set(pid, statement, step);
  }

  /** Its end was seen, and tells its text. */
  isTold(pid: number, statement: number, atMs: number): void {
    if (Number(this.#wanted.get(pid, statement)?.atMs) < atMs) this.#wanted.delete(pid, statement);
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
    for (const [pid, statement] of this.#unproved)
      if ((this.#found.get(pid, statement)?.readMs ?? 0) > untilMs) this.#found.delete(pid, statement);
    this.#unproved = [];
  }

  /** Ends may be among what was lost until then. */
  lost(atMs: number): void {
    this.#lostMs = Math.max(this.#lostMs, atMs);
    this.#forgetFound();
    this.#wanted.clear();
  }

  #forgetFound(): void {
    this.#found.clear();
    this.#runByExec.clear();
  }

  /**
   * Of a step that is delivered; null: it is not proved. `startTicks`: of its process. `isProgram`: the program makes
   * it for certain; else sqlite3_exec may.
   */
  of(pid: number, statement: number, event: CallEvent, startTicks: bigint | null, isProgram: boolean): SqlText | null {
    const { tid, atMs, connection, sql } = event;
    const found = this.#found.get(pid, statement);
    if (found === undefined || found.start !== sql?.text) return null;
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

  /** SQLite itself runs the statement. */
  isInner(pid: number, statement: number): void {
    const found = this.#found.get(pid, statement);
    if (found !== undefined) found.runBy = "inner";
  }

  /** The statement was destroyed; `atMs`: where that was told. */
  forget(pid: number, statement: number, atMs = Number.POSITIVE_INFINITY): void {
    const found = this.#found.get(pid, statement);
    if (found !== undefined && found.readMs < atMs) this.#found.delete(pid, statement);
  }

  #noteRun(tid: number, pid: number, statement: number): void {
    const run = this.#runByExec.get(tid);
    if (run === undefined) this.#runByExec.set(tid, [[pid, statement]]);
    else run.push([pid, statement]);
  }

  /** What sqlite3_exec may have run in this thread is over, or was not its own. */
  leaveExec(tid: number): void {
    for (const [pid, statement] of this.#runByExec.get(tid) ?? [])
      if (this.#found.get(pid, statement)?.runBy === tid) this.#found.delete(pid, statement);
    this.#runByExec.delete(tid);
  }
}

/** Its length stays known where the text itself is longer than what is kept of it, or than what is shown. */
function textOf({ start, bytes, atLeast }: ReadText): SqlText {
  const cut = bytes > start.length || atLeast;
  const text = new StringDecoder("utf8").write(start); // without half of a character at its end
  return { text, cut, length: { bytes, atLeast } };
}
