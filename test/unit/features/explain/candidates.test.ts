import { expect, test } from "vitest";
import { CandidateLines } from "../../../../src/features/explain/candidates.ts";

function best(...texts: string[]): readonly string[] {
  const candidates = new CandidateLines();
  for (const text of texts) candidates.offer(text);
  return candidates.best();
}

test.each<[string, string[], string[]]>([
  ["nothing", [], []],
  ["no error: all of them", ["a", "b"], ["a", "b"]],
  ["those that mention an error, and only those", ["a", "ERROR x", "b", "panic: y"], ["ERROR x", "panic: y"]],
  ["a database or a lock", ["a", "the Database is gone", "b", "it blocked"], ["the Database is gone", "it blocked"]],
])("%s", (_, texts, expected) => {
  expect(best(...texts)).toEqual(expected);
});

test("the first 300 lines, and of each the first 300 characters", () => {
  const lines = Array.from({ length: 301 }, (_, i) => `line ${i}`);
  expect(best(...lines)).toEqual(lines.slice(0, 300));
  expect(best(...lines.map((line) => `${line} error`))).toHaveLength(300);
  expect(best(...lines, "error at last")).toEqual(["error at last"]);
  expect(best("x".repeat(301), "error ".repeat(60))).toEqual(["error ".repeat(50)]);
  expect(best("x".repeat(301))).toEqual(["x".repeat(300)]);
});

test("an error that a long line mentions far on counts", () => {
  expect(best("a", `${"x".repeat(400)} error`)).toEqual(["x".repeat(300)]);
});
