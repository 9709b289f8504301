import { describe, expect, test } from "vitest";
import {
  BLOCKS,
  compareLocks,
  effectOfLock,
  isHeldWhileOpen,
  isWriteLock,
  keepsReadersOrWritersOut,
  LOCK_NAMES,
  LOCKS,
  readMarkPinned,
} from "../../../src/sqlite/locks.ts";

/** The table of docs/architecture.md, row by row. */
test.each([
  ["SHARED", "read", false, "reading", ["commits", "journal-mode"]],
  ["SHARED", "read", true, "idle", ["journal-mode"]],
  ["RESERVED", "write", false, "writing", ["writers", "journal-mode"]],
  ["PENDING", "write", false, "committing", ["readers", "writers", "journal-mode"]],
  ["EXCLUSIVE", "write", false, "exclusive", ["readers", "writers", "journal-mode"]],
  ["EXCLUSIVE", "write", true, "exclusive", ["readers", "writers", "journal-mode"]],
  ["WRITE", "write", true, "writing", ["writers", "checkpoints", "journal-mode"]],
  ["CKPT", "write", true, "checkpointing", ["checkpoints", "journal-mode"]],
  ["RECOVER", "write", true, "recovering", ["readers", "writers", "checkpoints", "journal-mode"]],
  ["READ2", "read", true, "reading", ["checkpoints", "journal-mode"]],
  ["READ2", "write", true, "idle", []],
  ["DMS", "read", true, "idle", []],
] as const)("%s to %s, WAL %s: %s", (name, type, wal, activity, keepsOut) => {
  expect(effectOfLock({ name, type }, wal)).toEqual({ activity, keepsOut });
});

describe("the order in which locks are listed", () => {
  const listed = (...locks: { name: (typeof LOCK_NAMES)[number]; waiting: boolean }[]) =>
    [...locks].sort(compareLocks).map(({ name, waiting }) => (waiting ? `[${name}]` : name));
  const held = (name: (typeof LOCK_NAMES)[number]) => ({ name, waiting: false });

  test("the strongest first, those of every connection last, and behind them what is waited for", () => {
    expect(listed(...[...LOCK_NAMES].reverse().map(held), { name: "EXCLUSIVE", waiting: true })).toEqual([
      "EXCLUSIVE",
      "PENDING",
      "RECOVER",
      "RESERVED",
      "WRITE",
      "CKPT",
      "READ0",
      "READ1",
      "READ2",
      "READ3",
      "READ4",
      "FOREIGN",
      "SHARED",
      "DMS",
      "[EXCLUSIVE]",
    ]);
  });

  test("is that of what they keep others from", () => {
    const ranks = LOCK_NAMES.filter((name) => !["FOREIGN", "SHARED", "DMS"].includes(name)).map((name) => {
      const effects = (["write", "read"] as const).flatMap(
        (type) => effectOfLock({ name, type }, true)?.keepsOut ?? [],
      );
      return Math.min(...effects.map((effect) => BLOCKS.indexOf(effect)));
    });
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });
});

test("each name stands once, the bytes of a file do not overlap but for SHARED and EXCLUSIVE", () => {
  expect(new Set(LOCK_NAMES).size).toBe(LOCKS.length + 1);
  const bytes = LOCKS.map(({ file, bytes: [first, last] }) => `${file} ${first} ${last}`);
  expect(bytes.length - new Set(bytes).size).toBe(1);
});

describe("what the table says of a lock", () => {
  const named = (holds: (lock: { name: (typeof LOCK_NAMES)[number]; type: "read" | "write" }) => boolean) =>
    LOCK_NAMES.flatMap((name) =>
      (["read", "write"] as const).flatMap((type) => (holds({ name, type }) ? `${name} ${type}` : [])),
    );

  test("the write locks", () => {
    expect(named(isWriteLock)).toEqual(["EXCLUSIVE write", "PENDING write", "RESERVED write", "WRITE write"]);
  });

  test("what a connection in WAL mode holds as long as it is open", () => {
    expect(named(isHeldWhileOpen)).toEqual(["SHARED read", "DMS read"]);
  });

  test("what keeps readers or writers out", () => {
    expect(named((lock) => lock.type === "write" && keepsReadersOrWritersOut(lock))).toEqual([
      "EXCLUSIVE write",
      "PENDING write",
      "RECOVER write",
      "RESERVED write",
      "WRITE write",
      "DMS write",
    ]);
    expect(keepsReadersOrWritersOut({ name: "PENDING", type: "read" })).toBe(false);
  });

  test("the read marks", () => {
    expect(LOCK_NAMES.flatMap((name) => readMarkPinned({ name, type: "read" }) ?? [])).toEqual([0, 1, 2, 3, 4]);
    expect(readMarkPinned({ name: "READ3", type: "write" })).toBeNull();
  });
});
