import { expect, test } from "vitest";
import { UserError } from "../../../../src/errors.ts";
import {
  endError,
  faultError,
  type ProcessEnd,
  refusalError,
  startError,
  systemLimitError,
  tableLeftError,
} from "../../../../src/features/stress/errors.ts";
import type { Refusal } from "../../../../src/features/stress/protocol.ts";

test.each<[Refusal, string, string]>([
  [{ kind: "busy" }, "locked", "app.db is locked"],
  [{ kind: "sqlite", code: "SQLITE_BUSY_RECOVERY", message: "" }, "locked", "app.db is locked"],
  [
    { kind: "sqlite", code: "SQLITE_CORRUPT_INDEX", message: "malformed" },
    "corrupt",
    "app.db is corrupt already (malformed)",
  ],
  [{ kind: "sqlite", code: "SQLITE_FULL", message: "full" }, "no-space", "no room is left for the load (full)"],
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
    "app.db is in journal mode persist, and --in-place changes no mode",
  ],
  [{ kind: "changed" }, "changed", "app.db changes faster than it can be copied"],
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
  ["EACCES", "cannot-write"],
  ["SQLITE_IOERR_READ", "failed"],
  ["SQLITE_NOMEM", "failed"],
])("a fault of a worker, %s: %s", (code, kind) => {
  expect(faultError({ code, message: "the message" })).toMatchObject({
    code: kind,
    message: expect.stringContaining("the message"),
  });
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
  ["a fault", { exitCode: 3, stderr: FAULT }, true, "no room is left for the load (full)", "no-space"],
  ["a fault before it was ready", { exitCode: 3, stderr: FAULT }, false, "no room is left", "no-space"],
  ["a crash before it was ready", { exitCode: 1, stderr: "a\nb\n" }, false, "it exited with 1: b", "cannot-start"],
  ["a kill before it was ready", { signal: "SIGKILL" }, false, "started: it was ended by SIGKILL", "cannot-start"],
  ["the parent's end", { exitCode: 3 }, true, "a worker ended: it exited with 3", "worker-ended"],
  ["a bug", { exitCode: 1, stderr: "TypeError: x" }, true, "TypeError: x", undefined],
  ["a bug without output", { exitCode: 1 }, true, "it exited with 1", undefined],
])("the end of a worker: %s", (_, end, ready, message, code) => {
  const error = endError({ exitCode: undefined, signal: undefined, stderr: "", ...end }, ready);
  expect(error.message).toContain(message);
  expect(error instanceof UserError ? error.code : undefined).toBe(code);
});

test("a table that is left: how to drop it", () => {
  expect(tableLeftError("/a b/app.db", "sqlock_stress_0a", "it is locked")).toMatchObject({
    message: "the table sqlock_stress_0a could not be dropped: it is locked",
    hint: "it is tried for a minute more; later: sqlite3 '/a b/app.db' 'DROP TABLE IF EXISTS sqlock_stress_0a'",
  });
});
