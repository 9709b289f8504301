/** Which processes have a database open. */
import { closeSync, openSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasOpen, Rarely } from "../../../../src/features/kernel-source/open-files.ts";
import { tempFolder } from "../../../support/temp.ts";

test("by the descriptors; a process that is gone has none", () => {
  const path = join(realpathSync(tempFolder()), "a.db");
  writeFileSync(path, "");
  expect(hasOpen(process.pid, [path])).toBe(false);
  const descriptor = openSync(path, "r");
  expect(hasOpen(process.pid, ["/other", path])).toBe(true);
  closeSync(descriptor);
  expect(hasOpen(2 ** 22 + 1, [path])).toBe(false);
});

test("not more often than said, for each process", () => {
  const rarely = new Rarely(1_000);
  expect([rarely.isDue(1, 0), rarely.isDue(1, 999), rarely.isDue(2, 999), rarely.isDue(1, 1_000)]).toEqual([
    ...[true, false, true, true],
  ]);
});
