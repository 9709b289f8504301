/** A look at the machine as a test wants it, before anything is concluded from it. */
import type { FileFacts } from "../../src/model/file-facts.ts";
import type { DatabaseSnapshot, HandleSeen, ProcessSeen, Snapshot, Target } from "../../src/model/snapshot.ts";
import type { FdInfo } from "../../src/proc/fdinfo.ts";
import type { KernelLock } from "../../src/proc/locks.ts";
import { ROLES, type Role } from "../../src/sqlite/roles.ts";

const INODES = Object.fromEntries(ROLES.map((role, i) => [role, 100n + BigInt(i)])) as Record<Role, bigint>;

/** To read the SHARED range of the database. */
export function kernelLock(change: Partial<KernelLock> = {}): KernelLock {
  return {
    api: "posix",
    type: "read",
    pid: 4242,
    device: "254:0",
    inode: INODES.database,
    start: 1073741826n,
    end: 1073742335n,
    waiting: false,
    ...change,
  };
}

export const reserved = (pid: number): KernelLock =>
  kernelLock({ pid, type: "write", start: 1073741825n, end: 1073741825n });

export const exclusive = (pid: number): KernelLock =>
  kernelLock({ pid, type: "write", start: 1073741824n, end: 1073742335n });

/** A lock on one byte of the -shm, or some. */
export function shmLock(pid: number, first: number, last = first, type: KernelLock["type"] = "read"): KernelLock {
  return kernelLock({ pid, type, inode: INODES.shm, start: BigInt(first), end: BigInt(last) });
}

type HandleChange = Partial<Omit<HandleSeen, "info">> & {
  readonly locks?: readonly KernelLock[];
  readonly access?: FdInfo["access"];
  readonly closeOnExec?: boolean;
  readonly noFollow?: boolean;
};

export function handleSeen({
  locks = [],
  access = "read-write",
  closeOnExec = true,
  noFollow = true,
  ...change
}: HandleChange = {}): HandleSeen {
  const role = change.role ?? "database";
  const path = `/srv/db${role === "database" ? "" : `-${role}`}`;
  const info: FdInfo = { access, closeOnExec, append: false, noFollow, mountId: 27, inode: INODES[role], locks };
  return { fd: 3, role, path, deleted: false, moved: false, file: `65024:${INODES[role]}`, info, ...change };
}

export function processSeen(change: Partial<ProcessSeen> = {}): ProcessSeen {
  return {
    pid: 4242,
    startTicks: 391571n,
    parentPid: 4100,
    stackStart: null,
    uid: 1000,
    user: "web",
    name: "python",
    commandLine: ["python", "app.py"],
    state: "sleeping",
    frozen: null,
    uninterruptible: null,
    startedAt: null,
    terminal: null,
    unit: null,
    unitManager: null,
    unitUid: null,
    container: null,
    containerUid: null,
    orphaned: false,
    openFiles: 5,
    openFilesLimit: 1024,
    idleMs: 60_000,
    idleProvesLocks: true,
    livingIdleMs: change.idleMs === undefined ? 60_000 : change.idleMs,
    credentials: { uid: 1000, realUid: 1000, groups: [1000], overridesRights: false },
    sleepsInTimer: false,
    nothingElseRuns: false,
    complete: true,
    ...change,
  };
}

export const ROLLBACK: FileFacts = {
  readable: true,
  header: "database",
  journalMode: "rollback",
  pageSize: 4096,
  pageCount: 12,
  wal: null,
  journal: null,
  commits: null,
};

export const WAL: FileFacts = {
  ...ROLLBACK,
  journalMode: "wal",
  wal: {
    frames: 3021,
    uncommittedFrames: 0,
    checkpointedFrames: 12,
    readMarks: [0, 3021, 512, null, null],
    live: true,
    pageSize: 4096,
    pageCount: 0,
    besideRollback: false,
    lostCommits: 0,
    unreadBytes: 0,
    complete: true,
  },
};

const TARGET: Target = {
  givenAs: "db",
  path: "/srv/db",
  files: [
    {
      role: "database",
      path: "/srv/db",
      sizeBytes: 49152n,
      device: 65024n,
      inode: INODES.database,
      lockDevice: "254:0",
      lockInode: INODES.database,
      mountId: 27,
      rights: { mode: 0o644, uid: 1000, gid: 1000 },
      links: 1,
      bornMs: Date.UTC(2026, 0, 1),
      writtenMs: Date.UTC(2026, 0, 2),
      changedMs: Date.UTC(2026, 0, 2),
    },
  ],
  oddCompanions: [],
  fileSystem: { type: "ext4", mountPoint: "/", network: false, readOnly: false },
  space: { freeBytes: 50 * 2 ** 30, reservedBytes: 0, totalBytes: 100 * 2 ** 30, freeInodes: 1_000_000 },
  wentReadOnly: null,
  mountOptions: ["rw"],
  folder: { mode: 0o755, uid: 1000, gid: 1000 },
  lookAs: null,
  lockDirectorySince: null,
};

export interface Look {
  readonly facts?: FileFacts;
  readonly handles?: Record<number, readonly HandleSeen[]>;
  readonly systemLocks?: DatabaseSnapshot["systemLocks"];
  readonly target?: Partial<Target>;
  readonly processes?: readonly ProcessSeen[];
  readonly takenAt?: Date;
  readonly source?: Snapshot["source"];
  readonly partialView?: boolean;
  readonly childNamespace?: boolean;
  readonly locksOnly?: boolean;
  readonly locksReadInPart?: boolean;
  readonly unseen?: Snapshot["unseen"];
  readonly changing?: DatabaseSnapshot["changing"];
  readonly searched?: Snapshot["searched"];
  readonly viewer?: Snapshot["viewer"];
}

/** One database, and the processes that have it. */
export function look({
  facts = ROLLBACK,
  handles = {},
  systemLocks = [],
  target = {},
  processes = [],
  source = "proc",
  partialView = false,
  childNamespace = false,
  locksOnly = false,
  locksReadInPart = false,
  unseen = null,
  takenAt = new Date(0),
  changing = [],
  searched = "everything",
  viewer = { uid: 0 },
}: Look): [DatabaseSnapshot, Snapshot] {
  const byPid = new Map(Object.entries(handles).map(([pid, each]) => [Number(pid), each]));
  const database: DatabaseSnapshot = { target: { ...TARGET, ...target }, facts, handles: byPid, systemLocks, changing };
  const known = new Map(
    [...byPid.keys(), ...systemLocks.flatMap(({ lock }) => lock.pid ?? [])].map((pid) => [pid, processSeen({ pid })]),
  );
  for (const process of processes) known.set(process.pid, process);
  return [
    database,
    {
      source,
      viewer,
      takenAt,
      databases: [database],
      processes: known,
      unseen,
      partialView,
      searched,
      locksOnly,
      locksReadInPart,
      childNamespace,
    },
  ];
}

/** A file of the target, as it lies beside the database unless the test says otherwise. */
export function targetFile(role: Role, change: Partial<Target["files"][number]> = {}): Target["files"][number] {
  const [file] = TARGET.files;
  if (file === undefined) throw new Error("the target has a database");
  return {
    ...file,
    role,
    path: `/srv/db${role === "database" ? "" : `-${role}`}`,
    inode: INODES[role],
    lockInode: INODES[role],
    ...change,
  };
}
