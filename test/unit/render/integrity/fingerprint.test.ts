import { expect, test } from "vitest";
import type { Problem } from "../../../../src/features/integrity/report.ts";
import { fingerprintsOf } from "../../../../src/render/integrity/fingerprint.ts";
import { problem } from "../../../support/integrity.ts";

const ROW: Partial<Problem> = { table: "orders", index: "by_date", rowid: 7n };
const PAGE = "Tree 5 page 9 cell 3: Rowid 12 out of order";

test.each<[string, Problem, Problem, boolean]>([
  ["the same problem", problem(PAGE), problem(PAGE), true],
  ["other numbers of pages and cells", problem(PAGE), problem("Tree 6 page 10 cell 40: Rowid 1 out of order"), true],
  ["other words", problem(PAGE), problem("Tree 5 page 9 cell 3: 2nd reference to page 12"), false],
  ["on another page of the file", problem(PAGE, { page: 9 }), problem(PAGE, { page: 10 }), true],
  ["of another check", problem(PAGE), problem(PAGE, { check: "header" }), false],
  ["of another table", problem(PAGE, { table: "a" }), problem(PAGE, { table: "b" }), false],
  ["of another index", problem(PAGE, { index: "a" }), problem(PAGE, { index: "b" }), false],
  ["of another parent", problem("x", { parent: "a" }), problem("x", { parent: "b" }), false],
  ["the name of a table for that of an index", problem(PAGE, { table: "a" }), problem(PAGE, { index: "a" }), false],
  ["of another row", problem("x", ROW), problem("x", { ...ROW, rowid: 8n }), false],
  ["a row that is not known", problem("x", ROW), problem("x", { ...ROW, rowid: null }), false],
  ["numbers in the words for a row", problem("row 7 is wrong", ROW), problem("row 8 is wrong", ROW), false],
  ["halves of surrogate pairs", problem("\ud800"), problem("\udfff"), false],
])("%s: the same? %#", (_, one, other, same) => {
  const [first] = fingerprintsOf([one]);
  const [second] = fingerprintsOf([other]);
  expect(first === second).toBe(same);
});

test("16 hexadecimal digits, and which of several it is", () => {
  const prints = fingerprintsOf([problem("a"), problem("b"), problem("a"), problem("a")]);
  expect(prints.every((print) => /^[0-9a-f]{16}:\d+$/.test(print))).toBe(true);
  expect(prints.map((print) => print.slice(17))).toEqual(["1", "1", "2", "3"]);
  expect(new Set(prints.map((print) => print.slice(0, 16))).size).toBe(2);
});

test("the same in the next version: what a CI has stored stays known", () => {
  expect(fingerprintsOf([problem(PAGE, { table: "orders" })])).toMatchInlineSnapshot(`
    [
      "b714b3e7de97d1b2:1",
    ]
  `);
});
