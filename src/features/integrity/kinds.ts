/**
 * What a problem is about, as far as what helps against it differs. Pure. Source: the messages of pragma.c and btree.c,
 * SQLite 3.53.
 */
import type { Problem } from "./report.ts";

export type Kind =
  /** Entries of an index that are missing, wrong or too many: the table is whole. */
  | "index-entries"
  /** Two rows that a unique index forbids. */
  | "duplicates"
  /** Pages of an index. */
  | "index-pages"
  /** Values that the table's own NOT NULL, CHECK or type forbids. */
  | "values"
  /** Pages that nothing uses, or the list of free ones. */
  | "free-pages"
  /** What a full-text index says is not what its table holds. */
  | "full-text"
  /** Any other virtual table. */
  | "virtual-table"
  | "foreign-key"
  /** The header, or pages of tables: rows may be lost. */
  | "pages";

const PATTERNS: readonly (readonly [Kind, RegExp])[] = [
  ["duplicates", /^non-unique entry in index /],
  [
    "index-entries",
    /^(row \S+ missing from index |row \S+ values differ from index |rowid not at end-of-record for row |wrong # of entries in index |index .* stores an imprecise floating-point value for row )/s,
  ],
  ["values", /^(NULL|TEXT|NUMERIC|non-\S+) value in |^CHECK constraint failed in /],
  ["free-pages", /^Freelist: |^Page \d+: never used$/],
  ["full-text", /inverted index for FTS\d table |^fts5: /],
];

export function kindOf({ check, message, index }: Problem): Kind {
  if (check === "foreign-keys") return "foreign-key";
  if (check === "header" || check === "companion-files") return "pages";
  const known = PATTERNS.find(([, pattern]) => pattern.test(message))?.[0];
  return known ?? (check === "virtual-tables" ? "virtual-table" : index !== null ? "index-pages" : "pages");
}
