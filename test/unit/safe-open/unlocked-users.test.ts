import { expect, test } from "vitest";
import type { Finding } from "../../../src/model/report.ts";
import {
  likelyWritersWithoutLocks,
  usersWithoutLocks,
  writersWithoutLocks,
} from "../../../src/safe-open/unlocked-users.ts";
import { databaseReport, handle, holder, lock } from "../../support/report.ts";

const finding = (id: Finding["id"], severity: Finding["severity"], pids: readonly number[] = [7]): Finding => ({
  id,
  severity,
  pids,
  summary: "",
  detail: "",
  remedy: "",
});

test.each<[Finding["id"], Finding["severity"], readonly number[], boolean, boolean]>([
  ["lost-locks", "error", [7], true, true],
  ["other-locking", "error", [7], true, true],
  ["other-locking", "info", [7], false, false],
  ["lock-directory", "error", [7], true, true],
  ["lock-directory", "warning", [7], false, true],
  ["lock-directory", "warning", [], false, false],
  ["foreign-writer", "error", [7], true, true],
  ["foreign-writer", "info", [7], false, true],
  ["lost-locks", "error", [9], false, false], // gone by now
  ["uncommitted-write", "error", [7], false, false],
])("%s (%s) of %j: writes %s, may write %s", (id, severity, pids, writes, mayWrite) => {
  const database = databaseReport({ holders: [holder({ pid: 7 })], findings: [finding(id, severity, pids)] });
  expect(writersWithoutLocks(database).length === 1).toBe(writes);
  expect(likelyWritersWithoutLocks(database).length === 1).toBe(mayWrite);
});

test("processes that can write and hold none of SQLite's locks", () => {
  const holders = [
    holder({ pid: 1, locks: [], handles: [handle(3, "database", { access: "read-write" })] }),
    holder({ pid: 2, locks: [], handles: [handle(3, "database", { access: "read" })] }),
    holder({ pid: 3, locks: [lock("SHARED")], handles: [handle(3, "database", { access: "read-write" })] }),
    holder({ pid: 4, locks: [], handles: [handle(3, "database", { deleted: true })] }),
    holder({ pid: 5, locks: [lock("FOREIGN")], handles: [handle(3, "database", { access: "write" })] }),
  ];
  expect(usersWithoutLocks({ holders }).map(({ pid }) => pid)).toEqual([1, 5]);
});
