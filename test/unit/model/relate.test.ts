import { describe, expect, test } from "vitest";
import type { FileFacts } from "../../../src/model/file-facts.ts";
import { type Related, relate } from "../../../src/model/relate.ts";
import type { Holder } from "../../../src/model/report.ts";
import type { HandleSeen, ProcessSeen } from "../../../src/model/snapshot.ts";
import {
  exclusive,
  handleSeen,
  kernelLock,
  type Look,
  look,
  processSeen,
  ROLLBACK,
  reserved,
  shmLock,
  WAL,
} from "../../support/snapshot.ts";

const STALE_AFTER_MS = 10_000;

const related = (what: Parameters<typeof look>[0]): Related => relate(...look(what), STALE_AFTER_MS);

function only(what: Parameters<typeof look>[0]): Holder {
  const { holders } = related(what);
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) throw new Error(`${holders.length} holders`);
  return holder;
}

describe("one holder", () => {
  test("handles and locks, decoded; a merged range is each lock it covers", () => {
    const holder = only({ handles: { 7: [handleSeen({ locks: [exclusive(7)] })] } });
    expect(holder).toMatchObject({
      pid: 7,
      activity: "exclusive",
      handles: [{ fd: 3, role: "database", access: "read-write" }],
    });
    expect(holder.locks.map((lock) => [lock.name, lock.start, lock.end])).toEqual([
      ["EXCLUSIVE", 1073741824n, 1073742335n],
      ["PENDING", 1073741824n, 1073742335n],
      ["RESERVED", 1073741824n, 1073742335n],
    ]);
  });

  test("a lock that two descriptors and /proc/locks show is one", () => {
    const lock = reserved(7);
    const handles = { 7: [handleSeen({ fd: 3, locks: [lock] }), handleSeen({ fd: 4, locks: [lock] })] };
    expect(only({ handles, systemLocks: [{ role: "database", lock }] }).locks.map((each) => each.name)).toEqual([
      "RESERVED",
    ]);
  });

  test("one whose descriptors could not be read is there by its lock", () => {
    const processes = [processSeen({ pid: 7, complete: false, openFiles: null })];
    const holder = only({ systemLocks: [{ role: "database", lock: reserved(7) }], processes });
    expect(holder).toMatchObject({ complete: false, handles: [], activity: "writing" });
  });

  test("one that vanished meanwhile is none", () => {
    const [database, snapshot] = look({ handles: { 7: [handleSeen()] } });
    expect(relate(database, { ...snapshot, processes: new Map() }, STALE_AFTER_MS).holders).toEqual([]);
  });

  test("OFD locks of nobody known stand apart", () => {
    const { holders, unownedLocks } = related({
      systemLocks: [{ role: "database", lock: { ...reserved(7), api: "ofd", pid: null } }],
    });
    expect(holders).toEqual([]);
    expect(unownedLocks).toMatchObject([{ name: "RESERVED", api: "ofd" }]);
  });
});

test("who keeps the most others from working comes first, then by activity, then by pid", () => {
  const { holders } = related({
    handles: {
      9: [handleSeen()],
      8: [handleSeen({ locks: [kernelLock({ pid: 8 })] })],
      7: [handleSeen()],
      6: [handleSeen({ locks: [reserved(6)] })],
    },
  });
  expect(holders.map((holder) => holder.pid)).toEqual([6, 8, 7, 9]);
});

describe("for how long", () => {
  const holding = (change: Parameters<typeof processSeen>[0], locks = [reserved(7)]) =>
    only({ handles: { 7: [handleSeen({ locks })] }, processes: [processSeen({ pid: 7, ...change })] });

  test("a process that has not run has held its locks since", () => {
    expect(holding({ idleMs: 60_000 })).toMatchObject({
      idleMs: 60_000,
      heldAtLeastMs: 60_000,
      stale: ["idle-in-transaction"],
    });
  });

  test.each<[string, Holder]>([
    ["a thread that may have taken them has exited", holding({ idleProvesLocks: false })],
    ["another process may have taken them", holding({}, [{ ...reserved(7), api: "ofd", pid: null }])],
    ["one of them is not POSIX", holding({}, [reserved(7), kernelLock({ pid: 7, api: "flock" })])],
    ["there are none", holding({}, [])],
    ["there is one that is only waited for", holding({}, [{ ...reserved(7), waiting: true }])],
    ["the kernel does not say", holding({ idleMs: null })],
  ])("not provable: %s", (_, holder) => {
    expect(holder.heldAtLeastMs).toBeNull();
  });

  test("stale, or not", () => {
    expect(holding({ idleMs: STALE_AFTER_MS }).stale).toEqual(["idle-in-transaction"]);
    expect(holding({ idleMs: STALE_AFTER_MS - 1 }).stale).toEqual([]);
    expect(holding({ idleMs: 60_000 }, []).stale).toEqual([]);
    expect(holding({ idleMs: 0, state: "stopped" }).stale).toEqual(["stopped"]);
    expect(holding({ idleMs: 0, state: "traced" }).stale).toEqual(["stopped"]);
    expect(holding({ idleMs: 0, orphaned: true }).stale).toEqual(["orphaned"]);
    expect(only({ handles: { 7: [handleSeen({ deleted: true })] } }).stale).toEqual(["deleted-file"]);
  });
});

describe("the read mark", () => {
  const markOf = (facts: FileFacts, ...locks: ReturnType<typeof shmLock>[]) =>
    only({ facts, handles: { 7: [handleSeen({ role: "shm", locks })] } }).readMark;

  test("is that of its lock; the oldest of several; 0 on READ0", () => {
    expect(markOf(WAL, shmLock(7, 125))).toBe(512);
    expect(markOf(WAL, shmLock(7, 124, 125))).toBe(512);
    expect(markOf(WAL, shmLock(7, 123))).toBe(0);
  });

  test("is not known of a checkpoint's write lock, without a wal-index, without a read lock", () => {
    expect(markOf(WAL, shmLock(7, 125, 125, "write"))).toBeNull();
    expect(markOf({ ...WAL, wal: null }, shmLock(7, 125))).toBeNull();
    expect(markOf(WAL, shmLock(7, 128))).toBeNull();
  });
});

describe("hot journals", () => {
  const JOURNAL: FileFacts = {
    ...ROLLBACK,
    journal: { header: "valid", begun: false, sizeBytes: 4616, committedBySuperJournal: false, pagesOfEmpty: 0 },
  };
  const hot = (facts: FileFacts, locks = [] as ReturnType<typeof kernelLock>[], partialView = false) =>
    related({ facts, handles: locks.length > 0 ? { 7: [handleSeen({ locks })] } : {}, partialView }).journal?.hot;
  const withJournal = (change: Partial<NonNullable<FileFacts["journal"]>>): FileFacts => ({
    ...JOURNAL,
    journal: {
      header: "valid",
      begun: false,
      sizeBytes: 4616,
      committedBySuperJournal: false,
      pagesOfEmpty: 0,
      ...change,
    },
  });

  test("hot: valid, and nobody holds more than SHARED", () => {
    expect(hot(JOURNAL)).toBe(true);
    expect(hot(JOURNAL, [kernelLock({ pid: 7 })])).toBe(true);
    expect(hot(JOURNAL, [{ ...exclusive(7), waiting: true }])).toBe(true);
  });

  test("not hot: somebody writes, it is finished, or its super-journal is gone", () => {
    expect(hot(JOURNAL, [reserved(7)])).toBe(false);
    expect(hot(JOURNAL, [exclusive(7)])).toBe(false);
    for (const header of ["unsynced", "empty", "other"] as const) expect(hot(withJournal({ header }))).toBe(false);
    expect(hot(withJournal({ committedBySuperJournal: true }))).toBe(false);
    expect(hot(ROLLBACK)).toBeUndefined();
  });

  test("not known: the writer might be out of sight, or the journal cannot be read", () => {
    expect(hot(JOURNAL, [], true)).toBeNull();
    expect(hot(withJournal({ header: "unreadable" }))).toBeNull();
    expect(hot(JOURNAL, [reserved(7)], true)).toBe(false);
  });

  test("EXCLUSIVE and a valid journal is a writer", () => {
    expect(only({ facts: JOURNAL, handles: { 7: [handleSeen({ locks: [exclusive(7)] })] } }).activity).toBe("writing");
  });
});

test("a database that cannot be read is in WAL mode when somebody holds DMS", () => {
  const facts: FileFacts = { ...ROLLBACK, readable: false, journalMode: "unknown", pageSize: null, pageCount: null };
  const handles = {
    7: [handleSeen({ locks: [kernelLock({ pid: 7 })] }), handleSeen({ fd: 4, role: "shm", locks: [shmLock(7, 128)] })],
  };
  expect(only({ facts, handles }).activity).toBe("idle");
  expect(only({ facts, handles: { 7: handles[7].slice(0, 1) } }).activity).toBe("reading");
});

test("a deleted database has no size, and its lock directory is told", () => {
  const { sizeBytes, lockDirectory } = related({ target: { files: [], lockDirectorySince: new Date(5) } });
  expect(sizeBytes).toBeNull();
  expect(lockDirectory).toEqual({ path: "/srv/db.lock", since: new Date(5) });
});

describe("a file <database>.lock with a pid in it", () => {
  const at = (runs: boolean, handles: Look["handles"] = {}, process: Partial<ProcessSeen> = {}) =>
    related({
      target: { lockDirectorySince: new Date(5), lockFile: { pid: 7, runs } },
      handles,
      processes: [processSeen({ pid: 7, ...process }), processSeen({ pid: 8, ...process })],
    }).lockDirectory;
  const LOCK = { path: "/srv/db.lock", since: new Date(5), pid: 7 };

  test.each<[string, ReturnType<typeof at>, ReturnType<typeof at>]>([
    ["of a process that runs", at(true), LOCK],
    ["and has the database open without a lock", at(true, { 7: [handleSeen()] }), LOCK],
    ["silent: left by a crash, beside an idle connection", at(false, { 8: [handleSeen()] }), null],
    ["silent: it has SQLite's locks, and the file for something else", at(true, { 7: [withLock(7)] }), null],
    ["not for another one's locks", at(true, { 8: [withLock(8)] }), LOCK],
    ["in a container the pid is another one", at(false, { 8: [handleSeen()] }, { container: "c0ffee" }), LOCK],
    [
      "silent: in a container, where all have SQLite's locks",
      at(false, { 8: [withLock(8)] }, { container: "c" }),
      null,
    ],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

function withLock(pid: number): HandleSeen {
  return handleSeen({ locks: [kernelLock({ pid })] });
}
