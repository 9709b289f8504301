import { expect, test } from "vitest";
import { UserError } from "../../../../src/errors.ts";
import {
  diskFullError,
  endError,
  faultError,
  fileError,
  type ProcessEnd,
  refusalError,
  startError,
  systemLimitError,
  timeoutError,
} from "../../../../src/features/stress/errors.ts";
import { folderLeftError, noEvidenceFileError, tableLeftError } from "../../../../src/features/stress/left-errors.ts";
import { cannotRunError, isolatedError, noFolderError } from "../../../../src/features/stress/owner-errors.ts";
import type { Refusal } from "../../../../src/features/stress/protocol.ts";
import { sqlite3As } from "../../../../src/text/as-root.ts";

test.each<[Refusal, string, string]>([
  [{ kind: "busy" }, "locked", "app.db is locked"],
  [{ kind: "sqlite", code: "SQLITE_BUSY_RECOVERY", message: "" }, "locked", "app.db is locked"],
  [
    { kind: "sqlite", code: "SQLITE_CORRUPT_INDEX", message: "malformed" },
    "corrupt",
    "app.db is already corrupt (malformed)",
  ],
  [
    { kind: "sqlite", code: "SQLITE_FULL", message: "full" },
    "no-space",
    "there is no disk space left for the load (full)",
  ],
  [
    { kind: "no-space", neededBytes: 9000, freeBytes: 10, reserveBytes: 0 },
    "no-space",
    "a copy of app.db does not fit: it needs 9000 bytes, and 10 are free",
  ],
  [{ kind: "no-folder", why: "no folder in /x" }, "cannot-write", "no folder in /x"],
  [{ kind: "gone" }, "no-such-file", "app.db no longer exists"],
  [{ kind: "denied", path: "app.db-wal" }, "no-permission", "no permission to read app.db-wal"],
  [
    { kind: "other-mode", mode: "persist" },
    "other-mode",
    "app.db is in journal mode persist, and --in-place does not change the mode",
  ],
  [{ kind: "changed" }, "changed", "app.db changes faster than it can be copied"],
  [{ kind: "other-file" }, "another-file", "app.db: the path now leads to a different file"],
  [
    { kind: "hard-linked", path: "app.db-wal", links: 2 },
    "hard-linked",
    "app.db-wal has 2 names (hard links): another name may be another user's file",
  ],
  [
    { kind: "no-space", neededBytes: 9000, freeBytes: 10_000, reserveBytes: 2000 },
    "no-space",
    "a copy of app.db does not fit: it needs 9000 bytes, and 10000 are free, of which 2000 must stay free",
  ],
  [{ kind: "unkept" }, "changed", "app.db changes faster than it can be copied"],
  [{ kind: "needs-copy", message: "its journal is hot" }, "failed", "app.db cannot be copied: its journal is hot"],
  [
    { kind: "backup-failed", message: "database or disk is full" },
    "no-space",
    "a copy of app.db does not fit (database or disk is full)",
  ],
  [{ kind: "backup-failed", message: "disk I/O error" }, "failed", "app.db cannot be copied: disk I/O error"],
  [
    { kind: "not-a-database", message: "file is not a database" },
    "not-a-database",
    "app.db cannot be copied: file is not a database",
  ],
  [{ kind: "failed", message: "no memory" }, "failed", "app.db cannot be copied: no memory"],
])("a refusal: %o", (refusal, code, message) => {
  const error = refusalError(refusal, "app.db");
  expect({ code: error.code, message: error.message }).toEqual({ code, message });
  expect(error.hint).not.toBe("");
});

test.each([
  ["SQLITE_FULL", "no-space"],
  ["SQLITE_IOERR_SHMSIZE", "no-space"],
  ["SQLITE_IOERR_WRITE", "no-space"],
  ["ENOSPC", "no-space"],
  ["EDQUOT", "no-space"],
  ["ENOENT", "gone"],
  ["SQLITE_IOERR_FSTAT", "gone"],
  ["SQLITE_READONLY_DBMOVED", "gone"],
  ["SQLITE_READONLY", "cannot-write"],
  ["SQLITE_CANTOPEN", "cannot-write"],
  ["EROFS", "cannot-write"],
  ["ENOTDIR", "changed"],
  ["ELOOP", "changed"],
  ["EACCES", "cannot-write"],
  ["SQLITE_IOERR_READ", "failed"],
  ["SQLITE_NOMEM", "failed"],
])("a fault of a worker, %s: %s", (code, kind) => {
  const error = faultError({ code, message: "the message" });
  expect(error).toMatchObject({ code: kind, message: expect.stringContaining("the message") });
  // the two options exclude each other
  if (error.hint.includes("--dir")) expect(error.hint).toContain("not with --in-place");
});

test.each([
  ["EMFILE", "spawn", "no more open files are allowed"],
  ["EAGAIN", "spawn /usr/bin/node", "no more processes are allowed"],
  ["EMFILE", "open", null],
  ["ENOENT", "spawn", null],
  [undefined, undefined, null],
])("starting a process failed with %s of %s", (code, syscall, reason) => {
  const error = systemLimitError(Object.assign(new Error("x"), { code, syscall }));
  expect(error?.message ?? null).toBe(reason === null ? null : `not all workers could be started: ${reason}`);
});

test("an unknown errno, and a start that takes too long", () => {
  expect(startError({ kind: "errno", code: "EPERM" }).message).toBe("not all workers could be started: EPERM");
  expect(startError({ kind: "not-ready" }).message).toContain("some were not ready in time");
  expect(startError({ kind: "other", message: "no memory" }).message).toContain("no memory");
});

const FAULT = '(node:1) Warning: x\n{"code":"SQLITE_FULL","message":"full"}\n';

test.each<[string, Partial<ProcessEnd>, boolean, string, string | undefined]>([
  ["a fault", { exitCode: 3, stderr: FAULT }, true, "there is no disk space left for the load (full)", "no-space"],
  ["a fault before it was ready", { exitCode: 3, stderr: FAULT }, false, "there is no disk space left", "no-space"],
  ["a crash before it was ready", { exitCode: 1, stderr: "a\nb\n" }, false, "it exited with 1: b", "cannot-start"],
  ["a kill before it was ready", { signal: "SIGKILL" }, false, "started: it was ended by SIGKILL", "cannot-start"],
  ["the parent's end", { exitCode: 3 }, true, "a worker ended: it exited with 3", "worker-ended"],
  ["a bug", { exitCode: 1, stderr: "TypeError: x" }, true, "TypeError: x", undefined],
  ["a bug without output", { exitCode: 1 }, true, "it exited with 1", undefined],
])("the end of a worker: %s", (_, end, ready, message, code) => {
  const error = endError({ exitCode: undefined, signal: undefined, stderr: "", ...end }, ready, false);
  expect(error.message).toContain(message);
  expect(error instanceof UserError ? error.code : undefined).toBe(code);
});

test.each<[string, Partial<ProcessEnd>, string]>([
  ["garbage", { exitCode: 3, stderr: "{x\n" }, "worker-ended"],
  ["JSON of another form", { exitCode: 3, stderr: '{"code":7}\n' }, "worker-ended"],
  ["no object", { exitCode: 3, stderr: "{}\n" }, "worker-ended"],
  ["what looks as an exception", { exitCode: 1, stderr: "Error: x\n    at y:1:1\n" }, "bad-record"],
  ["a signal", { signal: "SIGKILL", stderr: "Error: x\n    at y:1:1\n" }, "worker-ended"],
])("the user of a load process writes to its stderr, and ends it: %s", (_, end, code) => {
  const error = endError({ exitCode: undefined, signal: undefined, stderr: "", ...end }, true, true);
  expect(error).toMatchObject({ name: "UserError", code, message: expect.not.stringContaining("\n") });
});

const leftOf = (path: string, uid: number) => ({
  path,
  table: "sqlock_stress_0a",
  command: (file: string, word: string) => sqlite3As(uid, file, word, { uid }),
});

test("a table that is left: how to drop it", () => {
  expect(tableLeftError(leftOf("/a b/app.db", 0), "it is locked")).toMatchObject({
    message: "the table sqlock_stress_0a could not be dropped: it is locked",
    hint:
      "sqlock keeps trying for another minute; after that: sqlite3 '/a b/app.db' 'DROP TABLE IF EXISTS " +
      "sqlock_stress_0a'",
  });
});

test("a table that is left by root, which has become the owner: it is the owner's to drop", () => {
  const left = {
    ...leftOf("/app.db", 0),
    command: (file: string, word: string) => sqlite3As(7, file, word, { uid: 0 }),
  };
  expect(tableLeftError(left, "it is locked").hint).toContain("sudo -u '#7' sqlite3 -init /dev/null /app.db 'DROP ");
});

test("a table that is left in a file that was moved away", () => {
  expect(tableLeftError(leftOf("/app.db", 0), "it was moved", true)).toMatchObject({
    code: "table-left",
    hint: "find the file that was there, then: sqlite3 FILE 'DROP TABLE IF EXISTS sqlock_stress_0a'",
  });
});

test("what else is left, or missing", () => {
  expect(folderLeftError("/x/sqlock-1", "no permission")).toMatchObject({
    code: "folder-left",
    message: "/x/sqlock-1 could not be removed (no permission)",
  });
  expect(noEvidenceFileError("/x/sqlock-1", new Error("EEXIST"))).toMatchObject({
    code: "no-evidence-file",
    message: "the evidence in /x/sqlock-1 has no description (EEXIST)",
  });
});

test("a load worker that opened another file", () => {
  expect(faultError({ code: "OTHER_FILE", message: "" })).toMatchObject({ code: "another-file" });
});

test("limits of time and room", () => {
  expect(timeoutError("verify", "app.db", 600_000)).toMatchObject({
    code: "timeout",
    message: "verifying app.db took longer than 600s (--timeout)",
    hint: "give it more time: --timeout 1h",
  });
  expect(diskFullError({ freeBytes: 2 ** 20, reserveBytes: 2 ** 21 })).toMatchObject({
    code: "no-space",
    message: "there is no disk space left for the load (1 MiB are free, and 2 MiB must stay free)",
  });
});

test.each([
  [Object.assign(new Error("gone"), { code: "ENOENT", path: "/x" }), "gone"],
  [Object.assign(new Error("loop"), { code: "ELOOP", path: "/x" }), "changed"],
  [Object.assign(new Error("no path"), { code: "ENOENT" }), undefined],
  [new TypeError("a bug"), undefined],
])("an error about a file is no bug: %o", (error, code) => {
  expect(fileError(error)?.code).toBe(code);
});

test("run by root, for an owner that cannot do it", () => {
  expect(cannotRunError("app.db", 1000, "/root/node").message).toBe(
    "uid 1000, which owns app.db, cannot read /root/node",
  );
  expect(isolatedError("app.db", { kind: "out-of-reach", uid: 1000, path: "/x/app.db" }).message).toBe(
    "uid 1000, which owns app.db, cannot read /x/app.db",
  );
  const intruder = { kind: "everybody", folder: "/x" } as const;
  expect(isolatedError("app.db", { kind: "folder-of-others", uid: 0, intruder }).message).toBe(
    "app.db is root's, in a folder that others can change (/x): sqlock does not run a load there as root",
  );
  expect(noFolderError("why", "--dir", null).hint).toBe("choose a folder with --dir that you can write to");
  expect(noFolderError("why", "TMPDIR", 1000).hint).toBe(
    "set TMPDIR to a folder that uid 1000, which the load runs as, can write to, and no other user (/var/tmp will do)",
  );
});
