/**
 * integrity_check counts the rows of a table as it meets them: which rowid the N-th has, a second pass over that table
 * says.
 */

import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { Teller } from "./teller.ts";

/** By table and place in it: the numbers of the problems. */
export type Ordinals = Map<string, Map<number, number[]>>;

export function tellRowids(db: Database.Database, ordinals: Ordinals, teller: Teller): void {
  for (const [table, places] of ordinals) {
    try {
      const column = rowidColumn(db, table);
      if (column === null) continue;
      const last = Math.max(...places.keys());
      let place = 0;
      for (const rowid of db
        .prepare<[], bigint>(`SELECT ${column} FROM ${sqlQuoted(table)} NOT INDEXED LIMIT ${last}`)
        .pluck()
        .iterate()) {
        place++;
        for (const at of places.get(place) ?? []) teller.send({ kind: "rowid", at, rowid });
      }
    } catch (error) {
      if (codeOf(error) === "") throw error; // else: a table too damaged to be read again, or one WITHOUT ROWID
    }
  }
}

/** A column of one of these names hides the rowid. */
function rowidColumn(db: Database.Database, table: string): string | null {
  const columns = db.prepare<[], { name: string }>(`PRAGMA table_xinfo(${sqlQuoted(table)})`).all();
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  return ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name)) ?? null;
}
