import { expect, test } from "vitest";
import { modeName } from "../../../../src/render/journal-mode/mode-name.ts";

test.each([
  ["wal", "WAL mode"],
  ["delete", "rollback-journal mode"],
  [null, "no journal mode yet (empty)"],
] as const)("%s: %s", (mode, name) => {
  expect(modeName(mode)).toBe(name);
});
