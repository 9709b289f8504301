import { expect, test } from "vitest";
import { fairnessOf } from "../../../../src/features/stress/fairness.ts";

test.each([
  ["all writers committed equally often", [5, 5, 5, 5], { jain: 1, leastCommits: 5, mostCommits: 5 }],
  ["one writer made all commits", [20, 0, 0, 0], { jain: 0.25, leastCommits: 0, mostCommits: 20 }],
  ["no commits", [0, 0], { jain: null, leastCommits: 0, mostCommits: 0 }],
])("%s", (_, commits, fairness) => {
  expect(fairnessOf(commits)).toEqual(fairness);
});
