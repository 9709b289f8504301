import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf, locksOf, type WatchedFile } from "../../../../src/features/watch/lock-lines.ts";
import { damaged } from "../../../support/fixture.ts";

const TEXT = `1: POSIX  ADVISORY  WRITE 4242 08:01:77 120 122
2: POSIX  ADVISORY  READ 4243 08:01:777 1073741826 1073742335
3: POSIX  ADVISORY  READ 4243 08:01:76 1073741826 1073742335
3: -> POSIX  ADVISORY  WRITE 4244 08:01:77 120 120
4: OFDLCK ADVISORY  READ -1 08:01:77 123 123
5: POSIX  ADVISORY  READ 4245 08:02:77 124 124
6: POSIX  ADVISORY  READ 4246 08:01:77 128 128
`;

const FILES: WatchedFile[] = [
  { path: "/db", role: "shm", file: "8:1:77", inode: "77" },
  { path: "/db", role: "database", file: "8:1:76", inode: "76" },
];
const INODES = new Set(["77", "76"]);

test("lines of the inodes alone, without their numbers, which change with every lock of the machine", () => {
  expect(linesOf(TEXT, INODES)).toHaveLength(6);
  expect(linesOf(TEXT, INODES)).toEqual(linesOf(TEXT.replace(/^(\d)/gm, "1$1"), INODES));
  expect(linesOf(TEXT, new Set())).toEqual([]);
});

test("merged ranges are all their locks; waiters, OFD locks, other devices and this process are none", () => {
  const locks = locksOf(linesOf(TEXT, INODES), FILES, 4246);
  expect(locks.map(({ pid, lock, role, type }) => [pid, lock, role, type])).toEqual([
    [4242, "WRITE", "shm", "write"],
    [4242, "CKPT", "shm", "write"],
    [4242, "RECOVER", "shm", "write"],
    [4243, "SHARED", "database", "read"],
  ]);
});

test("a file of two databases is in both", () => {
  const both = [...FILES, { path: "/other", role: "database", file: "8:1:76", inode: "76" } as const];
  expect(locksOf(linesOf(TEXT, new Set(["76"])), both, 1).map(({ path }) => path)).toEqual(["/db", "/other"]);
});

test("a torn text costs the lines that are torn, and throws nothing", () => {
  fc.assert(
    fc.property(damaged(TEXT), (text) => {
      for (const lock of locksOf(linesOf(text, INODES), FILES, 1)) expect(lock.pid).toBeGreaterThan(0);
    }),
  );
});
