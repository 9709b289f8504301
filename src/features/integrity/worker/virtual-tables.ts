/**
 * Each virtual table separately: in one run over all of them an error of the first would end it, and SQLite skips a
 * module that it does not have without a message. Then stubs replace the modules, so that integrity_check checks the
 * rest of the database without them.
 */
import type Database from "better-sqlite3";
import { isDamage } from "../../../safe-open/worker/errors.ts";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf, messageOf } from "../../../worker/sqlite-error.ts";
import { namesOf, oneLine, problemsOfRow } from "../messages.ts";
import type { Job, Unchecked } from "../protocol.ts";
import { CheckRun, type ProblemReporter } from "./check-run.ts";
import type { Condition } from "./condition.ts";
import { outOfMemory } from "./memory.ts";
import { objectsOf, type VirtualTable, virtualTablesOf } from "./schema.ts";
import { isUnreadable, textSourceOf, uncheckedTable } from "./virtual-table-error.ts";

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
  for (const table of tables) {
    const { name } = table;
    let unreadable: string | null = null;
    try {
      db.prepare(`SELECT 1 FROM ${sqlQuoted(name)} LIMIT 0`); // connects the table to its module, or fails
      const rows = db
        .prepare<[], string>(`PRAGMA ${quick ? "quick_check" : "integrity_check"}(${sqlQuoted(name)})`)
        .pluck()
        .iterate();
      for (const row of rows) {
        if (row === "ok") continue;
        if (isUnreadable(row)) {
          unreadable = row;
          continue;
        }
        for (const { message, ...location } of problemsOfRow(row, names))
          run.problem({ kind: "sqlite", message }, { ...location, table: name });
      }
      if (unreadable !== null) run.skip(whyUnreadable(db, table, unreadable));
    } catch (error) {
      if (codeOf(error) === "") throw error;
      const known = messageOf(error) === NO_WORDS ? (errorOfQuery(db, table) ?? error) : error;
      const beyond = outOfMemory(known, name);
      if (beyond !== null) run.skip(beyond);
      else if (isDamage(known)) run.problem({ kind: "sqlite", message: messageOf(known) }, { table: name });
      else run.skip(uncheckedTable(table, known));
    }
  }
  if (tables.length > 0 && !schemaOnce) replaceModules(db, tables, condition);
  run.end();
}

/** Of SQLITE_ERROR: FTS5 gives its own words, as for a tokenizer that is missing, only for the error of a query. */
const NO_WORDS = "SQL logic error";

function errorOfQuery(db: Database.Database, { name, module }: VirtualTable): unknown {
  if (module?.toLowerCase() !== "fts5") return null;
  try {
    db.prepare(`SELECT 1 FROM ${sqlQuoted(name)} WHERE ${sqlQuoted(name)} MATCH 'a' LIMIT 1`).get();
    return null;
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return messageOf(error) === NO_WORDS ? null : error;
  }
}

/** FTS3 and FTS4 say no more than that. */
function whyUnreadable(db: Database.Database, table: VirtualTable, row: string): Unchecked {
  const { isContentless, table: content, uncompress } = textSourceOf(table);
  if (isContentless) return { code: "contentless", table: table.name };
  const needed = [
    ...(uncompress === null ? [] : [`SELECT ${sqlQuoted(uncompress)}(NULL)`]),
    ...(content === null ? [] : [`SELECT * FROM ${sqlQuoted(content)}`]),
  ];
  for (const sql of needed) {
    try {
      db.prepare(sql);
    } catch (error) {
      if (codeOf(error) === "") throw error;
      return uncheckedTable(table, error);
    }
  }
  return uncheckedTable(table, new Error(oneLine(row)));
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
