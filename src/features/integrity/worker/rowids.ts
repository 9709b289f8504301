/**
 * integrity_check numbers the rows of a table in the order of its scan. A second scan of that table finds the rowid of
 * the N-th row.
 */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { ProblemReporter } from "./check-run.ts";

/** By table and number of the row: the numbers of the problems. */
export type ProblemsByRow = Map<string, Map<number, number[]>>;

export function sendRowids(db: Database.Database, problems: ProblemsByRow, reporter: ProblemReporter): void {
  for (const [table, ofTable] of problems) {
    try {
      const column = rowidColumn(db, table);
      if (column === null) continue;
      const last = Math.max(...ofTable.keys());
      let row = 0;
      for (const rowid of db
        .prepare<[], bigint>(`SELECT ${column} FROM ${sqlQuoted(table)} NOT INDEXED LIMIT ${last}`)
        .pluck()
        .iterate()) {
        row++;
        for (const problem of ofTable.get(row) ?? []) reporter.send({ kind: "rowid", problem, rowid });
      }
    } catch (error) {
      if (codeOf(error) === "") throw error; // else: a table too damaged to be read again, or one WITHOUT ROWID
    }
  }
}

/** A column of one of these names hides the rowid. */
export function rowidColumn(db: Database.Database, table: string): string | null {
  const columns = db.prepare<[], { name: string }>(`PRAGMA table_xinfo(${sqlQuoted(table)})`).all();
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  return ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name)) ?? null;
}
