import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { Lock } from "../../../../src/model/report.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { lockExplanations, lockLegend, withLockWords } from "../../../../src/render/who-holds/lock-legend.ts";
import widthOf from "../../../../src/render/width.ts";
import { LOCK_NAMES, lockRow } from "../../../../src/sqlite/locks.ts";
import { databaseReport, holder, lock, walWriter } from "../../../support/report.ts";

const rollback = (...locks: Lock[]) => databaseReport({ holders: [holder({ locks })] });
const wal = (...locks: Lock[]) => databaseReport({ journalMode: "wal", holders: [holder({ locks })] });

const WRITER = databaseReport({ journalMode: "wal", holders: [walWriter()] });
const READER = wal(lock("READ2"), lock("SHARED"), lock("DMS"));

describe("the legend", () => {
  const at = (width: number) => ({ ...PLAIN, width });

  test.each([
    [[WRITER], "WRITE: the write lock; READ1: reads a snapshot; SHARED, DMS: attached"],
    [[WRITER, READER], "WRITE: the write lock; ... (--explain-locks)"],
    [[rollback(lock("RESERVED"), lock("SHARED"))], "RESERVED: the write lock; SHARED: reads"],
    [[rollback(lock("EXCLUSIVE", { waiting: true }))], "EXCLUSIVE: keeps all others out"],
    [[rollback()], ""],
    [[], ""],
  ])("%#: the strongest first", (databases, expected) => {
    expect(lockLegend(databases, at(69))).toBe(expected);
  });

  test("locks of several databases, each meaning once", () => {
    expect(lockLegend([WRITER, READER], PLAIN)).toBe(
      "WRITE: the write lock; READ1, READ2: reads a snapshot; SHARED, DMS: attached",
    );
    expect(lockLegend([rollback(lock("SHARED")), READER], PLAIN)).toContain("SHARED: reads; ");
  });

  test("in one line at any width, and none where there is no room for one lock", () => {
    const every = wal(...LOCK_NAMES.map((name) => lock(name)));
    for (let width = 1; width < 400; width++) {
      const line = lockLegend([every], at(width));
      expect(widthOf(line)).toBeLessThanOrEqual(width);
      expect(line).not.toContain("\n");
    }
    expect(lockLegend([every], at(30))).toBe("");
  });

  test("dim", () => {
    const chalk = new Chalk({ level: 1 });
    expect(lockLegend([rollback(lock("SHARED"))], { ...PLAIN, chalk })).toBe(chalk.dim("SHARED: reads"));
  });

  test("a lock without an owner counts", () => {
    expect(lockLegend([databaseReport({ unownedLocks: [lock("RESERVED")] })], PLAIN)).toBe("RESERVED: the write lock");
  });
});

test("one line for each lock", () => {
  expect(lockExplanations([WRITER], PLAIN)).toMatchInlineSnapshot(`
    "WRITE   the write lock of WAL mode: one writer only; readers can continue
    READ1   reads a snapshot: no checkpoint can copy later frames back
    SHARED  has the database open (WAL mode): blocks only a change of the mode
    DMS     attached to the WAL index (-shm), like every connection; blocks nothing"
  `);
  expect(
    lockExplanations([rollback(lock("EXCLUSIVE", { waiting: true }), lock("SHARED", { api: "ofd" }))], PLAIN),
  ).toMatchInlineSnapshot(`
    "EXCLUSIVE     writes to the database file, or is in exclusive mode: keeps all out
    SHARED        reads: no writer can commit until it has finished
    [waits:NAME]  not held: the process waits for this lock in the kernel (F_SETLKW)
    (ofd)         an OFD lock: every process with a copy of its descriptor holds it"
  `);
});

test("every lock, of either type and in either mode, fits a line of 80 columns", () => {
  const locks = LOCK_NAMES.flatMap((name) =>
    (["read", "write"] as const)
      .filter((type) => name === "FOREIGN" || lockRow(name)?.[type] !== undefined)
      .map((type) => lock(name, { type })),
  );
  const odd = [lock("FOREIGN", { api: "flock" }), lock("SHARED", { api: "ofd" }), lock("WRITE", { waiting: true })];
  for (const one of locks)
    for (const database of one.role === "database" ? [rollback(one), wal(one)] : [wal(one)])
      expect(widthOf(lockExplanations([database], PLAIN))).toBeLessThanOrEqual(80);
  // FOREIGN means the same to read and to write
  expect(lockExplanations([wal(...locks, ...odd)], PLAIN).split("\n").length).toBe(locks.length - 1 + odd.length);
});

test("behind the last table that shows a holder", () => {
  const tables = ["one", "two", ""];
  const databases = [WRITER, READER, rollback()];
  expect(withLockWords(tables, databases, "none", PLAIN)).toEqual(tables);
  expect(withLockWords(tables, databases, "legend", PLAIN)[1]).toMatch(/^two\nWRITE: the write lock; /);
  expect(withLockWords(tables, databases, "explained", PLAIN)[1]).toMatch(
    /^two\n\nWRITE {3}the write lock of WAL mode/,
  );
  expect(withLockWords(tables, databases, "explained", PLAIN).filter((_, i) => i !== 1)).toEqual(["one", ""]);
  expect(withLockWords(["", ""], databases, "legend", PLAIN)).toEqual(["", ""]);
});
