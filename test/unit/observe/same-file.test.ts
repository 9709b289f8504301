/** Whether a path still leads to the file of the first look. */
import { expect, test } from "vitest";
import { anotherFileError, isAnotherFile } from "../../../src/observe/same-file.ts";
import { targetFile } from "../../support/snapshot.ts";

const PINNED = { device: 7n, inode: 100n };

test.each([
  ["the same", { device: 7n, inode: 100n }, PINNED, false],
  ["another inode", { device: 7n, inode: 101n }, PINNED, true],
  ["the same inode number on another file system", { device: 8n, inode: 100n }, PINNED, true],
  ["gone", null, PINNED, false],
  ["made since", { device: 7n, inode: 100n }, null, true],
  ["as missing as before", null, null, false],
])("%s", (_, now, pinned, expected) => {
  const files = now === null ? [] : [targetFile("database", now)];
  expect(isAnotherFile({ files }, pinned)).toBe(expected);
});

test("a -wal that is another is none of it", () => {
  expect(isAnotherFile({ files: [targetFile("wal", { inode: 5n })] }, PINNED)).toBe(false);
});

test("what it says", () => {
  expect(anotherFileError("/srv/db")).toMatchObject({
    code: "another-file",
    message: "/srv/db: the path now leads to a different file",
  });
});
