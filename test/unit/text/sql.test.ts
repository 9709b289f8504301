import { expect, test } from "vitest";
import { sqlQuoted } from "../../../src/text/sql.ts";

test.each([
  ["a plain name", "orders", '"orders"'],
  ["a keyword", "order", '"order"'],
  ["a space", "my table", '"my table"'],
  ["a quote", 'a"b', '"a""b"'],
  ["only quotes", '""', '""""""'],
  ["an apostrophe", "it's", `"it's"`],
  ["nothing", "", '""'],
])("%s", (_, name, quoted) => {
  expect(sqlQuoted(name)).toBe(quoted);
});
