import { expect, test } from "vitest";
import {
  type IndexFacts,
  independentOf,
  isTrusted,
  type TableFacts,
} from "../../../../../../src/features/integrity/worker/stand-in/dependents.ts";
import { problem } from "../../../../../support/integrity.ts";

const index = (name: string, change: Partial<IndexFacts> = {}): IndexFacts => ({
  name,
  sql: "create index i on t(a)",
  isAutomatic: false,
  isPartial: false,
  columns: [{ name: "a", collation: "BINARY" }],
  ...change,
});

const COLUMNS = [
  { name: "a", isVirtual: false },
  { name: "v", isVirtual: true },
];

const TABLES: readonly TableFacts[] = [
  { name: "plain", sql: "create table plain(a, v as (a))", columns: COLUMNS, indexes: [index("plain_a")] },
  {
    name: "uses",
    sql: "create table uses(a collate unicase, v as (f(a)))",
    columns: COLUMNS,
    indexes: [
      index("stored"),
      index("collated", { columns: [{ name: "a", collation: "unicase" }] }),
      index("virtual", { columns: [{ name: "v", collation: "BINARY" }] }),
      index("expression", { columns: [{ name: null, collation: "BINARY" }] }),
      index("partial", { isPartial: true }),
      index("unread", { columns: null }),
      index("automatic", { sql: null, isAutomatic: true }),
      index("lost", { sql: null }),
    ],
  },
  { name: "calls", sql: "create table calls(a check (F(a)))", columns: COLUMNS, indexes: [] },
  { name: "lost", sql: null, columns: [], indexes: [] },
];

const FREE = independentOf(TABLES, new Set(["f"]));

test("what needs nothing that is missing", () => {
  expect([...FREE.tables]).toEqual(["plain"]);
  expect([...FREE.columns]).toEqual(["plain.a", "plain.v", "uses.a", "calls.a"]);
  expect([...FREE.indexes]).toEqual(["plain_a", "stored", "automatic"]);
});

test.each([
  ["row 1 missing from index %", "index", "stored", "virtual"],
  ["row 1 values differ from index %", "index", "stored", "collated"],
  ["rowid not at end-of-record for row 3 of index %", "index", "plain_a", "collated"],
  ["non-unique entry in index %", "index", "automatic", "partial"],
  ["index % stores an imprecise floating-point value for row 7", "index", "stored", "expression"],
  ["CHECK constraint failed in %", "table", "plain", "uses"],
  ["row not in PRIMARY KEY order for %", "table", "plain", "calls"],
  ["NULL value in %", "column", "uses.a", "uses.v"],
  ["TEXT value in %", "column", "plain.v", "uses.v"],
  ["non-INT value in %", "column", "plain.a", "lost.a"],
])("%s", (message, kind, free, dependent) => {
  const named = (name: string) =>
    problem(
      message.replace("%", name),
      kind === "column" ? {} : { [kind]: name, table: "uses", ...(kind === "table" ? { table: name } : {}) },
    );
  expect(isTrusted(named(free), FREE)).toBe(true);
  expect(isTrusted(named(dependent), FREE)).toBe(false);
});

test.each([
  "Freelist: size is 3 but should be 1",
  "Page 7: never used",
  "Tree 3 page 4 cell 1: 2nd reference to page 9",
  "wrong # of entries in index collated",
])("%s needs neither", (message) => {
  expect(isTrusted(problem(message, { index: "collated", table: "uses" }), FREE)).toBe(true);
});
