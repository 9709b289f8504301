import { expect, test } from "vitest";
import { WORTHWHILE_MERGES } from "../../../../../../src/features/integrity/protocol.ts";
import {
  type MeasuredIndex,
  type MeasuredTable,
  planMerge,
} from "../../../../../../src/features/integrity/worker/merge/plan.ts";

const index = (name: string, change: Partial<MeasuredIndex> = {}): MeasuredIndex => ({
  index: {
    name,
    root: 3,
    table: "t",
    tableRoot: 2,
    rowid: "rowid",
    unique: false,
    columns: [{ name: "a", collation: "BINARY", descending: false }],
  },
  keyBytes: 20,
  ordered: false,
  ...change,
});

const table = (name: string, rows: number, change: Partial<MeasuredTable> = {}): MeasuredTable => ({
  name,
  rows,
  rowBytes: 100,
  indexes: [index(`${name}_i`), index(`${name}_j`)],
  ...change,
});

const planned = (...tables: MeasuredTable[]) => {
  const plan = planMerge(tables, WORTHWHILE_MERGES);
  return plan === null ? null : { merge: plan.merge.map(({ name }) => name).toSorted(), byPragma: plan.byPragma };
};

test("large tables with ordinary indexes by merges, others by integrity_check, those without an index not", () => {
  const tables = [
    table("large", 1_000_000),
    table("wide", 50_000, { rowBytes: 3500 }),
    table("expressions", 50_000, { indexes: null }),
    table("bare", 50_000, { indexes: [] }),
  ];
  expect(planned(...tables)).toEqual({ merge: ["large_i", "large_j"], byPragma: ["wide", "expressions"] });
});

test("not what the caches of a CPU hold, and not keys that go with the rowids", () => {
  expect(planned(table("t", 20_000))).toBeNull();
  expect(planned(...Array.from({ length: 200 }, (_, i) => table(`t${i}`, 5000)))).toBeNull();
  const ordered = index("t_i", { ordered: true });
  expect(planned(table("t", 5_000_000, { indexes: [ordered] }))).toBeNull();
  expect(planned(table("t", 1_000_000, { indexes: [ordered, index("t_j")] }))?.merge).toEqual(["t_i", "t_j"]);
});

test("not keys so long that sorting them takes longer", () => {
  expect(planned(table("t", 100_000, { indexes: [index("t_i", { keyBytes: 600 })] }))).toBeNull();
});

test("not where more is read twice than is saved", () => {
  const small = table("t", 300_000);
  expect(planned(small)).not.toBeNull();
  expect(planned(small, table("w", 5_000_000, { indexes: null }))).toBeNull();
});

test("always, for tests: the longest first, so that no worker has it at the end", () => {
  const collated = index("t_j");
  const slow = {
    ...collated,
    index: { ...collated.index, columns: [{ name: "a", collation: "NOCASE", descending: false }] },
  };
  const plan = planMerge([table("t", 10, { indexes: [index("t_i"), slow] })], { always: true, sharedFromUs: 0 });
  expect(plan?.merge.map(({ name }) => name)).toEqual(["t_j", "t_i"]);
  expect(plan?.isLarge).toBe(true);
});
