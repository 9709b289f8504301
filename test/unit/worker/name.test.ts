import { readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { nameFor, needsLink } from "../../../src/worker/name.ts";
import { tempFolder } from "../../support/temp.ts";

test.each([
  ["/a/app.db", false],
  ["/a/b c.db", false],
  ["/a/app.db ", true],
  ["/a/app.db\n", true],
])("better-sqlite3 would trim %j: %s", (path, isTrimmed) => {
  expect(needsLink(path)).toBe(isTrimmed);
});

test("a name that would be trimmed is opened by a link", () => {
  const folder = tempFolder();
  expect(nameFor("/a/app.db", folder)).toBe("/a/app.db");
  const link = nameFor("/a/app.db ", folder);
  expect(link.trim()).toBe(link);
  expect(readlinkSync(link)).toBe("/a/app.db ");
});
