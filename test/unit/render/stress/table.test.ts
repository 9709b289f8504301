import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { durationCell, numberTable, rateCell } from "../../../../src/render/stress/table.ts";
import { PLAIN } from "../../../../src/render/style.ts";

const lines = (heads: readonly string[], ...rows: string[][]) => numberTable(heads, rows, PLAIN).split("\n");

describe("which columns are aligned to the right", () => {
  test.each<[string, string[], string[]]>([
    ["numbers", ["1", "1,234.5"], ["a        n", "x        1", "x  1,234.5"]],
    ["times", ["0.12 ms", "5 s"], ["a        n", "x  0.12 ms", "x      5 s"]],
    ["numbers and what was not measured", ["12", "-"], ["a   n", "x  12", "x   -"]],
    ["words", ["12", "four"], ["a  n", "x  12", "x  four"]],
  ])("%s", (_, cells, expected) => {
    expect(lines(["a", "n"], ...cells.map((each) => ["x", each]))).toEqual(expected);
  });

  test("never the first one", () => {
    expect(lines(["rows", "n"], ["1", "2"])).toEqual(["rows  n", "1     2"]);
  });
});

test("a column is as wide as its widest cell, in columns of the terminal", () => {
  expect(lines(["", "b"], ["漢字", "1"], ["x", "2"])).toEqual(["      b", "漢字  1", "x     2"]);
});

test("the head is dim, one row is bold, and the text is the same", () => {
  const style = { ...PLAIN, chalk: new Chalk({ level: 1 }) };
  const rows = [
    ["x", "1"],
    ["y", "2"],
  ];
  expect(numberTable(["a", "n"], rows, style, 1)).toBe("\x1b[2ma  n\x1b[22m\nx  1\n\x1b[1my  2\x1b[22m");
  expect(numberTable(["a", "n"], rows, style)).toBe("\x1b[2ma  n\x1b[22m\nx  1\ny  2");
  expect(numberTable(["a", "n"], rows, PLAIN, 1)).toBe("a  n\nx  1\ny  2");
});

test.each([
  [null, "-"],
  [0, "0.00 ms"],
  [0.123, "0.12 ms"],
  [1500, "1.5 s"],
])("the duration %s: %s", (ms, text) => {
  expect(durationCell(ms)).toBe(text);
});

test.each([
  [0, "0.0"],
  [9.94, "9.9"],
  [10, "10"],
  [368.8, "369"],
  [12_345.6, "12,346"],
])("the rate %d: %s", (rate, text) => {
  expect(rateCell(rate)).toBe(text);
});
