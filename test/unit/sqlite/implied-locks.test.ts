import { expect, test } from "vitest";
import { withoutImplied } from "../../../src/sqlite/implied-locks.ts";
import type { LockName } from "../../../src/sqlite/locks.ts";
import { lock } from "../../support/report.ts";

test.each<[string, readonly LockName[], readonly LockName[]]>([
  ["an idle connection in WAL mode", ["SHARED", "DMS"], ["SHARED", "DMS"]],
  ["a reader in WAL mode", ["READ2", "SHARED", "DMS"], ["READ2"]],
  ["a writer in WAL mode", ["WRITE", "READ1", "SHARED", "DMS"], ["WRITE", "READ1"]],
  ["a checkpoint", ["WRITE", "CKPT", "READ0", "SHARED", "DMS"], ["WRITE", "CKPT", "READ0"]],
  ["a reader in rollback mode", ["SHARED"], ["SHARED"]],
  ["a writer in rollback mode", ["RESERVED", "SHARED"], ["RESERVED"]],
  ["a writer that waits for readers", ["PENDING", "RESERVED", "SHARED"], ["PENDING"]],
  ["a writer that commits", ["EXCLUSIVE", "PENDING", "RESERVED"], ["EXCLUSIVE"]],
  ["a lock that is none of SQLite's implies nothing", ["FOREIGN", "SHARED"], ["FOREIGN", "SHARED"]],
])("%s", (_, names, expected) => {
  expect(withoutImplied(names.map((name) => lock(name))).map(({ name }) => name)).toEqual(expected);
});

test("nothing is implied by a lock that is only waited for, or that was taken in another way", () => {
  const shared = lock("SHARED");
  for (const other of [lock("EXCLUSIVE", { waiting: true }), lock("WRITE", { api: "ofd" })])
    expect(withoutImplied([other, shared])).toEqual([other, shared]);
  expect(withoutImplied([lock("WRITE"), lock("SHARED", { waiting: true })])).toHaveLength(2);
});
