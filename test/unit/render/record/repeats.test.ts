/** What is said again and again is shown once, and counted. */
import { expect, test } from "vitest";
import { Repeats } from "../../../../src/render/record/repeats.ts";

test("the first is shown, and how many followed it within two seconds", () => {
  const repeats = new Repeats();
  expect([0, 10, 500].map((atMs) => repeats.isNew("a", atMs))).toEqual([true, false, false]);
  expect(repeats.isNew("b", 600)).toBe(true);
  expect(repeats.take(1999)).toEqual([]);
  expect(repeats.take(2000)).toEqual([{ text: "a", times: 2, lastMs: 500 }]);
  expect(repeats.isNew("a", 2100)).toBe(true);
  expect(repeats.take(Number.POSITIVE_INFINITY)).toEqual([]);
});
