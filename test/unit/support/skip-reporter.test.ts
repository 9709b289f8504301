import { expect, test } from "vitest";
import { skipLines } from "../../support/skip-reporter.ts";

test("skipped tests are counted by reason; those that were not asked for have none", () => {
  expect(skipLines(["needs root", undefined, "needs tmux", "needs root"])).toEqual([
    "3 tests were skipped:",
    "  2 × needs root",
    "  1 × needs tmux",
  ]);
  expect(skipLines(["needs root"])).toEqual(["1 test was skipped:", "  1 × needs root"]);
  expect(skipLines([undefined])).toEqual(["No test was skipped."]);
});
