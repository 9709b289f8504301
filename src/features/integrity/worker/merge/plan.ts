/** Which indexes are worth a merge. Pure. */
import type { MergeChoice } from "../../protocol.ts";
import type { OrdinaryIndex } from "./index.ts";
import { isBinary } from "./sql.ts";

export interface MeasuredIndex {
  readonly index: OrdinaryIndex;
  /** Of a key, on average. */
  readonly keyBytes: number;
  /** Its keys grow, or shrink, with the rowid: a look-up finds what the one before it has read. */
  readonly ordered: boolean;
}

export interface MeasuredTable {
  readonly name: string;
  readonly rows: number;
  /** All of its indexes, where each is an ordinary one; null: SQLite's own check has to compare them. */
  readonly indexes: readonly MeasuredIndex[] | null;
  /** Of a row, on average. */
  readonly rowBytes: number;
}

export interface MergePlan {
  /** In the order in which they are compared. */
  readonly merge: readonly OrdinaryIndex[];
  /** How long each takes, in microseconds. */
  readonly mergeUs: readonly number[];
  /** It is worth a second process. */
  readonly isLarge: boolean;
  /** Tables that SQLite's own check has to go through. */
  readonly byPragma: readonly string[];
}

/** Microseconds a row, measured with SQLite 3.53 on databases of 2,000 to 5,000,000 rows. */
const COST = {
  /** The row itself, by quick_check and again by integrity_check of its table. */
  row: 0.15,
  lookup: { ordered: 0.2, inCache: 0.35, large: 1.3, veryLarge: 2, byte: 0.002 },
  /** `rowByte`: each merge reads the whole table. */
  merge: { ordered: 0.3, inCache: 0.45, large: 0.95, byte: 0.006, rowByte: 0.0005 },
  /** Text that is compared by another collation than BINARY, which a row has twice then. */
  collation: 1.3,
} as const;

/** What the caches of a CPU hold of an index, and what is much more. */
const IN_CACHE_BYTES = 4e6;
const VERY_LARGE_BYTES = 16e6;

/** Beside its key an entry has a rowid, lengths and types. */
const ENTRY_BYTES = 10;

/** A merge is not worth its preparation for less, in microseconds. */
const LEAST_SAVED_US = 100_000;

/**
 * Null: SQLite's own check of the whole database takes no longer. It goes once through what the other way goes through
 * twice: quick_check of the whole, and then integrity_check of each table that is not merged.
 */
export function planMerge(tables: readonly MeasuredTable[], { always, sharedFromUs }: MergeChoice): MergePlan | null {
  const isMerged = (table: MeasuredTable) =>
    table.indexes !== null && table.indexes.length > 0 && (always || savedUs(table) > -COST.row * table.rows);
  const merged = tables.filter(isMerged);
  const others = tables.filter((table) => !isMerged(table) && table.indexes?.length !== 0);
  const saved = sum(merged.map(savedUs)) - sum(others.map(({ rows }) => COST.row * rows));
  if (merged.length === 0 || (!always && saved < LEAST_SAVED_US)) return null;
  const costs = merged.flatMap((table) =>
    (table.indexes ?? []).map((each) => ({ index: each.index, us: table.rows * mergeUs(each, table) })),
  );
  const longestFirst = costs.toSorted((a, b) => b.us - a.us); // none of two workers waits at the end
  return {
    merge: longestFirst.map(({ index }) => index),
    mergeUs: longestFirst.map(({ us }) => us),
    isLarge: costs.length > 1 && sum(costs.map(({ us }) => us)) >= sharedFromUs,
    byPragma: others.map(({ name }) => name),
  };
}

function savedUs(table: MeasuredTable): number {
  const { rows, indexes } = table;
  return rows * sum((indexes ?? []).map((each) => lookupUs(each, rows) - mergeUs(each, table)));
}

function lookupUs({ ordered, keyBytes }: MeasuredIndex, rows: number): number {
  const bytes = rows * (keyBytes + ENTRY_BYTES);
  const { lookup } = COST;
  if (ordered) return lookup.ordered;
  if (bytes < IN_CACHE_BYTES) return lookup.inCache;
  return (bytes < VERY_LARGE_BYTES ? lookup.large : lookup.veryLarge) + lookup.byte * keyBytes;
}

function mergeUs({ index, ordered, keyBytes }: MeasuredIndex, { rows, rowBytes }: MeasuredTable): number {
  const { merge } = COST;
  const inCache = rows * (keyBytes + ENTRY_BYTES) < IN_CACHE_BYTES;
  const collated = index.columns.some((column) => !isBinary(column));
  const base = ordered ? merge.ordered : inCache ? merge.inCache : merge.large;
  return (base + merge.byte * keyBytes) * (collated ? COST.collation : 1) + merge.rowByte * rowBytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
