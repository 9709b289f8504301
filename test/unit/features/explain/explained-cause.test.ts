import { expect, test } from "vitest";
import { explainedCause } from "../../../../src/features/explain/explained-cause.ts";
import type { LibraryId } from "../../../../src/features/explain/libraries.ts";
import { cause } from "./fixtures.ts";

const CAUSE = cause({
  id: "a",
  code: [
    { library: "sqlite", text: "sql" },
    { library: "python-sqlite3", text: "python" },
    { library: "python-sqlite3", text: "python, again" },
    { library: "go-mattn", text: "go" },
  ],
});

const codeFor = (library: LibraryId | null, language: string | null) => {
  const reading = { library: library === null ? null : ({ id: library, from: "nearby", line: 1 } as const), language };
  return explainedCause({ cause: CAUSE, likelihood: "fits", reason: null }, 1, reading).code.map(({ text }) => text);
};

test.each<[LibraryId | null, string | null, string[]]>([
  ["python-sqlite3", "Python", ["python", "python, again"]],
  ["django", "Python", ["python", "python, again"]], // it is built on it
  [null, "Go", ["go"]],
  ["go-modernc", "Go", ["go"]],
  ["rails", "Ruby", ["sql"]],
  [null, null, ["sql"]],
])("code for %s, %s", (library, language, expected) => {
  expect(codeFor(library, language)).toEqual(expected);
});

test("no code is no error, and what is not known is null", () => {
  expect(explainedCause({ cause: cause({ id: "b" }), likelihood: "possible", reason: null }, 2, undefined)).toEqual({
    rank: 2,
    id: "b",
    what: "what b",
    tell: "tell b",
    cure: "cure b",
    code: [],
    findings: [],
    waited: null,
    processes: null,
    likelihood: "possible",
    reason: null,
  });
});
