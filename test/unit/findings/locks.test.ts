/** Rules on unusual locks and connections: each fires, and stays silent right next to it. */
import { describe, expect, test } from "vitest";
import type { Handle, Holder, Lock } from "../../../src/model/report.ts";
import { findingOf } from "../../support/diagnosed.ts";
import { handle, holder, lock } from "../../support/report.ts";
import { handleSeen, type Look, processSeen } from "../../support/snapshot.ts";

const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const flock = lock("FOREIGN", { api: "flock", type: "write" });

describe("mixed-lock-apis", () => {
  const ID = "mixed-lock-apis";
  const byRange = holder({ locks: [lock("SHARED")] });
  const byFlock = holder({ pid: 4300, locks: [flock] });

  test("byte ranges beside flock, and beside a lock directory", () => {
    expect(findingOf(ID, { holders: [byRange, byFlock] })).toMatchObject({ severity: "warning", pids: [4242, 4300] });
    expect(findingOf(ID, { holders: [byRange], lockDirectory: LOCK_DIRECTORY })?.detail).toContain(
      "an unknown process with the directory /srv/app/db.sqlite3.lock (unix-dotfile)",
    );
    expect(findingOf(ID, { holders: [byFlock], unownedLocks: [lock("RESERVED", { api: "ofd" })] })?.detail).toMatch(
      /^an unknown process with byte-range locks/,
    );
  });

  const script = holder({
    pid: 4300,
    locks: [flock],
    handles: [handle(3, "database", { access: "read", closeOnExec: false, flock: "write" })],
  });

  test("for information: the flock is a script's (flock(1))", () => {
    expect(findingOf(ID, { holders: [byRange, script] })).toMatchObject({
      severity: "info",
      pids: [4242, 4300],
      summary: expect.stringContaining("does not keep out programs"),
    });
    expect(findingOf(ID, { holders: [script], unownedLocks: [lock("RESERVED")] })?.detail).toMatch(
      /^an unknown process with byte-range locks/,
    );
    expect(findingOf(ID, { holders: [byRange, script], lockDirectory: LOCK_DIRECTORY })).toMatchObject({
      severity: "warning",
    });
    expect(findingOf(ID, { holders: [byRange, script, byFlock] })).toMatchObject({ severity: "warning" });
    expect(findingOf(ID, { holders: [byRange], unownedLocks: [flock] })).toMatchObject({ severity: "warning" });
  });

  test("silent: SQLite's locks are those of the script's own command, which has inherited the flock or not", () => {
    const command = holder({
      pid: 4301,
      parentPid: 4300,
      locks: [flock, lock("RESERVED")],
      handles: [handle(3, "database", { access: "read", closeOnExec: false, flock: "write" }), handle(4, "database")],
    });
    expect(findingOf(ID, { holders: [script, command] })).toBeUndefined();
    const closed = holder({ pid: 4302, parentPid: 4301, locks: [lock("RESERVED")] });
    const processes = [
      processSeen({ pid: 4300, parentPid: 1 }),
      processSeen({ pid: 4301, parentPid: 4300 }),
      processSeen({ pid: 4302, parentPid: 4301 }),
    ];
    expect(findingOf(ID, { holders: [script, closed] }, { processes })).toBeUndefined();
    expect(findingOf(ID, { holders: [script, command, byRange] })).toMatchObject({ severity: "info" });
  });

  test("silent: one scheme (posix and ofd exclude each other), a flock on a companion file, or one that waits", () => {
    expect(
      findingOf(ID, { holders: [byRange, holder({ pid: 4300, locks: [lock("RESERVED", { api: "ofd" })] })] }),
    ).toBeUndefined();
    expect(findingOf(ID, { holders: [byFlock] })).toBeUndefined();
    // Built to lock by flock, ncruces/go-sqlite3 locks the -shm file by ranges.
    const withShm = holder({ pid: 4300, locks: [flock, lock("DMS", { role: "shm" }), lock("WRITE", { role: "shm" })] });
    expect(findingOf(ID, { holders: [withShm] })).toBeUndefined();
    expect(findingOf(ID, { lockDirectory: LOCK_DIRECTORY, holders: [holder()] })).toBeUndefined();
    expect(
      findingOf(ID, { holders: [byRange, holder({ pid: 4300, locks: [{ ...flock, role: "wal" }] })] }),
    ).toBeUndefined();
    expect(
      findingOf(ID, { holders: [byRange, holder({ pid: 4300, locks: [{ ...flock, waiting: true }] })] }),
    ).toBeUndefined();
  });
});

describe("foreign-lock", () => {
  const ID = "foreign-lock";
  const foreign = lock("FOREIGN", { type: "write", start: 0n, end: null });

  test("a warning where it covers SQLite's bytes; says which bytes it has", () => {
    const finding = findingOf(ID, { holders: [holder({ locks: [foreign], blocks: ["readers", "writers"] })] });
    expect(finding).toMatchObject({ severity: "warning", pids: [4242] });
    expect(finding?.summary).toContain("a write lock (posix) on bytes 0 to the end of the database");
  });

  test("for information where it keeps nobody out, is a flock, or nobody known has it", () => {
    expect(findingOf(ID, { holders: [holder({ locks: [lock("FOREIGN", { end: 9n })] })] })).toMatchObject({
      severity: "info",
      pids: [4242],
    });
    expect(findingOf(ID, { holders: [holder({ locks: [flock] })] })).toMatchObject({
      severity: "info",
      summary: expect.stringContaining("a flock on the database"),
    });
    expect(findingOf(ID, { unownedLocks: [foreign] })).toMatchObject({ severity: "info", pids: [] });
  });

  const REMEDIES = {
    turso: "Close the database in that program",
    script: "Nothing, if",
    other: "Find out what the program",
  };

  test.each<[string, Partial<Holder>, keyof typeof REMEDIES]>([
    ["Turso", { locks: [foreign, { ...foreign, role: "wal" }] }, "turso"],
    ["a lock on the whole database alone", { locks: [foreign] }, "other"],
    ["one to read", { locks: [foreign, { ...foreign, role: "wal", type: "read" }] }, "other"],
    ["one on a part of the -wal", { locks: [foreign, { ...foreign, role: "wal", end: 31n }] }, "other"],
    [
      "flock(1)",
      { locks: [flock], handles: [handle(3, "database", { closeOnExec: false, flock: "write" })] },
      "script",
    ],
    [
      "open(…) and flock in a program",
      { locks: [flock], handles: [handle(3, "database", { closeOnExec: true, access: "read", flock: "write" })] },
      "other",
    ],
    [
      "perhaps unix-flock",
      { locks: [flock], handles: [handle(3, "database", { closeOnExec: true, flock: "write" })] },
      "other",
    ],
  ])("what to do about %s", (_, change, expected) => {
    expect(findingOf(ID, { holders: [holder(change)] })?.remedy).toContain(REMEDIES[expected]);
  });

  test("silent: SQLite's own locks, and one that still waits", () => {
    expect(findingOf(ID, { holders: [holder({ locks: [lock("EXCLUSIVE"), lock("SHARED")] })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [holder({ locks: [{ ...foreign, waiting: true }] })] })).toBeUndefined();
  });
});

describe("lock-directory", () => {
  const ID = "lock-directory";

  test("says how old it is, and who might have made it", () => {
    const seen = { takenAt: new Date(185_000) };
    const finding = findingOf(
      ID,
      { lockDirectory: LOCK_DIRECTORY, holders: [holder(), holder({ pid: 4300, locks: [lock("SHARED")] })] },
      seen,
    );
    expect(finding).toMatchObject({
      severity: "warning",
      pids: [4242],
      summary: expect.stringContaining("3 m 5 s old"),
    });
    expect(finding?.detail).toContain("4242 (python manage.py shell) holds no other lock");
    expect(finding?.remedy).toContain("Let 4242 finish");
    expect(finding?.remedy).not.toContain("rmdir");
    const nobody = findingOf(ID, { lockDirectory: LOCK_DIRECTORY }, seen);
    expect(nobody?.detail).toContain("likely the process that made it is gone");
    expect(nobody?.remedy).toContain("sudo -u '#1000' rmdir /srv/app/db.sqlite3.lock");
  });

  test("a file with a pid: it is that process's", () => {
    const lockDirectory = { ...LOCK_DIRECTORY, pid: 4300 };
    const finding = findingOf(ID, { lockDirectory, holders: [holder(), holder({ pid: 4300 })] });
    expect(finding).toMatchObject({
      pids: [4300],
      summary: expect.stringContaining("is a lock file of process 4300"),
      remedy: expect.stringMatching(/^Let 4300 finish, .* leave the file behind/),
    });
    expect(findingOf(ID, { lockDirectory })?.remedy).toContain(": sudo -u '#1000' rm /srv");
  });

  const writer = holder({ handles: [handle(3, "database"), handle(4, "journal")] });
  const journal = { hot: null, header: "valid", sizeBytes: 4616 } as const;

  test("an error where somebody is at work: nothing is to be removed, nor opened", () => {
    const finding = findingOf(ID, { lockDirectory: LOCK_DIRECTORY, holders: [writer], journal });
    expect(finding).toMatchObject({ severity: "error", pids: [4242] });
    expect(finding?.detail).toContain("has the -journal open for writing: likely the lock is in use");
    expect(finding?.remedy).toContain("do not open the database with any other program, and delete nothing beside it");
    expect(finding?.remedy).toContain(
      "\n  kill -STOP 4242; cp -a /srv/app/db.sqlite3 /srv/app/db.sqlite3-journal /a/safe/folder/; kill -CONT 4242",
    );
    expect(finding?.remedy).not.toMatch(/rmdir|PRAGMA/);
  });

  test("where somebody may be out of sight, it is not to be removed", () => {
    const unseen = { processes: 7, reasons: [], reason: "owned by other users", remedy: "run with sudo" };
    const remedy = (seen: Look) => findingOf(ID, { lockDirectory: LOCK_DIRECTORY }, seen)?.remedy;
    expect(remedy({ unseen })).toContain("7 processes could not be inspected (to see them, run with sudo)");
    for (const seen of [{ unseen }, { partialView: true }, { locksOnly: true }])
      expect(remedy(seen)).not.toContain("rmdir");
    expect(remedy({ unseen: { ...unseen, initAlone: true } })).toContain("rmdir");
  });

  test("after a writer's end its -journal may be hot", () => {
    expect(findingOf(ID, { lockDirectory: LOCK_DIRECTORY, journal })?.remedy).toMatch(
      /rmdir \S+\. Then run sqlock who-holds \S+ again: the -journal/,
    );
  });

  test("silent: there is none", () => {
    expect(findingOf(ID, { holders: [holder()] })).toBeUndefined();
  });
});

describe("other-locking", () => {
  const ID = "other-locking";
  const handles = [handle(3, "database"), handle(4, "journal")];
  const byFlock = holder({ handles, locks: [flock] });
  const journal = { hot: null, header: "valid", sizeBytes: 4616 } as const;

  test("a -journal open to write beside a flock: nothing is to be opened", () => {
    const finding = findingOf(ID, { holders: [byFlock], journal });
    expect(finding).toMatchObject({ severity: "error", pids: [4242] });
    expect(finding?.detail).toContain("likely SQLite's unix-flock");
    expect(finding?.remedy).toContain("do not open the database with any other program");
    expect(finding?.remedy).toContain("\n  kill -STOP 4242; cp -a ");
    expect(finding?.remedy).not.toContain("PRAGMA");
  });

  test("one that a parent which has ended has left", () => {
    const left = holder({ handles, parentPid: 1 });
    expect(findingOf(ID, { holders: [left] })?.detail).toContain("from a parent that has ended");
  });

  test("for information: the database is open to write, and not as SQLite opens it", () => {
    const seen = { handles: { 4242: [handleSeen({ noFollow: false })] } };
    expect(findingOf(ID, { holders: [holder()] }, seen)).toMatchObject({ severity: "info", pids: [4242] });
  });

  test("silent: what other findings tell, locks that keep SQLite out, and what SQLite has itself", () => {
    const lost = holder({ handles });
    expect(findingOf(ID, { holders: [lost], journal })).toBeUndefined();
    expect(findingOf("lost-locks", { holders: [lost], journal })).toBeDefined();
    expect(findingOf(ID, { holders: [byFlock], journal, lockDirectory: LOCK_DIRECTORY })).toBeUndefined();
    expect(findingOf(ID, { holders: [{ ...byFlock, blocks: ["readers"] }] })).toBeUndefined();
    expect(findingOf(ID, { holders: [holder({ handles, locks: [lock("RESERVED")] })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [holder({ locks: [flock] })] })).toBeUndefined();
    for (const seen of [
      handleSeen({ noFollow: true }),
      handleSeen({ noFollow: false, access: "read" }),
      handleSeen({ noFollow: false, role: "wal" }),
    ])
      expect(findingOf(ID, { holders: [holder()] }, { handles: { 4242: [seen] } })).toBeUndefined();
    const reads = holder({ locks: [lock("SHARED")] });
    const other = { handles: { 4242: [handleSeen({ noFollow: false })] } };
    expect(findingOf(ID, { holders: [reads] }, other)).toBeUndefined();
  });
});

describe("inherited-handle", () => {
  const ID = "inherited-handle";
  const wal = [handle(3, "database"), handle(4, "wal"), handle(5, "shm")];
  const parent = holder({ pid: 4100, parentPid: 1, handles: wal, locks: [lock("SHARED"), lock("DMS")] });
  const child = (change: Partial<Holder> = {}) => holder({ handles: wal, ...change });

  test("its parent's descriptors and no lock: in WAL mode that is proof, else likely", () => {
    const finding = findingOf(ID, {
      journalMode: "wal",
      holders: [parent, child(), child({ pid: 4243 }), child({ pid: 4244, parentPid: 4242 })],
    });
    expect(finding).toMatchObject({ severity: "warning", pids: [4242, 4243] });
    expect(finding?.summary).toContain(
      "4242 and 4243 have the connection of 4100 (python manage.py shell), inherited through fork: if they use it",
    );
    const rollback = findingOf(ID, { holders: [holder({ pid: 4100, parentPid: 1 }), holder()] });
    expect(rollback?.summary).toContain(
      "has the connection of 4100 (python manage.py shell), likely inherited through fork: if it uses it",
    );
    expect(rollback?.detail).toContain("happens to have the same descriptors");
  });

  test("in WAL mode, without any lock and its parent gone", () => {
    const left = child({ parentPid: 1 });
    expect(findingOf(ID, { journalMode: "wal", holders: [left] })).toMatchObject({
      pids: [4242],
      summary: expect.stringContaining("likely inherited through fork from a parent that has ended"),
    });
    expect(findingOf(ID, { journalMode: "wal", holders: [{ ...left, locks: [lock("SHARED")] }] })).toBeUndefined();
    expect(findingOf(ID, { journalMode: "wal", holders: [{ ...left, handles: wal.slice(0, 2) }] })).toBeUndefined();
    expect(
      findingOf(ID, {
        journalMode: "wal",
        holders: [{ ...left, handles: wal.map((each) => ({ ...each, access: "read" as const })) }],
      }),
    ).toBeUndefined();
    expect(findingOf(ID, { holders: [left] })).toBeUndefined();
  });

  test(
    "silent: other descriptors than its parent's, a lock of its own, another parent, or descriptors that could not " +
      "all be seen",
    () => {
      expect(findingOf(ID, { holders: [parent, child({ handles: [handle(7, "database")] })] })).toBeUndefined();
      expect(findingOf(ID, { holders: [parent, child({ locks: [lock("SHARED")] })] })).toBeUndefined();
      expect(findingOf(ID, { holders: [parent, child({ parentPid: 1 })] })).toBeUndefined();
      expect(findingOf(ID, { holders: [parent, child({ complete: false })] })).toBeUndefined();
      expect(findingOf(ID, { holders: [parent, child({ handles: [] })] })).toBeUndefined();
    },
  );

  test("silent: a script's descriptor in a subshell, with its flock or before it; told: a connection beside it", () => {
    const script = (change: Partial<Handle> = {}) =>
      handle(9, "database", { access: "read", closeOnExec: false, ...change });
    const flocked = script({ flock: "write" });
    const pair = (handles: readonly Handle[], locks: readonly Lock[]) => [
      holder({ pid: 4100, parentPid: 1, handles, locks: [...locks, lock("SHARED")] }),
      holder({ handles, locks }),
    ];
    expect(findingOf(ID, { holders: pair([script()], []) })).toBeUndefined();
    expect(findingOf(ID, { holders: pair([flocked], [flock]) })).toBeUndefined();
    expect(findingOf(ID, { holders: pair([flocked, handle(3, "database")], [flock]) })).toMatchObject({ pids: [4242] });
  });

  test("silent: a program of its own (exec) that has by chance the same descriptors", () => {
    const started = (child: bigint | null) => ({
      processes: [processSeen({ pid: 4100, stackStart: 1n }), processSeen({ pid: 4242, stackStart: child })],
    });
    const holders = [holder({ pid: 4100, parentPid: 1 }), holder()];
    expect(findingOf(ID, { holders }, started(2n))).toBeUndefined();
    expect(findingOf(ID, { holders }, started(1n))).toBeDefined();
    expect(findingOf(ID, { holders }, started(null))).toBeDefined();
  });
});
