import { expect, test } from "vitest";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import { anyOf, literalsOf } from "../../../../src/features/explain/literals.ts";

test.each<[RegExp, readonly string[] | null]>([
  [/database is locked/, ["database is locked"]],
  [/\bDatabase is\b locked\./i, ["database is"]],
  [/disk I\/O error/, ["disk i/o error"]],
  [/one fish|red fish|blue/, ["one fish", "red fish", "blue"]],
  [/(?:cannot|must not) go/, ["cannot", "must not"]],
  [/(?:into|out of)? wal mode/, [" wal mode"]],
  [/unfinali[sz]ed statement/, ["ed statement"]],
  [/statements? in progress/, [" in progress"]],
  [/ab+c/, null],
  [/longer+ than/, ["longer"]],
  [/(?:abcdef)* x/, null],
  [/(?:abcdef){0,2}ghij/, ["ghij"]],
  [/(?:abcdef){2}/, ["abcdef"]],
  [/(?!not this)that one/, ["that one"]],
  [/(?<!not )locked \x41\u0042\cA\p{L}here/u, ["locked "]],
  [/(?<twice>\d)\k<twice>here/, ["here"]],
  [/(?<name>named) (group)/, ["named"]],
  [/\d+ [a-z\]]+ .*/, null],
  [/abcd|x/, null],
  [/(?:)/, null],
])("%s needs %j", (pattern, literals) => {
  expect(literalsOf(pattern)).toEqual(literals);
});

test("one pattern of all: a text that another contains is enough", () => {
  const { pattern, texts } = anyOf(["database is locked", "is locked", "a.b", "is locked"]);
  expect(texts).toEqual(["is locked", "a.b"]);
  expect("DATABASE IS LOCKED".match(pattern)).toEqual(["IS LOCKED"]);
  expect("axb").not.toMatch(anyOf(["a.b"]).pattern);
  expect("anything").not.toMatch(anyOf([]).pattern);
});

test("every wording has a text to search for, and each of its examples has one", () => {
  for (const { wordings, examples, id } of ENTRIES) {
    for (const { pattern } of wordings) expect(literalsOf(pattern), `${id} ${pattern}`).not.toBeNull();
    for (const { text } of examples) {
      const matching = wordings.filter(({ pattern }) => text.split("\n").some((line) => pattern.test(line)));
      for (const { pattern } of matching)
        expect(
          literalsOf(pattern)?.some((each) => text.toLowerCase().includes(each)),
          `${pattern} ${text}`,
        ).toBe(true);
    }
  }
});
