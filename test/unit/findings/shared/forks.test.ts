import { describe, expect, test } from "vitest";
import {
  ancestorWithSameHandles,
  isLeftByParent,
  parentWithSomeHandles,
} from "../../../../src/findings/shared/forks.ts";
import { handle, holder, lock } from "../../../support/report.ts";
import { processSeen } from "../../../support/snapshot.ts";

const HANDLES = [handle(3, "database"), handle(4, "wal")];
const PARENT = holder({ pid: 10, parentPid: 1, handles: HANDLES, locks: [lock("RESERVED")] });
const CHILD = holder({ pid: 20, parentPid: 10, handles: HANDLES });

describe("the parent with some of its descriptors", () => {
  test.each([
    ["all of them", PARENT, 10],
    ["one of them", { ...PARENT, handles: [handle(3, "database")] }, 10],
    ["the same file under another number", { ...PARENT, handles: [handle(5, "database")] }, null],
    ["another file under the same number", { ...PARENT, handles: [handle(3, "database", { path: "/other" })] }, null],
    ["another process", { ...PARENT, pid: 11 }, null],
  ])("%s", (_, parent, pid) => {
    expect(parentWithSomeHandles(CHILD, [CHILD, parent])?.pid ?? null).toBe(pid);
  });
});

describe("the ancestor that has all of its descriptors", () => {
  test.each([
    ["the parent", CHILD, [CHILD, PARENT], 10],
    ["the parent has more", CHILD, [CHILD, { ...PARENT, handles: [...HANDLES, handle(5, "shm")] }], 10],
    ["the parent has fewer", CHILD, [CHILD, { ...PARENT, handles: [handle(3, "database")] }], null],
    ["a lock of its own", { ...CHILD, locks: [lock("SHARED")] }, [CHILD, PARENT], null],
    ["no descriptor", { ...CHILD, handles: [] }, [CHILD, PARENT], null],
    ["the parent has nothing of the database", CHILD, [CHILD], null],
    ["a parent that may not be seen", { ...CHILD, parentPid: null }, [CHILD, PARENT], null],
  ])("%s", (_, child, holders, pid) => {
    expect(ancestorWithSameHandles(child, holders)?.pid ?? null).toBe(pid);
  });

  test("over a generation that has closed some of them", () => {
    const between = holder({ pid: 15, parentPid: 10, handles: [handle(3, "database")] });
    const child = { ...CHILD, parentPid: 15 };
    expect(ancestorWithSameHandles(child, [child, between, PARENT])?.pid).toBe(10);
  });

  test("pids that were used again make a circle of parents", () => {
    const other = holder({ pid: 10, parentPid: 20, handles: [handle(9, "database")] });
    expect(ancestorWithSameHandles(CHILD, [CHILD, other])).toBeNull();
  });

  test.each([
    ["the same stack", 7n, 7n, 10],
    ["another stack: it has called exec", 7n, 8n, null],
    ["its own stack may not be seen", null, 8n, 10],
    ["the parent's stack may not be seen", 7n, null, 10],
  ])("%s", (_, ofChild, ofParent, pid) => {
    const processes = new Map([
      [20, processSeen({ pid: 20, stackStart: ofChild })],
      [10, processSeen({ pid: 10, stackStart: ofParent })],
    ]);
    expect(ancestorWithSameHandles(CHILD, [CHILD, PARENT], processes)?.pid ?? null).toBe(pid);
  });
});

test.each([
  ["without a lock, of init", {}, true],
  ["with a lock", { locks: [lock("SHARED")] }, false],
  ["of another parent", { parentPid: 4100 }, false],
  ["of a parent that may not be seen", { parentPid: null }, false],
])("left by its parent: %s", (_, change, expected) => {
  expect(isLeftByParent(holder({ parentPid: 1, ...change }))).toBe(expected);
});
