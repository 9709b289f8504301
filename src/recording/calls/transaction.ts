/** A transaction of a connection, as it comes. */
import { DONE, OK, ROW, resultName } from "../../sqlite/result-names.ts";
import type { SqlFacts, StatementFact, TransactionKind } from "../lines.ts";
import type { Database } from "../locks/database.ts";
import { sqlFacts } from "../sql-facts.ts";
import type { Frame } from "./thread.ts";

/** Statements that are listed; more are counted. */
const LISTED = 20;
const MOST_SAVEPOINTS = 100;
const MOST_RUNNING = 100;

/** What it did with one database. */
export interface Touched {
  readonly database: Database;
  /** The step that began to read, and when; 0 for none that is known. */
  readStep: number;
  writeStep: number;
  writeFromMs: number | null;
  /** It read with a lock that another connection of the process had taken, and took none of its own. */
  isShared: boolean;
  /** It has the write lock. */
  isWriting: boolean;
  waitedMs: number;
  /** Waits overlap: for SHARED, while it waits for RESERVED. */
  waitedUntilMs: number;
}

interface Statement extends SqlFacts {
  readonly atMs: number;
  ms: number;
  result: string | null;
  times: number;
}

export class Transaction {
  /** Between BEGIN and COMMIT; else a statement alone. */
  isExplicit: boolean;
  atLeast = false;
  /** Its SAVEPOINTs, where the first began it. */
  readonly savepoints: (string | null)[] = [];
  begunBySavepoint = false;
  readonly touched: Touched[] = [];
  /** In outermost calls that have returned. */
  insideMs = 0;
  moreStatements = 0;
  fromMs: number;
  readonly tid: number;
  private readonly statements: Statement[] = [];
  private last: Statement | null = null;
  private lastIsFine = false;
  /** Statements whose last step gave a row: their next one goes on with it. */
  private readonly running = new Map<number, Statement>();

  constructor(fromMs: number, tid: number, isExplicit: boolean) {
    this.fromMs = fromMs;
    this.tid = tid;
    this.isExplicit = isExplicit;
  }

  of(database: Database): Touched {
    let found = this.touched.find((each) => each.database === database);
    if (found === undefined) {
      found = {
        database,
        readStep: 0,
        writeStep: 0,
        writeFromMs: null,
        isShared: false,
        isWriting: false,
        waitedMs: 0,
        waitedUntilMs: Number.NEGATIVE_INFINITY,
      };
      this.touched.push(found);
    }
    return found;
  }

  /** What this step did belongs to the transaction that it began. */
  takeFrom(before: Transaction, step: number): void {
    for (const each of before.touched) {
      const reads = each.readStep === step;
      const writes = each.writeStep === step && each.writeFromMs !== null;
      if (!reads && !writes) continue;
      const own = this.of(each.database);
      if (reads) {
        own.readStep = step;
        each.readStep = 0;
      }
      if (!writes) continue;
      Object.assign(own, { writeStep: step, writeFromMs: each.writeFromMs, isWriting: each.isWriting });
      Object.assign(each, { writeStep: 0, writeFromMs: null, isWriting: false });
    }
  }

  isWriting(): boolean {
    return this.touched.some((each) => each.isWriting);
  }

  /** A step has returned. */
  add(frame: Frame, code: number, nowMs: number): void {
    const { sql, atMs, statement } = frame;
    const ms = nowMs - atMs;
    const isRow = code === ROW;
    const text = sql?.text ?? null;
    const result = resultName(code);
    const begun = this.begun(frame);
    if (begun !== null) {
      begun.ms += ms;
      begun.result = result;
      if (!isRow && statement !== null) this.running.delete(statement);
      return;
    }
    if (
      this.last !== null &&
      this.last.sql === text &&
      (this.last.result === result || (this.lastIsFine && isFine(code)))
    ) {
      this.last.times += 1;
      this.last.ms += ms;
      this.last.result = result;
      if (isRow) this.runs(statement, this.last);
      return;
    }
    this.lastIsFine = isFine(code);
    const added: Statement = { ...sqlFacts(sql), atMs, ms, result, times: 1 };
    this.last = added;
    if (isRow) this.runs(statement, added);
    if (this.statements.length < LISTED) this.statements.push(added);
    else this.moreStatements += 1;
  }

  /**
   * What an earlier step of this run has begun. The pointer of a finalized statement is another one's next. More may be
   * known of its text by now.
   */
  private begun({ statement, sql, goesOn }: Frame): Statement | null {
    const begun = statement === null ? undefined : this.running.get(statement);
    if (begun === undefined || goesOn || begun.sql === (sql?.text ?? null)) return begun ?? null;
    this.running.delete(statement as number);
    return null;
  }

  private runs(statement: number | null, as: Statement): void {
    if (statement !== null && this.running.size < MOST_RUNNING) this.running.set(statement, as);
  }

  /** The statement runs anew at its next step. */
  reset(statement: number): void {
    this.running.delete(statement);
  }

  /** A step in which the process ends, or the recording. */
  addUnfinished(frame: Frame, nowMs: number): void {
    const { sql, atMs } = frame;
    const begun = this.begun(frame);
    if (begun !== null) begun.ms += nowMs - atMs;
    else if (this.statements.length >= LISTED) this.moreStatements += 1;
    else this.statements.push({ ...sqlFacts(sql), atMs, ms: nowMs - atMs, result: null, times: 1 });
  }

  /** A statement that runs now, in its first step; null: it is listed already, or there are many. */
  unfinished({ sql, atMs, statement }: Frame, nowMs: number): StatementFact | null {
    const isListed = statement !== null && this.running.get(statement)?.sql === (sql?.text ?? null);
    if (isListed || this.statements.length >= LISTED) return null;
    return { ...sqlFacts(sql), atMs, ms: nowMs - atMs, result: null };
  }

  hasStatements(): boolean {
    return this.last !== null;
  }

  facts(): readonly StatementFact[] {
    return this.statements.map(({ times, ...statement }) => (times === 1 ? statement : { ...statement, times }));
  }

  pushSavepoint(name: string | null): void {
    if (this.savepoints.length < MOST_SAVEPOINTS) this.savepoints.push(name);
  }

  /** Whether the release of this savepoint ends the transaction. */
  release(name: string | null): boolean {
    const index = this.savepoints.lastIndexOf(name);
    if (index >= 0) this.savepoints.length = index;
    return this.begunBySavepoint && this.savepoints.length === 0;
  }

  rollbackTo(name: string | null): void {
    const index = this.savepoints.lastIndexOf(name);
    if (index >= 0) this.savepoints.length = index + 1;
  }
}

export function kindOf({ writeFromMs, readStep, writeStep }: Touched): TransactionKind {
  if (writeFromMs === null) return "read";
  // After it, COMMIT has the lock to read for a moment; while it began, another connection of its process had that.
  return readStep !== 0 && readStep < writeStep ? "upgrade" : "write";
}

export function isFine(code: number): boolean {
  return code === OK || code === ROW || code === DONE;
}
