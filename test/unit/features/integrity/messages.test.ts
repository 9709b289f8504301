/** The messages of SQLite 3.53's integrity_check, one by one: `pragma.c`, `btree.c`, the virtual tables. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namesOf, problemsOfRow, rowNumberOf } from "../../../../src/features/integrity/messages.ts";

const NAMES = namesOf([
  { type: "table", name: "t", table: "t", root: 2 },
  { type: "index", name: "i", table: "t", root: 3 },
  { type: "table", name: "a.b", table: "a.b", root: 4 },
  { type: "index", name: "odd\nname", table: "a.b", root: 5 },
]);

const none = { check: "structure", table: null, index: null, rowid: null, parent: null, page: null };

describe("pages", () => {
  const tree = (line: string) => problemsOfRow(`*** in database main ***\n${line}`, NAMES);
  test.each([
    ["Tree 2 page 7 cell 3: Rowid 12 out of order", { table: "t", page: 7 }],
    ["Tree 3 page 8: btreeInitPage() returns error code 11", { table: "t", index: "i", page: 8 }],
    [
      "Tree 3 page 8 right child: Bad ptr map entry key=9 expected=(5,3) got=(1,0)",
      { table: "t", index: "i", page: 8 },
    ],
    ["Tree 1 page 1: free space corruption", { table: "sqlite_schema", page: 1 }],
    ["Tree 99 page 98: unable to get the page. error code=10", { page: 98 }],
    ["Page 12: never used", { page: 12 }],
    ["Page 2: pointer map referenced", { page: 2 }],
    ["2nd reference to page 12", { page: 12 }],
    ["invalid page number 218103808", {}],
    ["Failed to read ptrmap key=9", { page: 9 }],
    ["Multiple uses for byte 512 of page 6", { page: 6 }],
    ["Fragmentation of 3 bytes reported as 0 on page 6", { page: 6 }],
    ["Freelist: size is 0 but should be 5", {}],
    ["Freelist: freelist leaf count too big on page 2", { page: 2 }],
    ["Freelist: failed to get page 40", { page: 40 }],
    ["max rootpage (4) disagrees with header (3)", {}],
  ])("%s", (line, known) => {
    expect(tree(line)).toEqual([{ ...none, message: line, ...known }]);
  });

  test("all of a database come in one row", () => {
    expect(tree("Page 3: never used\nPage 4: never used").map(({ page }) => page)).toEqual([3, 4]);
  });
});

describe("rows", () => {
  test.each([
    ["wrong # of entries in index i", { table: "t", index: "i" }],
    ["row 5 missing from index i", { table: "t", index: "i" }],
    ["row 5 values differ from index i", { table: "t", index: "i" }],
    ["rowid not at end-of-record for row 5 of index i", { table: "t", index: "i" }],
    ["non-unique entry in index i", { table: "t", index: "i" }],
    ["index i stores an imprecise floating-point value for row 5", { table: "t", index: "i" }],
    ["wrong # of entries in index lost", { index: "lost" }],
    ["row not in PRIMARY KEY order for t", { table: "t" }],
    ["CHECK constraint failed in t", { table: "t" }],
    ["NULL value in t.c", { table: "t" }],
    ["NUMERIC value in a.b.c", { table: "a.b" }],
    ["TEXT value in t.c", { table: "t" }],
    ["non-INTEGER value in t.c", { table: "t" }],
    ["database disk image is malformed", {}],
    ["something of a later version", {}],
  ])("%s", (row, known) => {
    expect(problemsOfRow(row, NAMES)).toEqual([{ ...none, message: row, ...known }]);
  });

  test("a name may have a line break in it: the message has none", () => {
    expect(problemsOfRow("row 5 missing from index odd\nname", NAMES)).toEqual([
      { ...none, message: "row 5 missing from index odd name", table: "a.b", index: "odd\nname" },
    ]);
  });
});

test.each([
  ["malformed inverted index for FTS5 table main.ft", "ft"],
  ["malformed inverted index for FTS4 table main.ft", "ft"],
  ["unable to validate the inverted index for FTS5 table main.ft: disk I/O error", "ft"],
  ["In RTree main.r:\nNode 1 missing from database", "r"],
])("virtual tables: %s", (row, table) => {
  expect(problemsOfRow(row, NAMES)).toEqual([
    { ...none, check: "virtual-tables", table, message: row.replace("\n", " ") },
  ]);
});

test("the place of a row", () => {
  expect(rowNumberOf("row 5 missing from index i")).toBe(5);
  expect(rowNumberOf("row 6 values differ from index i")).toBe(6);
  expect(rowNumberOf("rowid not at end-of-record for row 7 of index i")).toBe(7);
  expect(rowNumberOf("index i stores an imprecise floating-point value for row 8")).toBe(8);
  expect(rowNumberOf("wrong # of entries in index row 5")).toBeNull();
  expect(rowNumberOf("Tree 2 page 7 cell 3: Rowid 12 out of order")).toBeNull();
});

test("no text makes it throw, and none is lost", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const problems = problemsOfRow(text, NAMES);
      expect(problems.length).toBeGreaterThan(0);
      rowNumberOf(text);
    }),
  );
});
