import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { OpenFile } from "../../../../../src/lsof/fields.ts";
import type { Target } from "../../../../../src/model/snapshot.ts";
import { identify } from "../../../../../src/observe/identify.ts";
import { handlesByLsof } from "../../../../../src/observe/sources/lsof/handles.ts";
import { describeTarget } from "../../../../../src/observe/target.ts";
import { indexTargetFiles } from "../../../../../src/observe/target-index.ts";

const folder = mkdtempSync(join(tmpdir(), "sqlock-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const target = targetAt("db", "db-wal", "db-shm");
const other = targetAt("other");

function targetAt(...names: string[]): Target {
  for (const name of names) writeFileSync(join(folder, name), Buffer.alloc(512));
  const path = join(folder, names[0] ?? "");
  const found = identify(path);
  if (found.kind !== "ok") throw new Error(`${path} is ${found.kind}`);
  return describeTarget(path, path, found.value, []);
}

/** A descriptor on an existing file of the folder, as lsof lists it. */
function openFile(name: string, change: Partial<OpenFile> = {}): OpenFile {
  const found = identify(join(folder, name));
  const { dev, ino } = found.kind === "ok" ? found.value.stats : { dev: 1n, ino: 1n };
  return {
    fd: 3,
    access: "read-write",
    lock: null,
    device: dev,
    inode: ino,
    links: 1,
    name: join(folder, name),
    ...change,
  };
}

/** A descriptor on a file that no longer exists. */
const deletedFile = (name: string, change: Partial<OpenFile> = {}): OpenFile =>
  openFile(name, { device: 1n, inode: 1n, links: 0, ...change });

function handlesOf(files: readonly OpenFile[], of = target): [number, string, boolean][] {
  const targets = [target, other];
  const handles = handlesByLsof(files, targets, indexTargetFiles(targets, [])).get(of) ?? [];
  return handles.map(({ fd, role, deleted }) => [fd, role, deleted]);
}

describe("which descriptors are handles, and of which role", () => {
  test.each<[string, OpenFile[], [number, string, boolean][]]>([
    ["the database", [openFile("db")], [[3, "database", false]]],
    [
      "companion files, in the order of their descriptors",
      [openFile("db-shm", { fd: 9 }), openFile("db", { fd: 3 }), openFile("db-wal", { fd: 4 })],
      [
        [3, "database", false],
        [4, "wal", false],
        [9, "shm", false],
      ],
    ],
    ["the database under another name (a bind mount)", [openFile("db", { name: "/mnt/x" })], [[3, "database", false]]],
    [
      "companion files beside that other name",
      [openFile("db", { name: "/mnt/x" }), deletedFile("db", { fd: 4, name: "/mnt/x-journal", links: 1 })],
      [
        [3, "database", false],
        [4, "journal", false],
      ],
    ],
    [
      "a deleted database, on Linux",
      [deletedFile("db", { name: `${join(folder, "db")} (deleted)` })],
      [[3, "database", true]],
    ],
    ["a deleted database, elsewhere", [deletedFile("db")], [[3, "database", true]]],
    ["a deleted -wal", [deletedFile("db-wal", { name: `${join(folder, "db-wal")} (deleted)` })], [[3, "wal", true]]],
    ["a file of another name and inode", [openFile("other")], []],
    ["a socket", [openFile("db", { name: "socket", device: 1n })], []],
    ["another file that has a link, and only the name of the database", [openFile("db", { inode: 1n })], []],
  ])("%s", (_, files, expected) => {
    expect(handlesOf(files)).toEqual(expected);
  });

  test("each target has its own", () => {
    expect(handlesOf([openFile("db"), openFile("other", { fd: 5 })], other)).toEqual([[5, "database", false]]);
  });
});

test("access, and lsof's letter of a lock, are handed on; locks are not known", () => {
  const index = indexTargetFiles([target], []);
  const handle = (change: Partial<OpenFile>) =>
    handlesByLsof([openFile("db", change)], [target], index).get(target)?.[0];
  expect(handle({ access: "read", lock: "r" })).toMatchObject({
    info: { access: "read", locks: [] },
    lockLetter: "r",
    moved: false,
  });
  expect(handle({ access: null })).toMatchObject({ info: null, lockLetter: null });
});
