import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blocksOfForeignLock, namesOfLock, overlap } from "../../../src/sqlite/lock-bytes.ts";
import type { LockApi, LockType } from "../../../src/sqlite/locks.ts";
import type { Role } from "../../../src/sqlite/roles.ts";

const PENDING = 1073741824n;
const RESERVED = PENDING + 1n;
const SHARED_FIRST = PENDING + 2n;
const SHARED_LAST = 1073742335n;

const onDatabase = (type: LockType, start: bigint, end: bigint | null = start) =>
  namesOfLock("database", "posix", type, { start, end });
const onShm = (start: number, end: number | null = start, type: LockType = "read") =>
  namesOfLock("shm", "posix", type, { start: BigInt(start), end: end === null ? null : BigInt(end) });

describe("locks on the database file", () => {
  test.each<[string, LockType, bigint, bigint, string[]]>([
    ["a reader", "read", SHARED_FIRST, SHARED_LAST, ["SHARED"]],
    ["a reader that is just coming in", "read", PENDING, PENDING, ["PENDING"]],
    ["a read lock over PENDING, RESERVED and SHARED", "read", PENDING, SHARED_LAST, ["FOREIGN"]],
    ["a writer", "write", RESERVED, RESERVED, ["RESERVED"]],
    ["a writer that waits for readers, merged by the kernel", "write", PENDING, RESERVED, ["PENDING", "RESERVED"]],
    ["BEGIN EXCLUSIVE, merged by the kernel", "write", PENDING, SHARED_LAST, ["PENDING", "RESERVED", "EXCLUSIVE"]],
    ["locking_mode=EXCLUSIVE without RESERVED", "write", SHARED_FIRST, SHARED_LAST, ["EXCLUSIVE"]],
    ["RESERVED and EXCLUSIVE", "write", RESERVED, SHARED_LAST, ["RESERVED", "EXCLUSIVE"]],
    [
      "one byte of the SHARED range (the byte that old Windows locked)",
      "read",
      SHARED_FIRST + 7n,
      SHARED_FIRST + 7n,
      ["SHARED"],
    ],
    ["SQLite never read-locks RESERVED", "read", RESERVED, RESERVED, ["FOREIGN"]],
    ["one byte before PENDING", "write", PENDING - 1n, SHARED_LAST, ["FOREIGN"]],
    ["one byte behind SHARED", "write", PENDING, SHARED_LAST + 1n, ["FOREIGN"]],
    ["the first byte of the file", "write", 0n, 0n, ["FOREIGN"]],
  ])("%s", (_, type, start, end, names) => {
    expect(onDatabase(type, start, end)).toEqual(names);
  });

  test("a lock to the end of the file is none of SQLite's", () => {
    expect(onDatabase("write", 0n, null)).toEqual(["FOREIGN"]);
    expect(onDatabase("write", PENDING, null)).toEqual(["FOREIGN"]);
  });

  test("an OFD lock has the same bytes; a flock is always foreign", () => {
    const range = { start: SHARED_FIRST, end: SHARED_LAST };
    expect(namesOfLock("database", "ofd", "read", range)).toEqual(["SHARED"]);
    expect(namesOfLock("database", "flock", "read", range)).toEqual(["FOREIGN"]);
  });
});

describe("locks on the -shm file", () => {
  test.each([
    [120, "WRITE"],
    [121, "CKPT"],
    [122, "RECOVER"],
    [123, "READ0"],
    [124, "READ1"],
    [125, "READ2"],
    [126, "READ3"],
    [127, "READ4"],
    [128, "DMS"],
  ])("byte %i is %s", (byte, name) => {
    expect(onShm(byte)).toEqual([name]);
  });

  test("merged ranges are every lock they cover", () => {
    expect(onShm(120, 122, "write")).toEqual(["WRITE", "CKPT", "RECOVER"]);
    expect(onShm(121, 123, "write")).toEqual(["CKPT", "RECOVER", "READ0"]);
    expect(onShm(127, 128)).toEqual(["READ4", "DMS"]);
    expect(onShm(120, 128, "write")).toHaveLength(9);
  });

  test("anything outside of the nine bytes is foreign", () => {
    expect(onShm(119, 120)).toEqual(["FOREIGN"]);
    expect(onShm(128, 129)).toEqual(["FOREIGN"]);
    expect(onShm(120, null)).toEqual(["FOREIGN"]);
  });
});

test("the other files have no locks of SQLite's", () => {
  for (const role of ["wal", "journal", "super-journal"] as const) {
    expect(namesOfLock(role, "posix", "write", { start: PENDING, end: PENDING })).toEqual(["FOREIGN"]);
    expect(namesOfLock(role, "posix", "write", { start: 120n, end: 120n })).toEqual(["FOREIGN"]);
  }
});

describe("blocksOfForeignLock", () => {
  const whole = { start: 0n, end: null };
  const inWal = (role: Role, type: LockType) => blocksOfForeignLock(role, "posix", type, whole, true);
  const inRollback = (role: Role, type: LockType) => blocksOfForeignLock(role, "posix", type, whole, false);

  test("a lock on the whole database file", () => {
    expect(inRollback("database", "write")).toEqual(["readers", "writers", "journal-mode"]);
    expect(inWal("database", "write")).toEqual(["readers", "writers", "journal-mode"]);
    expect(inRollback("database", "read")).toEqual(["writers", "commits", "journal-mode"]);
    expect(inWal("database", "read")).toEqual(["journal-mode"]);
  });

  test("a lock on the whole -shm", () => {
    expect(inWal("shm", "write")).toEqual(["readers", "writers", "checkpoints", "journal-mode"]);
    expect(inWal("shm", "read")).toEqual(["writers", "checkpoints"]);
  });

  test.each<[string, Role, LockType, bigint, bigint, boolean, string[]]>([
    ["RESERVED to write, rollback", "database", "write", RESERVED, RESERVED, false, ["writers"]],
    ["RESERVED to write, WAL: only a change of the mode takes it", "database", "write", RESERVED, RESERVED, true, []],
    ["PENDING to read", "database", "read", PENDING, PENDING, false, ["commits", "journal-mode"]],
    ["PENDING to write", "database", "write", PENDING, PENDING, false, ["readers", "writers", "journal-mode"]],
    ["READ1 to write", "shm", "write", 124n, 124n, true, ["readers"]],
    ["READ1 to read: SQLite reads beside it", "shm", "read", 124n, 124n, true, []],
    ["DMS to write", "shm", "write", 128n, 128n, true, ["readers", "writers", "journal-mode"]],
    ["CKPT to read", "shm", "read", 121n, 121n, true, ["checkpoints"]],
  ])("%s", (_, role, type, start, end, wal, blocks) => {
    expect(blocksOfForeignLock(role, "posix", type, { start, end }, wal)).toEqual(blocks);
  });

  test("what touches none of SQLite's bytes, a flock, and a lock on another file block nothing", () => {
    for (const wal of [true, false]) {
      expect(blocksOfForeignLock("database", "posix", "write", { start: 0n, end: PENDING - 1n }, wal)).toEqual([]);
      expect(blocksOfForeignLock("database", "posix", "write", { start: SHARED_LAST + 1n, end: null }, wal)).toEqual(
        [],
      );
      expect(blocksOfForeignLock("database", "flock", "write", whole, wal)).toEqual([]);
      expect(blocksOfForeignLock("wal", "posix", "write", whole, wal)).toEqual([]);
    }
  });
});

const role = fc.constantFrom<Role>("database", "wal", "shm", "journal", "super-journal");
const api = fc.constantFrom<LockApi>("posix", "ofd", "flock");
const type = fc.constantFrom<LockType>("read", "write");
const nearby = fc.oneof(fc.bigInt(100n, 140n), fc.bigInt(PENDING - 5n, SHARED_LAST + 5n), fc.bigInt(0n, 2n ** 63n));
const range = fc.tuple(nearby, fc.option(nearby)).map(([start, end]) => ({ start, end }));

test("property: namesOfLock is never empty, never repeats a name, and FOREIGN stands alone", () => {
  fc.assert(
    fc.property(role, api, type, range, (someRole, someApi, someType, someRange) => {
      const names = namesOfLock(someRole, someApi, someType, someRange);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      if (names.includes("FOREIGN")) expect(names).toEqual(["FOREIGN"]);
    }),
  );
});

test("property: a merged range has the names of its parts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 120, max: 128 }), fc.integer({ min: 120, max: 128 }), (a, b) => {
      const [first, last] = a < b ? [a, b] : [b, a];
      const parts = Array.from({ length: last - first + 1 }, (_, i) => onShm(first + i)).flat();
      expect(onShm(first, last)).toEqual(parts);
    }),
  );
});

test("property: overlap is symmetric and agrees with a byte they share", () => {
  const small = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(small, small, fc.boolean(), ([a, b], [c, d], toTheEnd) => {
      const one = { start: BigInt(a), end: toTheEnd ? null : BigInt(b) };
      const other = { start: BigInt(c), end: BigInt(d) };
      const shared = Array.from({ length: 10 }, (_, i) => i).some(
        (byte) => byte >= a && (toTheEnd || byte <= b) && byte >= c && byte <= d,
      );
      expect(overlap(one, other)).toBe(shared);
      expect(overlap(other, one)).toBe(shared);
    }),
  );
});
