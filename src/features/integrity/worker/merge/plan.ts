/** Which indexes are worth a merge. Pure. */
import type { MergeThreshold } from "../../protocol.ts";
import type { OrdinaryIndex } from "./index.ts";

export interface CountedTable {
  readonly name: string;
  readonly rows: number;
  /** See DescribedTable. */
  readonly indexes: readonly OrdinaryIndex[] | null;
  /** A row is longer than a page: a merge would read it once for each index. */
  readonly wideRows: boolean;
}

export interface MergePlan {
  readonly merge: readonly OrdinaryIndex[];
  /** Tables that SQLite's own check has to go through. */
  readonly byPragma: readonly string[];
}

/**
 * Null: SQLite's own check of the whole database takes no longer. It goes once through what the other way goes through
 * twice: quick_check of the whole, and then integrity_check of each table that is not merged.
 */
export function planMerge(tables: readonly CountedTable[], least: MergeThreshold): MergePlan | null {
  const merged = tables.filter(
    ({ indexes, rows, wideRows }) => indexes !== null && indexes.length > 0 && rows >= least.rows && !wideRows,
  );
  const others = tables.filter((table) => !merged.includes(table) && table.indexes?.length !== 0);
  const lookups = merged.reduce((sum, { rows, indexes }) => sum + rows * (indexes?.length ?? 0), 0);
  const twice = others.reduce((sum, { rows }) => sum + rows, 0);
  if (merged.length === 0 || lookups < least.lookups || (least.lookups > 0 && lookups < twice)) return null;
  return { merge: merged.flatMap(({ indexes }) => indexes ?? []), byPragma: others.map(({ name }) => name) };
}
