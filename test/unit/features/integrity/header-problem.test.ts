import { expect, test } from "vitest";
import { headerProblem } from "../../../../src/features/integrity/header-problem.ts";
import type { ProblemCause } from "../../../../src/features/integrity/protocol.ts";

test.each<[ProblemCause["kind"], ProblemCause]>([
  ["header", { kind: "header", fault: { code: "magic" } }],
  ["sqlite", { kind: "sqlite", message: "file is not a database" }],
])("it is on the first page, of no table: %s", (_, cause) => {
  expect(headerProblem(cause)).toEqual({
    check: "header",
    cause,
    table: null,
    index: null,
    rowid: null,
    parent: null,
    page: 1,
  });
});
