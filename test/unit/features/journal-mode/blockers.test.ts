import { expect, test } from "vitest";
import { blockersOf, isFree } from "../../../../src/features/journal-mode/blockers.ts";
import { holder, lock } from "../../../support/report.ts";

test("holders that block the journal mode, and locks of SQLite without an owner that are held", () => {
  const reader = holder({ pid: 1, blocks: ["commits", "journal-mode"] });
  const idle = holder({ pid: 2, blocks: [] });
  const unowned = lock("SHARED", { api: "ofd" });
  const blockers = blockersOf({
    holders: [reader, idle],
    unownedLocks: [unowned, lock("FOREIGN", { api: "flock" }), lock("RESERVED", { waiting: true })],
  });
  expect(blockers).toEqual({ holders: [reader], unowned: [unowned] });
  expect(isFree(blockers)).toBe(false);
  expect(isFree(blockersOf({ holders: [], unownedLocks: [unowned] }))).toBe(false);
  expect(isFree(blockersOf({ holders: [idle], unownedLocks: [lock("FOREIGN", { api: "flock" })] }))).toBe(true);
});
