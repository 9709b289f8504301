import { expect, test } from "vitest";
import type { OrdinaryIndex } from "../../../../../../src/features/integrity/worker/merge/index.ts";
import { type CountedTable, planMerge } from "../../../../../../src/features/integrity/worker/merge/plan.ts";

const LEAST = { rows: 1000, lookups: 200_000 };

const index = (table: string, name: string): OrdinaryIndex => ({
  name,
  root: 3,
  table,
  tableRoot: 2,
  rowid: "rowid",
  unique: false,
  columns: [{ name: "a", collation: "BINARY", descending: false }],
});

const table = (name: string, rows: number, change: Partial<CountedTable> = {}): CountedTable => ({
  name,
  rows,
  wideRows: false,
  indexes: [index(name, `${name}_i`), index(name, `${name}_j`)],
  ...change,
});

const names = (tables: readonly CountedTable[], least = LEAST) => {
  const plan = planMerge(tables, least);
  return plan === null ? null : { merge: plan.merge.map(({ name }) => name), byPragma: plan.byPragma };
};

test("large tables with ordinary indexes by merges, others by integrity_check, those without an index not", () => {
  const tables = [
    table("large", 1_000_000),
    table("small", 999),
    table("wide", 50_000, { wideRows: true }),
    table("expressions", 50_000, { indexes: null }),
    table("bare", 50_000, { indexes: [] }),
  ];
  expect(names(tables)).toEqual({ merge: ["large_i", "large_j"], byPragma: ["small", "wide", "expressions"] });
});

test("not where there is little to save", () => {
  expect(names([table("t", 100_000)])).not.toBeNull();
  expect(names([table("t", 99_999)])).toBeNull();
  expect(names([])).toBeNull();
});

test("not where more rows would be read twice than are looked up", () => {
  expect(names([table("t", 200_000), table("w", 400_000, { indexes: null })])).not.toBeNull();
  expect(names([table("t", 200_000), table("w", 400_001, { indexes: null })])).toBeNull();
});
