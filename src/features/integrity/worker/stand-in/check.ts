/**
 * integrity_check fails before it begins where a collation or a function is missing. With a stand-in it looks at all
 * pages and at all that does not need what is missing; what a stand-in may have caused is left out. Only a private copy
 * can name other collations: better-sqlite3 registers functions, and no collations.
 */
import type Database from "better-sqlite3";
import { codeOf, messageOf } from "../../../../worker/sqlite-error.ts";
import type { Job, NoStandIn, Requirement } from "../../protocol.ts";
import type { Problem } from "../../report.ts";
import type { CheckRun } from "../check-run.ts";
import { missingRequirement } from "../requirement.ts";
import { independentOf, isTrusted } from "./dependents.ts";
import { tableFactsOf } from "./facts.ts";
import { StandInFunctions } from "./functions.ts";
import { missingCollationsOf } from "./missing-collations.ts";
import { editSchema, restoreSchema } from "./schema-edit.ts";

/** How the pragmas are run, and what is reported of their rows. */
export interface PragmaCheck {
  /** Reports each problem; `most`: ends after so many. @returns the error that ended it; null: none. */
  rows(pragma: string, most?: number): unknown;
  /** Each table separately. */
  byTable(pragma: string): void;
  failed(error: unknown, table: string | null): void;
  /** From now on, another problem is left out. */
  trustOnly(isTrusted: (problem: Problem) => boolean): void;
  /** The problems so far will be found once more. */
  expectAgain(): void;
  /** How many problems were left out. */
  readonly leftOut: number;
  /** A page is damaged, or is not used as it should be. */
  readonly pagesDamaged: boolean;
}

interface Options {
  readonly job: Job;
  readonly run: CheckRun;
  readonly pragma: "integrity_check" | "quick_check";
  /** Of problems: one more than can be reported. */
  readonly wanted: number;
  /** It can be read only with `writable_schema`. */
  readonly damaged: boolean;
  /** What is missing, and is named in another reason. */
  readonly isNamed: (requirement: Requirement) => boolean;
}

/** SQLite's own number is an int. */
const NO_LIMIT = 2 ** 31 - 1;

/** A schema may name any number of functions. */
const MAX_FUNCTIONS = 100;

export function checkWithStandIns(db: Database.Database, check: PragmaCheck, options: Options): void {
  const { job, run, pragma, wanted, isNamed } = options;
  const facts = tableFactsOf(db);
  const standIns = new StandIns(db, options);
  const error = standIns.install();
  for (const requirement of standIns.missing)
    if (!isNamed(requirement)) run.skip({ code: "missing-requirement", table: null, requirement });
  const independent = independentOf(facts, standIns.functions);
  check.trustOnly((problem) => isTrusted(problem, independent));
  try {
    if (error !== null) {
      if (standIns.refused !== null) run.skip({ code: "no-stand-in", why: standIns.refused });
      else if (missingRequirement(error) === null) check.failed(error, null);
      check.byTable(pragma);
      return;
    }
    const failed = check.rows(`quick_check(${wanted})`);
    if (failed !== null) check.failed(failed, null);
    else if (check.pagesDamaged) {
      check.byTable(pragma); // a list of all damaged pages may be too long
    } else if (!job.quick || check.leftOut > 0) {
      check.expectAgain();
      const again = check.rows(`${pragma}(${NO_LIMIT})`, wanted);
      if (again !== null) check.failed(again, null);
    }
  } finally {
    standIns.remove();
  }
}

class StandIns {
  /** All that is missing, as far as it is known. */
  readonly missing: Requirement[] = [];
  /** Why a missing collation has no stand-in. */
  refused: NoStandIn | null = null;
  readonly #db: Database.Database;
  readonly #options: Options;
  readonly #functions: StandInFunctions;
  #edited = false;

  constructor(db: Database.Database, options: Options) {
    this.#db = db;
    this.#options = options;
    this.#functions = new StandInFunctions(db);
  }

  /** In lower case. */
  get functions(): ReadonlySet<string> {
    return this.#functions.names;
  }

  /** @returns the error that is left: null where SQLite's check can be run. */
  install(): unknown {
    for (const name of missingCollationsOf(this.#db)) this.missing.push({ type: "collation", name });
    for (;;) {
      const error = this.#errorOfCheck();
      const requirement = error === null ? null : missingRequirement(error);
      if (requirement === null) return error;
      const { type, name } = requirement;
      if (!this.missing.some((known) => known.type === type && known.name.toLowerCase() === name.toLowerCase()))
        this.missing.push(requirement);
      if (type === "function" && this.functions.size < MAX_FUNCTIONS && this.#functions.add(name)) continue;
      if (type !== "collation") return error;
      this.refused = this.#edited ? { kind: "not-edited", message: messageOf(error) } : this.#edit(error);
      if (this.refused !== null) return error;
    }
  }

  remove(): void {
    this.#functions.end();
    if (this.#edited) restoreSchema(this.#db, this.#options.damaged);
  }

  #errorOfCheck(): unknown {
    try {
      this.#db.prepare(`PRAGMA ${this.#options.pragma}`);
      return null;
    } catch (error) {
      if (codeOf(error) === "") throw error;
      return error;
    }
  }

  #edit(error: unknown): NoStandIn | null {
    const { job, damaged } = this.#options;
    if (job.schemaOnce) return { kind: "schema-once" };
    if (job.method === "in-place") return job.noStandIn ?? { kind: "not-edited", message: messageOf(error) };
    const message = editSchema(this.#db, damaged);
    this.#edited = message === null;
    if (message === null) return null;
    restoreSchema(this.#db, damaged);
    return { kind: "not-edited", message };
  }
}
