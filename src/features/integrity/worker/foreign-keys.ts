/** foreign_key_check, a table at a time: a wrong declaration in one table does not hide the rows of the others. */
import type Database from "better-sqlite3";
import { isDamage } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import type { ProblemCause } from "../protocol.ts";
import { CheckRun, type ProblemReporter } from "./check-run.ts";
import type { Condition } from "./condition.ts";
import { outOfMemory } from "./memory.ts";
import { missingRequirement } from "./requirement.ts";
import { tablesWithKeysOf } from "./schema.ts";

export function checkForeignKeys(db: Database.Database, reporter: ProblemReporter, condition: Condition): void {
  const run = new CheckRun("foreign-keys", reporter);
  if (!condition.schemaReadable) run.skip({ code: "unreadable-schema" });
  const tables = tablesWithKeysOf(db);
  for (const [done, table] of tables.entries()) {
    reporter.send({ kind: "stage", stage: "foreign-keys", done, total: tables.length });
    try {
      findViolations(db, table, run, reporter.wanted);
    } catch (error) {
      if (codeOf(error) === "") throw error;
      const message = messageOf(error);
      const beyond = outOfMemory(error, table);
      if (beyond !== null) run.skip(beyond);
      else if (!isDamage(error))
        run.skip({ code: "sqlite-error", table, message, missing: missingRequirement(error) !== null });
      else if (condition.damaged) run.skip({ code: "damaged-table", table });
      else run.problem({ kind: "sqlite", message }, { table });
    }
  }
  run.end();
}

interface Violation {
  readonly rowid: bigint | null;
  readonly parent: string;
  readonly fkid: bigint;
}

/** Up to `max`. */
function findViolations(db: Database.Database, table: string, run: CheckRun, max: number): void {
  let found = 0;
  let keys: ReadonlyMap<bigint, ForeignKey> | null = null;
  for (const { rowid, parent, fkid } of db
    .prepare<[], Violation>(`PRAGMA foreign_key_check(${sqlQuoted(table)})`)
    .iterate()) {
    keys ??= keysOf(db, table);
    const key = keys.get(fkid) ?? { kind: "foreign-key", from: [], to: [] };
    run.problem(hasTable(db, parent) ? key : { ...key, noParent: true }, { table, rowid, parent });
    found++;
    if (found >= max) break;
  }
}

/** A violation refers to a table, never to a view. */
function hasTable(db: Database.Database, name: string): boolean {
  const sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE LIMIT 1";
  return db.prepare(sql).get(name) !== undefined;
}

type ForeignKey = Extract<ProblemCause, { kind: "foreign-key" }>;

/** A row for each column of a key. */
interface KeyColumn {
  readonly id: bigint;
  readonly from: string;
  readonly to: string | null;
}

/** By the number of the key. */
function keysOf(db: Database.Database, table: string): ReadonlyMap<bigint, ForeignKey> {
  const keys = new Map<bigint, ForeignKey>();
  for (const { id, from, to } of db.prepare<[], KeyColumn>(`PRAGMA foreign_key_list(${sqlQuoted(table)})`).all()) {
    const key = keys.get(id);
    keys.set(id, {
      kind: "foreign-key",
      from: [...(key?.from ?? []), from],
      to: [...(key?.to ?? []), ...(to === null ? [] : [to])],
    });
  }
  return keys;
}
