import { expect, test } from "vitest";
import { missingRequirement } from "../../../../../src/features/integrity/worker/requirement.ts";

test.each([
  ["no such module: vec0", "module", "vec0"],
  ["no such collation sequence: UNICODE_NOCASE", "collation", "UNICODE_NOCASE"],
  ["no such function: regexp", "function", "regexp"],
  ["error in index i: no such function: f", "function", "f"],
  ["unknown function: f()", "function", "f"],
  ["unknown function: f", "function", "f"],
  ["no such tokenizer: icu", "tokenizer", "icu"],
  ["unknown tokenizer: icu", "tokenizer", "icu"],
  ["no such module: a b", "module", "a b"],
  ["no such module: a\nb", "module", "a\nb"],
] as const)("%s", (message, type, name) => {
  expect(missingRequirement(new Error(message))).toEqual({ type, name });
  expect(missingRequirement(message)).toEqual({ type, name });
});

test.each(["no such table: module", "no such column: f", "database disk image is malformed", ""])(
  "none is missing: %s",
  (message) => {
    expect(missingRequirement(new Error(message))).toBeNull();
  },
);
