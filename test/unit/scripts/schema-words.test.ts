import { expect, test } from "vitest";
import { withWords } from "../../../scripts/schema-words.ts";

const SCHEMA = `{
  "enum": ["other"],
  "$defs": {
    "first": { "description": "\\"a\\": [", "properties": { "a": { "enum": ["x", "y"] } } },
    "a": { "enum": ["x", "y"] }
  }
}
`;

test.each([
  ["$defs/first/properties/a/enum", '"properties": { "a": { "enum": ["x", "y"] }'],
  ["$defs/a/enum", '\n    "a": { "enum": ["x", "y"] }'],
  ["enum", '{\n  "enum": ["other"]'],
])("the words at %s change, and nothing else of the text", (at, before) => {
  const after = before.replace(/\[.*\]/, '["x","z"]');
  expect(withWords(SCHEMA, [{ at, words: ["x", "z"] }], "a schema")).toBe(SCHEMA.replace(before, after));
});

test("words that are current leave the text as it is", () => {
  expect(withWords(SCHEMA, [{ at: "$defs/a/enum", words: ["x", "y"] }], "a schema")).toBe(SCHEMA);
});

test.each(["$defs/b/enum", "$defs/first/a", "x", "enum/x"])("a path that leads nowhere: %s", (at) => {
  expect(() => withWords(SCHEMA, [{ at, words: [] }], "a schema")).toThrow(`a schema has no ${at}`);
});
