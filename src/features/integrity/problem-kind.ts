/**
 * Kinds of problems that need different remedies, by SQLite's messages. Pure. Source: `pragma.c` and `btree.c` of
 * SQLite 3.53.
 */
import type { Problem } from "./report.ts";

export type ProblemKind =
  /** Entries of an index that are missing, wrong or too many: the table is intact. */
  | "index-entries"
  /** Two rows that a unique index forbids. */
  | "duplicates"
  /** Pages of an index. */
  | "index-pages"
  /** Values that the table's own NOT NULL, CHECK or type forbids. */
  | "values"
  /** Unused pages, or the list of free pages. */
  | "free-pages"
  /** A full-text index that does not match its table. */
  | "full-text"
  /** Any other virtual table. */
  | "virtual-table"
  | "foreign-key"
  /** The header, or pages of tables: rows may be lost. */
  | "pages";

const PATTERNS: readonly (readonly [ProblemKind, RegExp])[] = [
  ["duplicates", /^non-unique entry in index /],
  ["index-entries", /^row \S+ (missing from|values differ from) index /],
  ["index-entries", /^(rowid not at end-of-record for row |wrong # of entries in index )/],
  ["index-entries", /^index .* stores an imprecise floating-point value for row /s],
  ["values", /^(NULL|TEXT|NUMERIC|non-\S+) value in |^CHECK constraint failed in /],
  ["free-pages", /^Freelist: |^Page \d+: never used$/],
  ["full-text", /inverted index for FTS\d table |^fts5: /],
];

export function kindOf({ check, message, index }: Problem): ProblemKind {
  if (check === "foreign-keys") return "foreign-key";
  if (check === "header" || check === "companion-files") return "pages";
  const known = PATTERNS.find(([, pattern]) => pattern.test(message))?.[0];
  return known ?? (check === "virtual-tables" ? "virtual-table" : index !== null ? "index-pages" : "pages");
}
