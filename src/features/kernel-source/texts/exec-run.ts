/**
 * At which of its statements a call of sqlite3_exec is. Its own steps are all called at one place of its code: their
 * stack pointer is the same, and higher than that of a callback's, and of those that SQLite makes while it prepares
 * (for a virtual table: some compilers put sqlite3_prepare_v2 into sqlite3_exec, and its calls are not seen). Pure.
 *
 * Source: sqlite3_exec (legacy.c)
 */
import type { SqlText } from "../../../recording/source-event.ts";
import { statementIn } from "../../../recording/sql/statement-in.ts";

export class ExecRun {
  readonly #sql: SqlText | null;
  #stackPointer = Number.NEGATIVE_INFINITY;
  #preparedAt = Number.NaN;
  #over = 0;
  #current: number | null = null;
  /** Of the current statement, once it was asked for. */
  #text: SqlText | null | undefined;
  #isTold = false;

  constructor(sql: SqlText | null) {
    this.#sql = sql;
  }

  /** Whether the statement was seen to be prepared: then the end of the one before it was seen, too. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** The current statement, as it was given. */
  get text(): SqlText | null {
    if (this.#text === undefined) this.#text = this.#sql === null ? null : statementIn(this.#sql, this.#over);
    return this.#text;
  }

  /** A prepare in it. */
  prepares(stackPointer: number): void {
    this.#preparedAt = stackPointer;
  }

  /** A step in it. False: it is not its own. */
  steps(statement: number | null, stackPointer: number): boolean {
    if (stackPointer < this.#stackPointer) return false;
    if (stackPointer > this.#stackPointer) {
      this.#stackPointer = stackPointer; // none of those before was its own
      this.#over = 0;
      this.#current = null;
    }
    if (this.#current === null) {
      this.#current = statement;
      this.#text = undefined;
      this.#isTold = this.#preparedAt === stackPointer;
      this.#preparedAt = Number.NaN;
    }
    return this.#current === statement;
  }

  /** Its own step has returned, and not with a row. */
  goesOn(): void {
    this.#over += 1;
    this.#current = null;
  }
}
