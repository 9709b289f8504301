import { expect, test } from "vitest";
import { type Change, changeOf, MIN_ROUNDS, rangeOf } from "../../../../src/features/stress/spread.ts";

test.each<[string, number[], number[], Change]>([
  ["all rounds are higher", [1, 2, 3, 4], [5, 6, 7, 8], "higher"],
  ["all rounds are lower", [5, 6, 7, 8], [1, 2, 3, 4], "lower"],
  ["one round is as low as the highest of the others", [1, 2, 3, 5], [5, 6, 7, 8], "none"],
  ["one outlier, though the averages are far apart", [1, 1, 1, 90], [80, 80, 80, 80], "none"],
  ["no spread at all, and a small difference", [1, 1, 1, 1], [2, 2, 2, 2], "higher"],
  ["equal", [0, 0, 0, 0], [0, 0, 0, 0], "none"],
  ["three rounds each are too few, however large the difference", [1, 1, 1], [100, 100, 100], "too-few"],
  ["three rounds of one of the two", [1, 1, 1, 1, 1], [100, 100, 100], "too-few"],
  ["nothing was measured", [], [], "too-few"],
  ["another number of rounds", [1, 2, 3, 4], [5, 6, 7, 8, 9], "higher"],
])("%s: %j, %j", (_, before, after, change) => {
  expect(changeOf(before, after)).toBe(change);
});

test("two settings that are alike differ by chance in at most 3 of 100 comparisons", () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (n * choose(n - 1, k - 1)) / k);
  expect(2 / choose(2 * MIN_ROUNDS, MIN_ROUNDS)).toBeLessThan(0.03);
  expect(2 / choose(2 * (MIN_ROUNDS - 1), MIN_ROUNDS - 1)).toBeGreaterThan(0.05);
});

test("the range of some values", () => {
  expect(rangeOf([3, 1, 2])).toEqual({ min: 1, max: 3 });
  expect(rangeOf([])).toBeNull();
});
