/** The amount of work, for the progress bar: a few pages of each table are read. */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../text/sql.ts";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { Plan } from "../progress/estimate.ts";
import type { Job } from "../protocol.ts";
import { objectsOf } from "./schema.ts";

/** Rowids may have gaps: there are no more rows than would fit with this average size. */
const MIN_ROW_BYTES = 16;

export function planOf(db: Database.Database, { quick, foreignKeys }: Job): Plan {
  const pages = numberOf(db, "PRAGMA page_count");
  const bytes = pages * numberOf(db, "PRAGMA page_size");
  const objects = objectsOf(db);
  const work = objects
    .filter(({ type }) => type === "table")
    .map(({ name }) => {
      const rows = Math.min(
        bytes / MIN_ROW_BYTES,
        numberOf(
          db,
          `SELECT (SELECT max(rowid) FROM ${sqlQuoted(name)}) - (SELECT min(rowid) FROM ${sqlQuoted(name)}) + 1`,
        ),
      );
      const indexes = objects.filter(({ type, table }) => type === "index" && table === name).length;
      const keys = foreignKeys ? numberOf(db, "SELECT count(DISTINCT id) FROM pragma_foreign_key_list(?)", name) : 0;
      return { rows, entries: quick ? 0 : rows * indexes, keys: rows * keys };
    });
  const sum = (kind: "rows" | "entries" | "keys") => work.reduce((total, table) => total + table[kind], 0);
  return { bytes, pages, rows: sum("rows"), entries: sum("entries"), keys: sum("keys") };
}

/** 0 where it cannot be known: no row, no rowid, damage. */
function numberOf(db: Database.Database, sql: string, ...values: readonly string[]): number {
  try {
    return Math.max(
      0,
      Number(
        db
          .prepare(sql)
          .pluck()
          .get(...values) ?? 0,
      ),
    );
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return 0;
  }
}
