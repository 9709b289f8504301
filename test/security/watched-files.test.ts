/** What `watch` asks about the files of a database, many times a second: nothing of what a link leads to. */
import { copyFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WatchedFiles } from "../../src/features/watch/watched-files.ts";
import { newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";

const nothingHeld = () => false;

test("a link as a companion, or in place of the database, is not followed", () => {
  const database = newDatabase("delete");
  const target = join(tempFolder(), "target");
  writeFileSync(target, "");
  symlinkSync(target, `${database}-shm`);
  const watched = new WatchedFiles([database]);
  expect(watched.look(0, nothingHeld)).toEqual([]);
  const before = watched.files;
  writeFileSync(`${target}.new`, "");
  renameSync(`${target}.new`, target); // a file of another inode
  watched.look(1, nothingHeld);
  rmSync(target);
  watched.look(2, nothingHeld);
  expect(watched.files).toBe(before);
  copyFileSync(database, target);
  symlinkSync(target, `${database}.link`);
  renameSync(`${database}.link`, database);
  expect(watched.look(3, nothingHeld)).toMatchObject([{ event: "replaced", path: database }]);
  rmSync(target);
  expect(watched.look(4, nothingHeld)).toEqual([]);
});
