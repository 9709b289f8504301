import { expect, test } from "vitest";
import { commandAgain } from "../../../src/render/again.ts";

test.each<[string, readonly string[], string | null]>([
  ["one", ["/srv/db"], "sqlock watch /srv/db"],
  ["the same twice", ["db", "db"], "sqlock watch db"],
  ["several, one to be quoted, one that looks like an option", ["a b", "-c", "d"], "sqlock watch 'a b' ./-c d"],
  ["too many to be given again", ["a", "b", "c", "d"], null],
  ["none", [], null],
])("the command again: %s", (_, paths, expected) => {
  expect(commandAgain("watch", paths)).toBe(expected);
});
