/**
 * A check of the structure that says what integrity_check says: a quick_check of the whole database, and the indexes by
 * merges. As soon as anything differs, SQLite's own check is asked, and its words are the answer.
 */
import type Database from "better-sqlite3";
import { sqlQuoted } from "../../../../text/sql.ts";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import type { MergeThreshold } from "../../protocol.ts";
import type { NotMerged } from "../../report.ts";
import type { Content } from "./content.ts";
import { countRows } from "./count.ts";
import { describeTables } from "./describe.ts";
import { compare, type HasRoom } from "./merge.ts";
import { type MergePlan, planMerge } from "./plan.ts";

export interface MergedCheck {
  /** SQLite's messages; none: it is as it should be. */
  readonly rows: readonly string[];
  /** Indexes that are the same as their tables by a merge. */
  readonly merged: number;
  /** Tables that integrity_check went through, each by itself. */
  readonly byPragma: number;
  /** Why indexes were not the same by a merge that was tried. */
  readonly notMerged: readonly NotMerged[];
}

/** SQLite's limit for `integrity_check(table)`, which takes no other. */
const MAX_ROWS_OF_TABLE = 100;

/** Null where SQLite's own check takes no longer, or the schema cannot be read. */
export function mergePlanOf(db: Database.Database, content: Content, threshold: MergeThreshold): MergePlan | null {
  try {
    return planMerge(countRows(db, describeTables(db), content), threshold);
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return null;
  }
}

/** `told`: how many steps of how many are done. Null: SQLite's own check of the whole has to be asked. */
export function checkByMerges(
  db: Database.Database,
  content: Content,
  plan: MergePlan,
  hasRoom: HasRoom,
  told: (done: number, total: number) => void,
): MergedCheck | null {
  try {
    if (rowsOf(db, "quick_check(1)").length > 0) return null;
    const total = plan.merge.length + plan.byPragma.length;
    const byPragma = new Set(plan.byPragma);
    const notMerged: NotMerged[] = [];
    let merged = 0;
    for (const [done, index] of plan.merge.entries()) {
      told(done, total);
      if (byPragma.has(index.table)) continue;
      const comparison = compare(db, index, content, hasRoom);
      if (comparison === "same") {
        merged++;
        continue;
      }
      byPragma.add(index.table);
      notMerged.push(comparison);
    }
    const rows: string[] = [];
    for (const table of byPragma) {
      const found = rowsOf(db, `integrity_check(${sqlQuoted(table)})`);
      if (found.length >= MAX_ROWS_OF_TABLE) return null;
      rows.push(...found);
    }
    return { rows, merged, byPragma: byPragma.size, notMerged };
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
