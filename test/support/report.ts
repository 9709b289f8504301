/** Holders, databases and reports as a test wants them: plausible, less what it says. */

import type { Related } from "../../src/model/relate.ts";
import type { Blocker, DatabaseReport, Handle, Holder, Lock, Report } from "../../src/model/report.ts";
import type { Circumstances } from "../../src/model/verdict.ts";
import type { LockName } from "../../src/sqlite/locks.ts";
import type { Role } from "../../src/sqlite/roles.ts";

const SHM: readonly LockName[] = ["WRITE", "CKPT", "RECOVER", "READ0", "READ1", "READ2", "READ3", "READ4", "DMS"];

/** To read for SHARED, READ*k* and DMS; else to write. */
export function lock(name: LockName, change: Partial<Lock> = {}): Lock {
  const reads = name === "SHARED" || name === "DMS" || name.startsWith("READ");
  return {
    name,
    role: SHM.includes(name) ? "shm" : "database",
    type: reads ? "read" : "write",
    api: "posix",
    start: 0n,
    end: 0n,
    waiting: false,
    ...change,
  };
}

export function handle(fd: number, role: Role, change: Partial<Handle> = {}): Handle {
  const path = `/srv/app/db.sqlite3${role === "database" ? "" : `-${role}`}`;
  return { fd, role, path, access: "read-write", deleted: false, moved: false, ...change };
}

/** A shell on a terminal that has the database open and does nothing. */
export function holder(change: Partial<Holder> = {}): Holder {
  return {
    pid: 4242,
    parentPid: 4100,
    user: "web",
    uid: 1000,
    name: "python",
    commandLine: ["python", "manage.py", "shell"],
    state: "sleeping",
    frozen: null,
    uninterruptible: null,
    startedAt: new Date("2026-01-02T03:04:05.678Z"),
    startTicks: 391571n,
    terminal: "pts/3",
    unit: null,
    unitManager: null,
    unitUid: null,
    container: null,
    containerUid: null,
    openFiles: 41,
    openFilesLimit: 1024,
    handles: [handle(3, "database")],
    locks: [],
    activity: "idle",
    blocks: [],
    readMark: null,
    idleMs: 252_000,
    heldAtLeastMs: null,
    heldLikelyMs: null,
    heldLikelyBasis: null,
    stale: [],
    complete: true,
    ...change,
  };
}

/** One with a forgotten write transaction in WAL mode. */
export const walWriter = (change: Partial<Holder> = {}): Holder =>
  holder({
    handles: [handle(3, "database"), handle(4, "wal"), handle(5, "shm")],
    locks: [lock("WRITE"), lock("READ1"), lock("SHARED"), lock("DMS")],
    activity: "writing",
    blocks: ["writers", "checkpoints", "journal-mode"],
    readMark: 3021,
    heldAtLeastMs: 252_000,
    stale: ["idle-in-transaction"],
    ...change,
  });

/** By the write lock of the holder. */
export function blocker(change: Partial<Blocker> = {}): Blocker {
  const base = { pid: 4242, lock: "RESERVED", effect: "writers", sure: "proved" } as const;
  return { ...base, heldAtLeastMs: null, heldLikelyMs: null, waitsFor: [], ...change };
}

export function database(change: Partial<Related> = {}): Related {
  return {
    path: "/srv/app/db.sqlite3",
    givenAs: "db.sqlite3",
    journalMode: "rollback",
    header: "database",
    sizeBytes: 49152,
    pageSize: 4096,
    pageCount: 12,
    fileSystem: { type: "ext4", mountPoint: "/", network: false, readOnly: false },
    files: [{ role: "database", path: "/srv/app/db.sqlite3", sizeBytes: 49152, device: 2049n, inode: 2155506n }],
    wal: null,
    journal: null,
    lockDirectory: null,
    holders: [],
    unownedLocks: [],
    unownedSearched: null,
    changesHands: [],
    blockers: [],
    waits: [],
    progress: null,
    ...change,
  };
}

/** Of a WAL whose frames a read at frame 10 keeps from being copied back. */
export function wal(change: Partial<NonNullable<DatabaseReport["wal"]>> = {}): NonNullable<DatabaseReport["wal"]> {
  return {
    frames: 3021,
    uncommittedFrames: 0,
    checkpointedFrames: 10,
    checkpointedKnown: true,
    readMarks: [0, 10, null, null, null],
    unreadBytes: 0,
    complete: true,
    ...change,
  };
}

/** Of a look that saw everything, and found nothing. */
export function circumstances(change: Partial<Circumstances> = {}): Circumstances {
  return {
    source: "proc",
    unseen: null,
    partialView: false,
    locksOnly: false,
    childNamespace: false,
    findings: [],
    unsafe: [],
    ...change,
  };
}

export function databaseReport(change: Partial<DatabaseReport> = {}): DatabaseReport {
  const verdict = { state: "free", blocks: [], pids: [], sentence: "Not locked, nobody has it open." } as const;
  return { ...database(), verdict, summary: [], findings: [], ...change };
}

export function report(databases: Report["databases"], change: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    sqlock: "0.1.0",
    takenAt: new Date("2026-01-02T03:04:05.678Z"),
    source: "proc",
    viewer: { uid: 0 },
    databases,
    unseen: null,
    ...change,
  };
}
