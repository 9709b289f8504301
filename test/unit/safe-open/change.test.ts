import { expect, test } from "vitest";
import { type Change, changeOf, type FileState } from "../../../src/safe-open/change.ts";

const STATE: FileState = {
  inodes: { "": 7n, "-wal": 8n, "-shm": 9n },
  sizeBytes: 8192n,
  mtimeNs: 5n,
  ctimeNs: 5n,
  header: "53",
};

test.each<[string, Partial<FileState> | null, Change, Change]>([
  ["nothing", {}, "none", "none"],
  ["a commit of the same size", { mtimeNs: 6n, ctimeNs: 6n }, "written", "none"],
  ["a commit within one tick of the clock", { header: "54" }, "written", "none"],
  ["a file that grows", { sizeBytes: 12288n }, "written", "none"],
  ["chmod, a hard link", { ctimeNs: 6n }, "touched", "none"],
  ["another file of that name", { inodes: { ...STATE.inodes, "": 6n } }, "replaced", "replaced"],
  ["a -wal that was deleted", { inodes: { ...STATE.inodes, "-wal": null } }, "none", "replaced"],
  ["a -shm that was made anew", { inodes: { ...STATE.inodes, "-shm": 10n } }, "none", "replaced"],
  ["no file of that name", null, "replaced", "replaced"],
])("%s (%#): in rollback mode and in WAL mode", (_, change, rollback, wal) => {
  const after = change === null ? null : { ...STATE, ...change };
  expect(changeOf(STATE, after, "rollback")).toBe(rollback);
  expect(changeOf(STATE, after, "wal")).toBe(wal);
});

test("what could never be looked at has not changed", () => {
  expect(changeOf(null, null, "rollback")).toBe("none");
});
