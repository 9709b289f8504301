/**
 * Each virtual table by itself: in one run over all, an error of the first would end it, and SQLite passes over a
 * module that it does not have without a word. Stubs take their places afterwards, so that the run over the rest is
 * about the rest.
 */

import type Database from "better-sqlite3";
import { isDamage, missingOf } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { namesOf, problemsOfRow } from "../messages.ts";
import type { Job } from "../protocol.ts";
import { objectsOf, type VirtualTable, virtualTablesOf } from "./schema.ts";
import { Course, type Teller } from "./teller.ts";

export function virtualTables(
  db: Database.Database,
  { quick, schemaOnce }: Job,
  teller: Teller,
  damaged: boolean,
  schema: string | null,
): void {
  const course = new Course("virtual-tables", teller);
  if (schema !== null) course.leave("failed", schema);
  const tables = virtualTablesOf(db);
  const names = namesOf(objectsOf(db));
  for (const { name } of tables) {
    try {
      db.prepare(`SELECT 1 FROM ${sqlQuoted(name)} LIMIT 0`); // connects it, or says why not
      const rows = db
        .prepare<[], string>(`PRAGMA ${quick ? "quick_check" : "integrity_check"}(${sqlQuoted(name)})`)
        .pluck()
        .iterate();
      for (const row of rows)
        if (row !== "ok") for (const problem of problemsOfRow(row, names)) course.problem({ ...problem, table: name });
    } catch (error) {
      if (codeOf(error) === "") throw error;
      const told = missingOf(error) === null && !isDamage(error) ? (better(db, name) ?? error) : error;
      const missing = missingOf(told);
      if (missing === null) course.problem({ message: messageOf(told), table: name });
      else course.leave("missing", `${name} needs ${missing}, which this SQLite does not have`);
    }
  }
  if (tables.length > 0 && !schemaOnce) setAside(db, tables, damaged);
  course.end();
}

/** FTS5 says "SQL logic error" where a tokenizer is missing; a query says which. */
function better(db: Database.Database, table: string): unknown {
  try {
    db.prepare(`SELECT 1 FROM ${sqlQuoted(table)} WHERE ${sqlQuoted(table)} MATCH 'a' LIMIT 1`).get();
    return null;
  } catch (error) {
    return missingOf(error) === null ? null : error;
  }
}

/** What the types leave out: a table that takes arguments is made by a function. */
interface TableMaker {
  table(name: string, make: () => object): unknown;
}

/**
 * Nothing is written: the schema is read again, and every table in it connects to the module of its name that is there
 * now.
 */
function setAside(db: Database.Database, tables: readonly VirtualTable[], damaged: boolean): void {
  db.unsafeMode(true);
  db.pragma("writable_schema = RESET");
  if (damaged) db.pragma("writable_schema = ON");
  for (const module of new Set(tables.flatMap(({ module }) => module ?? []))) {
    (db as unknown as TableMaker).table(module, () => ({ columns: ["stub"], *rows() {} }));
  }
}
