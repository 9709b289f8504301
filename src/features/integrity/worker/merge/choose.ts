/** Which indexes of a database are merged, by its schema and a few of its rows. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import type { MergeChoice } from "../../protocol.ts";
import type { NotMerged } from "../../report.ts";
import type { Content } from "./content.ts";
import { type DescribedTable, describeTable, listTables } from "./describe.ts";
import { isSmall, measureTable } from "./measure.ts";
import { type MergePlan, planMerge } from "./plan.ts";

/** In a smaller database no index is larger than the caches of a CPU. */
const LEAST_BYTES = 8e6;

/** Why there is none: SQLite's own check takes no longer, or the schema is not one that SQLite writes. */
export type NoPlan = Extract<NotMerged, "as-fast" | "unproved">;

export function chooseMerges(db: Database.Database, content: Content, choice: MergeChoice): MergePlan | NoPlan {
  try {
    return choose(db, content.pages * content.pageBytes, choice);
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return "unproved";
  }
}

function choose(db: Database.Database, bytes: number, choice: MergeChoice): MergePlan | NoPlan {
  if (bytes < LEAST_BYTES && !choice.always) return "as-fast";
  const tables = listTables(db);
  if (tables === null) return "unproved";
  const others: DescribedTable[] = [];
  const ordinary: DescribedTable[] = [];
  for (const table of tables) {
    const described =
      choice.always || !isSmall(db, table) ? describeTable(db, table) : { name: table.name, indexes: null };
    if (described.indexes === null) others.push(described);
    else if (described.indexes.length > 0) ordinary.push(described);
  }
  const measured = (some: readonly DescribedTable[]) => some.map((table) => measureTable(db, table, bytes));
  const largest = measured(ordinary);
  if (planMerge(largest, choice) === null) return "as-fast"; // the others would make it no better
  return planMerge([...largest, ...measured(others)], choice) ?? "as-fast";
}
