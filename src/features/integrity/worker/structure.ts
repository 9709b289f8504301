/** The b-trees, the rows and the indexes: what integrity_check or quick_check say. */
import type Database from "better-sqlite3";
import { isDamage } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { namesOf, problemsOfRow, rowNumberOf, type SchemaNames } from "../messages.ts";
import type { Job } from "../protocol.ts";
import { CheckRun, type ProblemReporter } from "./check-run.ts";
import { outOfMemory } from "./memory.ts";
import type { Content } from "./merge/content.ts";
import { structureWay } from "./merge/way.ts";
import { missingRequirement } from "./requirement.ts";
import { type ProblemsByRow, sendRowids } from "./rowids.ts";
import { objectsOf } from "./schema.ts";

/**
 * `damage`: SQLite's message before its checks of the header and the schema were switched off. @returns whether there
 * are problems.
 */
export function checkStructure(
  db: Database.Database,
  job: Job,
  { damage, content }: { readonly damage: string | null; readonly content: Content | null },
  reporter: ProblemReporter,
): boolean {
  const run = new CheckRun("structure", reporter);
  if (damage !== null) run.problem({ kind: "sqlite", message: damage });
  reporter.send({ kind: "stage", stage: "structure", done: 0, total: null });
  const check = new StructureCheck(db, run, reporter);
  const { merged, way } = structureWay(db, job, content, reporter.send);
  if (merged !== null) for (const row of merged.rows) check.report(row);
  else check.byPragma(job.quick ? "quick_check" : "integrity_check");
  sendRowids(db, check.problemsByRow, reporter);
  run.end(way);
  return run.failed;
}

class StructureCheck {
  /** Problems whose message has the number of a row in its table. */
  readonly problemsByRow: ProblemsByRow = new Map();
  readonly #db: Database.Database;
  readonly #run: CheckRun;
  readonly #reporter: ProblemReporter;
  readonly #names: SchemaNames;
  /** How often each message was reported. */
  readonly #reported = new Map<string, number>();
  /** How often each message that was reported before is expected again. */
  readonly #expected = new Map<string, number>();

  constructor(db: Database.Database, run: CheckRun, reporter: ProblemReporter) {
    this.#db = db;
    this.#run = run;
    this.#reporter = reporter;
    this.#names = namesOf(objectsOf(db));
  }

  /** By SQLite's own check of the whole database. */
  byPragma(pragma: string): void {
    const error = this.rows(`${pragma}(${this.#reporter.wanted})`);
    const requirement = error === null ? null : missingRequirement(error);
    if (requirement !== null) {
      this.#run.skip({ code: "missing-requirement", table: null, requirement });
      this.byTable(pragma);
    } else if (error !== null) this.failed(error, null);
  }

  /** Checks what does not need the missing requirement: the pages of all tables, and then each table separately. */
  byTable(pragma: string): void {
    this.rows(`quick_check(${this.#reporter.wanted})`);
    for (const [message, times] of this.#reported) this.#expected.set(message, times);
    for (const table of this.#names.tables) {
      const error = this.rows(`${pragma}(${sqlQuoted(table)})`);
      if (error !== null && missingRequirement(error) === null) this.failed(error, table);
    }
  }

  /** @returns the error that ended it; null: none. */
  rows(pragma: string): unknown {
    try {
      for (const row of this.#db.prepare<[], string>(`PRAGMA ${pragma}`).pluck().iterate()) {
        if (row !== "ok") this.report(row);
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  failed(error: unknown, table: string | null): void {
    if (codeOf(error) === "") throw error;
    const message = messageOf(error);
    const beyond = outOfMemory(error, table);
    if (beyond !== null) this.#run.skip(beyond);
    else if (isDamage(error)) this.#run.problem({ kind: "sqlite", message }, { table });
    else this.#run.skip({ code: "sqlite-error", table: null, message, missing: false });
  }

  report(row: string): void {
    for (const { message, ...location } of problemsOfRow(row, this.#names)) {
      const expected = this.#expected.get(message) ?? 0;
      this.#expected.set(message, expected - 1);
      if (expected > 0) continue;
      this.#reported.set(message, (this.#reported.get(message) ?? 0) + 1);
      const problem = this.#run.problem({ kind: "sqlite", message }, location);
      const rowNumber = rowNumberOf(message);
      if (problem === null || rowNumber === null || location.table === null) continue;
      const ofTable = this.problemsByRow.get(location.table) ?? new Map<number, number[]>();
      this.problemsByRow.set(location.table, ofTable.set(rowNumber, [...(ofTable.get(rowNumber) ?? []), problem]));
    }
  }
}
