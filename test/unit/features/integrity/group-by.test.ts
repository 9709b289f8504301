import { expect, test } from "vitest";
import { groupBy } from "../../../../src/features/integrity/group-by.ts";

test.each<[string, readonly string[], [string | undefined, string[]][]]>([
  ["nothing", [], []],
  ["one group", ["ab", "ac"], [["a", ["ab", "ac"]]]],
  [
    "in the order of the first of each, and inside of it",
    ["b2", "a1", "b1", "a2"],
    [
      ["b", ["b2", "b1"]],
      ["a", ["a1", "a2"]],
    ],
  ],
  [
    "without a key",
    ["", "a", ""],
    [
      [undefined, ["", ""]],
      ["a", ["a"]],
    ],
  ],
])("%s", (_, items, groups) => {
  expect([...groupBy(items, (item) => item[0])]).toEqual(groups);
});
