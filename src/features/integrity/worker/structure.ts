/** The b-trees, the rows and the indexes: what integrity_check or quick_check say. */
import type Database from "better-sqlite3";
import { isDamage } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import type { Channel } from "../../../worker/serve.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { isOfPages, namesOf, problemsOfRow, rowNumberOf, type SchemaNames } from "../messages.ts";
import type { Job, Message } from "../protocol.ts";
import type { Problem } from "../report.ts";
import { CheckRun, type ProblemReporter } from "./check-run.ts";
import { outOfMemory } from "./memory.ts";
import type { Content } from "./merge/content.ts";
import { structureWay } from "./merge/way.ts";
import { missingRequirement } from "./requirement.ts";
import { type ProblemsByRow, sendRowids } from "./rowids.ts";
import { objectsOf, virtualTablesOf } from "./schema.ts";
import { checkWithStandIns, type PragmaCheck } from "./stand-in/check.ts";
import { isOfVectorEntries, isVectorFunction, type VectorIndex, vectorIndexesOf } from "./vector-indexes.ts";

/**
 * `damage`: SQLite's message before its checks of the header and the schema were switched off. @returns whether there
 * are problems.
 */
export async function checkStructure(
  db: Database.Database,
  job: Job,
  { damage, content }: { readonly damage: string | null; readonly content: Content | null },
  { reporter, channel }: { readonly reporter: ProblemReporter; readonly channel: Channel<Message> },
): Promise<boolean> {
  const run = new CheckRun("structure", reporter);
  if (damage !== null) run.problem({ kind: "sqlite", message: damage });
  reporter.send({ kind: "stage", stage: "structure", done: 0, total: null });
  const others = vectorIndexesOf(db);
  for (const { table, index } of others) run.skip({ code: "vector-index", table, index });
  const check = new StructureCheck(db, run, reporter);
  const isOfOthers = isOfVectorEntries(others);
  // a virtual table has its own check
  const virtual = new Set<string | null>(virtualTablesOf(db).map(({ name }) => name));
  check.trustOnly((problem) =>
    problem.check === "virtual-tables" ? !virtual.has(problem.table) : !isOfOthers(problem),
  );
  const { merged, way } = await structureWay(db, job, content, channel);
  if (merged !== null) for (const row of merged.rows) check.report(row);
  else byPragma(db, check, { job, run, damaged: damage !== null, wanted: reporter.wanted + others.length, others });
  sendRowids(db, check.problemsByRow, reporter);
  run.end(way);
  return run.failed;
}

interface PragmaOptions {
  readonly job: Job;
  readonly run: CheckRun;
  readonly damaged: boolean;
  readonly wanted: number;
  readonly others: readonly VectorIndex[];
}

/** By SQLite's own check of the whole database. */
function byPragma(db: Database.Database, check: StructureCheck, { others, ...options }: PragmaOptions): void {
  const { job, wanted } = options;
  const pragma = job.quick ? "quick_check" : "integrity_check";
  const error = check.rows(`${pragma}(${wanted})`);
  if (error === null) return;
  if (missingRequirement(error) !== null)
    checkWithStandIns(db, check, { ...options, pragma, isNamed: isVectorFunction(others) });
  else {
    check.failed(error, null);
    if (job.schemaOnce && !isDamage(error)) check.byTable(pragma); // a virtual table ends the check of the whole
  }
}

class StructureCheck implements PragmaCheck {
  /** Problems whose message has the number of a row in its table. */
  readonly problemsByRow: ProblemsByRow = new Map();
  leftOut = 0;
  pagesDamaged = false;
  readonly #db: Database.Database;
  readonly #run: CheckRun;
  readonly #reporter: ProblemReporter;
  readonly #names: SchemaNames;
  /** How often each message was reported. */
  readonly #reported = new Map<string, number>();
  /** How often each message that was reported before is expected again. */
  readonly #expected = new Map<string, number>();
  readonly #trusted: ((problem: Problem) => boolean)[] = [];

  constructor(db: Database.Database, run: CheckRun, reporter: ProblemReporter) {
    this.#db = db;
    this.#run = run;
    this.#reporter = reporter;
    this.#names = namesOf(objectsOf(db));
  }

  /** Checks what does not need the missing requirement: the pages of all tables, and then each table separately. */
  byTable(pragma: string): void {
    this.expectAgain();
    this.rows(`quick_check(${this.#reporter.wanted})`);
    this.expectAgain();
    for (const table of this.#names.tables) {
      const error = this.rows(`${pragma}(${sqlQuoted(table)})`);
      if (error !== null && missingRequirement(error) === null) this.failed(error, table);
    }
  }

  rows(pragma: string, most = Number.POSITIVE_INFINITY): unknown {
    let found = 0;
    try {
      for (const row of this.#db.prepare<[], string>(`PRAGMA ${pragma}`).pluck().iterate()) {
        if (row !== "ok") found += this.report(row);
        if (found >= most) break;
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

  trustOnly(isTrusted: (problem: Problem) => boolean): void {
    this.#trusted.push(isTrusted);
  }

  expectAgain(): void {
    for (const [message, times] of this.#reported) this.#expected.set(message, times);
  }

  /** @returns how many problems that were not reported before. */
  report(row: string): number {
    let found = 0;
    this.pagesDamaged ||= isOfPages(row);
    for (const each of problemsOfRow(row, this.#names)) {
      const { message, ...location } = each;
      if (!this.#trusted.every((isTrusted) => isTrusted(each))) {
        this.leftOut++;
        continue;
      }
      const expected = this.#expected.get(message) ?? 0;
      this.#expected.set(message, expected - 1);
      if (expected > 0) continue;
      found++;
      this.#reported.set(message, (this.#reported.get(message) ?? 0) + 1);
      const problem = this.#run.problem({ kind: "sqlite", message }, location);
      const rowNumber = rowNumberOf(message);
      if (problem === null || rowNumber === null || location.table === null) continue;
      const ofTable = this.problemsByRow.get(location.table) ?? new Map<number, number[]>();
      this.problemsByRow.set(location.table, ofTable.set(rowNumber, [...(ofTable.get(rowNumber) ?? []), problem]));
    }
    return found;
  }
}
