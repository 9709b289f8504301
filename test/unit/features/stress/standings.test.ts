import { expect, test } from "vitest";
import type { Standing } from "../../../../src/features/stress/report.ts";
import { type ComparedRow, standingsOf } from "../../../../src/features/stress/standings.ts";

/** Rounds of 2 s with so many commits and, in each, so many errors. */
function row(commits: number[], errors: number[] = commits.map(() => 0), isAdvisable = true): ComparedRow {
  return {
    rounds: commits.map((each, i) => ({ durationMs: 2000, commits: each, errors: errors[i] ?? 0 })),
    isAdvisable,
  };
}

const FAST = [900, 910, 920, 930];
const SLOW = [500, 510, 520, 530];
const NOISY = [100, 400, 950, 1000];

test.each<[string, ComparedRow[], Standing[]]>([
  ["more commits in every round", [row(FAST), row(SLOW)], ["best", "worse"]],
  ["more commits, but not in every round", [row(NOISY), row(SLOW)], ["no-difference", "no-difference"]],
  ["fewer errors in every round, fewer commits", [row(SLOW), row(FAST, [3, 4, 5, 3])], ["best", "worse"]],
  [
    "more commits and a few more errors, within the spread: neither is better",
    [row(SLOW), row(FAST, [0, 0, 1, 0])],
    ["no-difference", "faster-with-errors"],
  ],
  ["as many errors, more commits", [row(FAST, [1, 0, 0, 0]), row(SLOW, [0, 0, 0, 1])], ["best", "worse"]],
  [
    "two that are alike, and one that is worse",
    [row(FAST), row(NOISY), row([10, 20, 30, 40])],
    ["no-difference", "no-difference", "worse"],
  ],
  [
    "the fastest is never recommended: the best of the others is named",
    [row([5000, 5000, 5000, 5000], undefined, false), row(FAST), row(SLOW)],
    ["not-recommended", "best", "worse"],
  ],
  ["only one can be recommended", [row(FAST, undefined, false), row(SLOW)], ["not-recommended", "only"]],
  ["one alone", [row(FAST)], ["only"]],
  ["none can be recommended", [row(FAST, undefined, false)], ["not-recommended"]],
  ["three rounds are too few", [row([900, 910, 920]), row([1, 2, 3])], ["not-compared", "not-compared"]],
  ["no rows", [], []],
])("%s", (_, rows, standings) => {
  expect(standingsOf(rows)).toEqual(standings);
});
