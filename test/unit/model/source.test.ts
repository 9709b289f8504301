import { expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { knowsLocks, SOURCES, sourceOfSystem } from "../../../src/model/source.ts";

test.each([
  ["linux", "proc"],
  ["darwin", "lsof"],
  ["freebsd", "lsof"],
  ["openbsd", "lsof"],
  ["sunos", "lsof"],
])("the source of %s: %s", (platform, source) => {
  expect(sourceOfSystem(platform)).toBe(source);
});

test.each(["win32", "cygwin"])("%s has none", (platform) => {
  expect(() => sourceOfSystem(platform)).toThrow(
    new UserError(
      "unsupported-platform",
      "Windows has neither /proc nor lsof, so sqlock cannot see which process has a file open",
      "run it on Linux, macOS or BSD",
    ),
  );
});

test("only /proc says who owns which lock", () => {
  expect(SOURCES.map((source) => [source, knowsLocks(source)])).toEqual([
    ["proc", true],
    ["lsof", false],
  ]);
});
