import { expect, test } from "vitest";
import { splitAfter } from "../../../src/cli/after.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";

test.each<[string, string, string | null]>([
  ["record db -- python3 -c x --for 3", "record db", "python3 -c x --for 3"],
  ["record db --for 3s -- a -- b", "record db --for 3s", "a -- b"],
  ["record db", "record db", null],
  ["who-holds -- -x.db", "who-holds -- -x.db", null],
  ["watch -- record", "watch -- record", null],
])("%s", (given, own, after) => {
  const split = splitAfter(given.split(" "), COMMANDS);
  expect({ own: split.own.join(" "), after: split.after?.join(" ") ?? null }).toEqual({ own, after });
});

test.each([
  ["record", "db", "--"],
  ["record", "db", "--", ""],
])("no command: %j %j %j", (...argv) => {
  expect(() => splitAfter(argv, COMMANDS)).toThrow("there is no command after --");
});
