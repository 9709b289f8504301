import { expect, test } from "vitest";
import { render } from "../../../../src/render/integrity/index.ts";
import { isReporter, REPORTERS } from "../../../../src/render/integrity/reporter-names.ts";
import { CONTEXT, corrupt, integrityReport } from "../../../support/integrity.ts";

test.each(["", "text", "PRETTY", "toString"])("%j is no reporter", (name) => {
  expect(isReporter(name)).toBe(false);
});

test.each([
  ["pretty", /^\/srv\/app\/db\.sqlite3: corrupt, 6 problems/],
  ["json", /^\{\n {2}"schemaVersion": 1,/],
  ["junit", /^<\?xml version="1\.0"/],
  ["github", /^::error file=app\/db\.sqlite3/],
  ["sarif", /^\{\n.*"\$schema": "[^"]*sarif/s],
] as const)("%s", (name, start) => {
  expect(isReporter(name)).toBe(true);
  const text = render(name, integrityReport(corrupt()), CONTEXT);
  expect(text).toMatch(start);
  expect(text).toMatch(/[^\n]\n$/);
});

test("that is all of them", () => {
  expect(REPORTERS).toEqual(["pretty", "json", "junit", "github", "sarif"]);
});
