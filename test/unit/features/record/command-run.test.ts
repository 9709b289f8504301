import { expect, test } from "vitest";
import { foregroundOf } from "../../../../src/features/record/command-run.ts";

test.each([
  ["7 (node) S 1 7 7 34816 7 4194304", true],
  ["7 (a) b) c) S 1 7 7 34816 9 4194304", false],
  ["7 (node) S 1 7 7 0 -1 4194304", false],
])("in the foreground of its terminal: %s", (stat, expected) => {
  expect(foregroundOf(stat)).toBe(expected);
});
