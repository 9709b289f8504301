import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { foldersTo } from "../../../src/user/folders.ts";
import { tempFolder } from "../../support/temp.ts";

test("the real folders on a path, the root first", () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "app"), { mode: 0o700 });
  symlinkSync("app", join(folder, "link"));
  const folders = foldersTo(join(folder, "link"));
  expect(folders[0]).toMatchObject({ path: "/", uid: 0 });
  expect(folders.at(-1)).toMatchObject({ path: join(folder, "app"), mode: 0o700, uid: process.geteuid?.() });
  for (const [i, { path }] of folders.entries()) if (i > 0) expect(folders[i - 1]?.path).toBe(dirname(path));
  expect(() => foldersTo(join(folder, "none"))).toThrow(/ENOENT/);
});
