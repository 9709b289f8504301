/**
 * Each virtual table separately: in one run over all of them an error of the first would end it, and SQLite skips a
 * module that it does not have without a message. Then stubs replace the modules, so that integrity_check checks the
 * rest of the database without them.
 */
import type Database from "better-sqlite3";
import { isDamage } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { namesOf, problemsOfRow } from "../messages.ts";
import type { Job } from "../protocol.ts";
import { CheckRun, type ProblemReporter } from "./check-run.ts";
import type { Condition } from "./condition.ts";
import { outOfMemory } from "./memory.ts";
import { missingRequirement } from "./requirement.ts";
import { objectsOf, type VirtualTable, virtualTablesOf } from "./schema.ts";

export function checkVirtualTables(
  db: Database.Database,
  { quick, schemaOnce }: Job,
  reporter: ProblemReporter,
  condition: Condition,
): void {
  const run = new CheckRun("virtual-tables", reporter);
  if (!condition.schemaReadable) run.skip({ code: "unreadable-schema" });
  const tables = virtualTablesOf(db);
  const names = namesOf(objectsOf(db));
  for (const { name } of tables) {
    try {
      db.prepare(`SELECT 1 FROM ${sqlQuoted(name)} LIMIT 0`); // connects the table to its module, or fails
      const rows = db
        .prepare<[], string>(`PRAGMA ${quick ? "quick_check" : "integrity_check"}(${sqlQuoted(name)})`)
        .pluck()
        .iterate();
      for (const row of rows) {
        if (row === "ok") continue;
        for (const { message, ...location } of problemsOfRow(row, names))
          run.problem({ kind: "sqlite", message }, { ...location, table: name });
      }
    } catch (error) {
      if (codeOf(error) === "") throw error;
      const known = missingRequirement(error) === null && !isDamage(error) ? (errorOfQuery(db, name) ?? error) : error;
      const requirement = missingRequirement(known);
      const beyond = outOfMemory(known, name);
      if (beyond !== null) run.skip(beyond);
      else if (requirement === null) run.problem({ kind: "sqlite", message: messageOf(known) }, { table: name });
      else run.skip({ code: "missing-requirement", table: name, requirement });
    }
  }
  if (tables.length > 0 && !schemaOnce) replaceModules(db, tables, condition);
  run.end();
}

/** FTS5 says "SQL logic error" where a tokenizer is missing; the error of a query names it. */
function errorOfQuery(db: Database.Database, table: string): unknown {
  try {
    db.prepare(`SELECT 1 FROM ${sqlQuoted(table)} WHERE ${sqlQuoted(table)} MATCH 'a' LIMIT 1`).get();
    return null;
  } catch (error) {
    return missingRequirement(error) === null ? null : error;
  }
}

/** What the types leave out: a table that takes arguments is made by a function. */
interface TableMaker {
  table(name: string, make: () => object): unknown;
}

/** Nothing is written: the schema is read again, and each virtual table connects to the stub of its module's name. */
function replaceModules(db: Database.Database, tables: readonly VirtualTable[], { damaged }: Condition): void {
  db.unsafeMode(true);
  db.pragma("writable_schema = RESET");
  if (damaged) db.pragma("writable_schema = ON");
  for (const module of new Set(tables.flatMap(({ module }) => module ?? []))) {
    (db as unknown as TableMaker).table(module, () => ({ columns: ["stub"], *rows() {} }));
  }
}
