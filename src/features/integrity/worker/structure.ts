/** integrity_check or quick_check. */

import type Database from "better-sqlite3";
import { isDamage, missingOf } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { namesOf, ordinalOf, problemsOfRow, type SchemaNames } from "../messages.ts";
import type { Job } from "../protocol.ts";
import { type Ordinals, tellRowids } from "./rowids.ts";
import { objectsOf } from "./schema.ts";
import { Course, type Teller } from "./teller.ts";

/**
 * `damage`: what SQLite said before its checks of the header and the schema were switched off. @returns whether there
 * are problems.
 */
export function structure(db: Database.Database, { quick }: Job, damage: string | null, teller: Teller): boolean {
  const course = new Course("structure", teller);
  if (damage !== null) course.problem({ message: damage });
  teller.send({ kind: "stage", stage: "structure", done: 0, total: null });
  const run = new Run(db, course, teller);
  const pragma = quick ? "quick_check" : "integrity_check";
  const error = run.rows(`${pragma}(${teller.wanted})`);
  const missing = error === null ? null : missingOf(error);
  if (missing !== null) {
    course.leave("missing", `the database needs ${missing}, which this SQLite does not have`);
    run.without(pragma);
  } else if (error !== null) run.failed(error, null);
  tellRowids(db, run.ordinals, teller);
  course.end();
  return course.failed;
}

class Run {
  /** Problems that name a row by its place in the table. */
  readonly ordinals: Ordinals = new Map();
  readonly #db: Database.Database;
  readonly #course: Course;
  readonly #teller: Teller;
  readonly #names: SchemaNames;
  /** How often each message was told. */
  readonly #told = new Map<string, number>();
  /** How often each is still to come that was told before. */
  readonly #again = new Map<string, number>();

  constructor(db: Database.Database, course: Course, teller: Teller) {
    this.#db = db;
    this.#course = course;
    this.#teller = teller;
    this.#names = namesOf(objectsOf(db));
  }

  /** What needs nothing that is missing is checked all the same: the pages of all, and each table by itself. */
  without(pragma: string): void {
    this.rows(`quick_check(${this.#teller.wanted})`);
    for (const [message, times] of this.#told) this.#again.set(message, times);
    for (const table of this.#names.tables) {
      const error = this.rows(`${pragma}(${sqlQuoted(table)})`);
      if (error !== null && missingOf(error) === null) this.failed(error, table);
    }
  }

  /** @returns the error that ended it. */
  rows(pragma: string): unknown {
    try {
      for (const row of this.#db.prepare<[], string>(`PRAGMA ${pragma}`).pluck().iterate()) {
        if (row !== "ok") this.#tell(row);
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  failed(error: unknown, table: string | null): void {
    if (codeOf(error) === "") throw error;
    if (isDamage(error)) this.#course.problem({ message: messageOf(error), table });
    else this.#course.leave("failed", `SQLite: ${messageOf(error)}`);
  }

  #tell(row: string): void {
    for (const problem of problemsOfRow(row, this.#names)) {
      const again = this.#again.get(problem.message) ?? 0;
      this.#again.set(problem.message, again - 1);
      if (again > 0) continue;
      this.#told.set(problem.message, (this.#told.get(problem.message) ?? 0) + 1);
      const number = this.#course.problem(problem);
      const ordinal = ordinalOf(problem.message);
      if (number === null || ordinal === null || problem.table === null) continue;
      const ofTable = this.ordinals.get(problem.table) ?? new Map<number, number[]>();
      this.ordinals.set(problem.table, ofTable.set(ordinal, [...(ofTable.get(ordinal) ?? []), number]));
    }
  }
}
