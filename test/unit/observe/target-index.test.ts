import { expect, test } from "vitest";
import type { Target } from "../../../src/model/snapshot.ts";
import { indexTargetFiles, mayBeDeletedOrRenamed } from "../../../src/observe/target-index.ts";
import { look, targetFile } from "../../support/snapshot.ts";

const DEVICE = 65024n; // 254:0, as /proc/locks has it

function targetWith(change: Partial<Target> = {}): Target {
  return look({ target: change })[0].target;
}

test("a file is found by device and inode, by the names of /proc/locks, and when it is deleted by its old name", () => {
  const target = targetWith({ files: [targetFile("database"), targetFile("wal")] });
  const index = indexTargetFiles([target], []);
  expect(index.byIdentity.get(`${DEVICE}:101`)).toEqual([{ target, role: "wal" }]);
  expect(index.byLockIdentity.get("254:0:100")).toEqual([{ target, role: "database", ambiguous: false }]);
  expect(index.deletedNames.get("/srv/db-shm (deleted)")).toEqual([{ target, role: "shm" }]);
  expect(index.inodeNumbers).toEqual(new Set([100, 101]));
});

test("on btrfs, where /proc/locks has another device than stat(2), a lock is ambiguous", () => {
  const target = targetWith({ files: [targetFile("database", { lockDevice: "0:43" })] });
  expect(indexTargetFiles([target], []).byLockIdentity.get("0:43:100")).toMatchObject([{ ambiguous: true }]);
});

test("a file of two targets (a hard link) stands for both", () => {
  const [one, other] = [targetWith(), targetWith({ path: "/srv/link" })];
  const found = indexTargetFiles([one, other], []).byIdentity.get(`${DEVICE}:100`);
  expect(found?.map((file) => file.target)).toEqual([one, other]);
});

test.each<[string, { nlink: number; dev: number; size: number }, boolean]>([
  ["no link is left", { nlink: 0, dev: 1, size: 0 }, true],
  ["a link, whole pages, on a target's device", { nlink: 1, dev: Number(DEVICE), size: 4096 }, true],
  ["a link, on another device", { nlink: 1, dev: 1, size: 4096 }, false],
  ["a link, and not whole pages", { nlink: 1, dev: Number(DEVICE), size: 100 }, false],
  ["a link, and empty", { nlink: 1, dev: Number(DEVICE), size: 0 }, false],
])("may be a target's file that lost its name: %s", (_, file, expected) => {
  expect(mayBeDeletedOrRenamed(file, indexTargetFiles([targetWith()], []))).toBe(expected);
});

test("a deleted target counts by the device of its folder", () => {
  const index = indexTargetFiles([targetWith({ files: [] })], [9n]);
  expect(mayBeDeletedOrRenamed({ nlink: 1, dev: 9, size: 512 }, index)).toBe(true);
});

test("a file of another view is found as well, and known to be one", () => {
  const view = {
    kind: "merged",
    path: "/app/db",
    reachedAt: "/merged/app/db",
    mountPoint: "/merged",
    pid: null,
    files: [targetFile("wal", { device: 41n, inode: 14n, lockDevice: "0:41", lockInode: 14n })],
  } as const;
  const target = targetWith({ views: [view] });
  const index = indexTargetFiles([target], []);
  expect(index.byIdentity.get("41:14")).toEqual([{ target, role: "wal", view }]);
  expect(index.byLockIdentity.get("0:41:14")).toEqual([{ target, role: "wal", ambiguous: false, view }]);
  expect(index.inodes.has(14n)).toBe(true);
});
