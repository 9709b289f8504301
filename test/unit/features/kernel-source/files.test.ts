/** Which files the path of a database leads to, of real files. */
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { DatabaseFiles } from "../../../../src/features/kernel-source/files.ts";
import type { FileEvent } from "../../../../src/recording/source-event.ts";
import { tempFolder } from "../../../support/temp.ts";

let folder: string;
let database: string;
let files: DatabaseFiles;

beforeEach(() => {
  folder = tempFolder();
  database = join(folder, "app.db");
  files = new DatabaseFiles([join(folder, "other.db"), database]);
});

const inodeOf = (path: string) => statSync(path).ino;
const texts = (events: readonly FileEvent[]) =>
  events
    .filter(({ changes }) => changes === undefined)
    .map(({ role, database: of, inode, atMs }) => [of, role, inode, atMs]);

test("what is there at the start, once", () => {
  writeFileSync(database, "");
  writeFileSync(`${database}-shm`, "");
  expect(texts(files.look(() => 5))).toEqual([
    [1, "database", inodeOf(database), 5],
    [1, "shm", inodeOf(`${database}-shm`), 5],
  ]);
  const shm = { kind: "file", role: "shm", database: 1, atMs: 5, untilMs: 6 };
  expect(files.look(() => 6)).toEqual([expect.objectContaining(shm)]); // it has stayed
});

test("what may have been there between two looks is said, if anything was made or deleted in the folder", () => {
  const unseen = (ms: number) =>
    files
      .look(() => ms)
      .flatMap(({ changes, database: of, inode, atMs, untilMs }) => (changes ? [[of, inode, atMs, untilMs]] : []));
  expect(unseen(0)).toEqual([]);
  expect(unseen(1)).toEqual([]);
  utimesSync(folder, 1, 1); // as by a file that was made and deleted
  expect(unseen(2)).toEqual([
    [0, null, 1, 2],
    [1, null, 1, 2],
  ]);
  expect(unseen(3)).toEqual([]);
  writeFileSync(database, "");
  const inode = inodeOf(database);
  expect(unseen(4)).toContainEqual([1, null, 3, 4]);
  rmSync(database);
  expect(unseen(5)).toContainEqual([1, inode, 4, 5]);
});

test("a look that takes long: a file has stayed from its end to the next one's start, and is new at its end", () => {
  let ms = 0;
  const now = () => (ms += 10);
  writeFileSync(`${database}-shm`, "");
  const [found] = files.look(now);
  const begunMs = ms;
  const [stayed] = files.look(now);
  expect(found?.atMs).toBeLessThanOrEqual(begunMs);
  expect(found?.atMs).toBeGreaterThan(found?.lookedMs ?? Number.NaN);
  expect(stayed).toMatchObject({ role: "shm", atMs: found?.atMs });
  expect(stayed?.untilMs).toBeLessThan(ms);
});

test("created, deleted: as of the look that finds it", () => {
  expect(files.look(() => 0)).toEqual([]);
  files.look(() => 50);
  writeFileSync(database, "");
  const inode = inodeOf(database);
  expect(texts(files.look(() => 100))).toEqual([[1, "database", inode, 100]]);
  rmSync(database);
  expect(texts(files.look(() => 150))).toEqual([[1, "database", null, 150]]);
  expect(files.look(() => 200)).toEqual([]);
});

test("replaced; moved away and back", () => {
  writeFileSync(database, "");
  const first = inodeOf(database);
  files.look(() => 0);
  const next = join(folder, "next");
  writeFileSync(next, "");
  renameSync(database, join(folder, "away"));
  renameSync(next, database);
  expect(texts(files.look(() => 1))).toEqual([[1, "database", inodeOf(database), 1]]);
  renameSync(join(folder, "away"), database);
  expect(texts(files.look(() => 2))).toEqual([[1, "database", first, 2]]);
});

test("made anew with the number of the one before: it is another file", () => {
  writeFileSync(database, "");
  const first = inodeOf(database);
  files.look(() => 0);
  let tries = 0;
  do {
    rmSync(database);
    writeFileSync(database, "");
  } while (inodeOf(database) !== first && ++tries < 50);
  expect(texts(files.look(() => 1))).toEqual([[1, "database", inodeOf(database), 1]]);
});

test("a second name of the same file changes nothing; a folder, and a link as -shm, are none", () => {
  writeFileSync(database, "");
  files.look(() => 0);
  linkSync(database, join(folder, "second"));
  symlinkSync(database, `${database}-shm`);
  mkdirSync(join(folder, "other.db"));
  expect(texts(files.look(() => 1))).toEqual([]);
});

test("the kernel's filter has the database, or the folder that it will be in, if there is one", () => {
  writeFileSync(database, "");
  files.look(() => 0);
  expect(files.places.map(({ inode }) => Number(inode))).toEqual([inodeOf(folder), inodeOf(database)]);
  const lost = new DatabaseFiles([join(folder, "no", "app.db")]);
  expect(lost.look(() => 0)).toEqual([]);
  expect(lost.places).toEqual([]);
});

test("what goes again while it is looked at is said to have been there", () => {
  files.look(() => 0);
  writeFileSync(database, "");
  let ms = 0;
  const events = files.look(() => {
    ms += 1;
    if (ms === 6) rmSync(database); // its path was looked at, not yet itself
    return ms;
  });
  expect(events.map(({ database: of, changes }) => [of, changes])).toContainEqual([1, true]);
});
