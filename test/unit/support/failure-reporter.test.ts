import { expect, test } from "vitest";
import { failureLines } from "../../support/failure-reporter.ts";

test("the name, the message, the difference without colours, and the place", () => {
  const stacks = [{ file: "/x/a.test.ts", line: 7 }];
  expect(
    failureLines("a.test.ts > b", [{ message: "not equal", diff: "\u001b[32m- 1\u001b[39m\n\n+ 2", stacks }]),
  ).toEqual(["failed: a.test.ts > b", "  not equal", "  - 1", "  + 2", "  at /x/a.test.ts:7"]);
});

test("several errors, without a place, and one that is long", () => {
  const lines = failureLines("x", [{ message: "one" }, { message: "line\n".repeat(50) }]);
  expect(lines.slice(0, 2)).toEqual(["failed: x", "  one"]);
  expect(lines).toHaveLength(2 + 40 + 1);
  expect(lines.at(-1)).toBe("  …");
});
