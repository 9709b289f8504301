import { expect, test } from "vitest";
import { asClause } from "../../../src/text/sentence.ts";

test.each([
  ["It is locked.", "It is locked"],
  ["It is locked", "It is locked"],
  ["See app.db. It is locked.", "See app.db. It is locked"],
  ["one full stop of several...", "one full stop of several.."],
  ["Is it locked?", "Is it locked?"],
  ["", ""],
])("%j", (sentence, clause) => {
  expect(asClause(sentence)).toBe(clause);
});
