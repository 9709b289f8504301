import { expect, test } from "vitest";
import { isReporter, REPORTERS } from "../../../../src/render/integrity/reporter-names.ts";

test.each(REPORTERS)("%s is a reporter", (name) => {
  expect(isReporter(name)).toBe(true);
});

test.each(["", "text", "PRETTY", "toString"])("%j is none", (name) => {
  expect(isReporter(name)).toBe(false);
});
