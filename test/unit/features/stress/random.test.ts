import { expect, test } from "vitest";
import { Random } from "../../../../src/features/stress/random.ts";

function numbers(seed: number, stream: number, from = 1, to = 100): number[] {
  const random = new Random(seed, stream);
  return Array.from({ length: 1000 }, () => random.int(from, to));
}

test("the seed repeats them, in the next version as well", () => {
  expect(numbers(7, 0)).toEqual(numbers(7, 0));
  expect(numbers(7, 0).slice(0, 8)).toMatchInlineSnapshot(`
    [
      68,
      14,
      34,
      34,
      91,
      25,
      4,
      72,
    ]
  `);
});

test.each([
  ["another seed", [8, 0]],
  ["another stream", [7, 1]],
  ["the seed and the stream exchanged", [0, 7]],
  ["a seed that is 2^31 larger", [7 + 2 ** 31, 0]],
  ["a negative seed", [-7, 0]],
])("others: %s", (_, [seed = 0, stream = 0]) => {
  expect(numbers(seed, stream)).not.toEqual(numbers(7, 0));
});

test("no two of a hundred streams are alike", () => {
  const streams = Array.from({ length: 100 }, (_, stream) => numbers(7, stream).slice(0, 20).join(" "));
  expect(new Set(streams).size).toBe(100);
});

test.each([
  [1, 3, [1, 2, 3]],
  [-1, 1, [-1, 0, 1]],
  [5, 5, [5]],
])("from %i to %i, both included", (from, to, expected) => {
  expect([...new Set(numbers(7, 0, from, to))].sort((a, b) => a - b)).toEqual(expected);
});
