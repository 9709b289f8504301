/**
 * A check of the structure that says what integrity_check says: a quick_check of the whole database, and the indexes by
 * merges. As soon as anything differs, SQLite's own check is asked, and its words are the answer.
 */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import type { NotMerged } from "../../report.ts";
import type { Compared } from "./compare-all.ts";
import type { MergePlan } from "./plan.ts";
import { afterSorting } from "./sort-space.ts";

export interface MergedCheck {
  /** SQLite's messages; none: it is as it should be. */
  readonly rows: readonly string[];
  /** Indexes that are the same as their tables by a merge. */
  readonly merged: number;
  /** Tables that integrity_check went through, each by itself. */
  readonly byPragma: number;
  /** How many processes compared indexes. */
  readonly processes: number;
  /** Why indexes were not the same by a merge that was tried. */
  readonly notMerged: readonly NotMerged[];
}

/** SQLite's limit for `integrity_check(table)`, which takes no other. */
const MAX_ROWS_OF_TABLE = 100;

/** `compareAll`: the indexes of the plan. Null: SQLite's own check of the whole has to be asked. */
export async function checkByMerges(
  db: Database.Database,
  plan: MergePlan,
  compareAll: () => Promise<Compared>,
): Promise<MergedCheck | null> {
  try {
    if (rowsOf(db, "quick_check(1)").length > 0) return null;
    const { comparisons, workers } = await compareAll();
    afterSorting(db);
    const byPragma = new Set(plan.byPragma);
    const notMerged: NotMerged[] = [];
    for (const [i, { table }] of plan.merge.entries()) {
      const comparison = comparisons[i];
      if (comparison === "same") continue;
      byPragma.add(table);
      notMerged.push(comparison ?? "unproved");
    }
    const rows: string[] = [];
    for (const table of byPragma) {
      const found = rowsOf(db, `integrity_check(${sqlQuoted(table)})`);
      if (found.length >= MAX_ROWS_OF_TABLE) return null;
      rows.push(...found);
    }
    const merged = comparisons.filter((comparison) => comparison === "same").length;
    return { rows, merged, byPragma: byPragma.size, processes: Math.max(1, workers), notMerged };
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return null;
  }
}

function rowsOf(db: Database.Database, pragma: string): string[] {
  return db
    .prepare<[], string>(`PRAGMA ${pragma}`)
    .pluck()
    .all()
    .filter((row) => row !== "ok");
}
