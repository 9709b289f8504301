/**
 * Every lock of SQLite in one table: its file, its bytes, and what it keeps other connections from. Everything that
 * decodes a lock or concludes from it reads this table.
 * Source: `os_unix.c` (PENDING_BYTE, RESERVED_BYTE, SHARED_FIRST, SHARED_SIZE, UNIX_SHM_BASE, UNIX_SHM_DMS), `wal.c`
 * (WAL_WRITE_LOCK, WAL_CKPT_LOCK, WAL_RECOVER_LOCK, WAL_READ_LOCK), https://www.sqlite.org/lockingv3.html and
 * https://www.sqlite.org/wal.html#concurrency.
 */
import type { Role } from "./roles.ts";

/** The first that applies to a holder is its activity. */
export const ACTIVITIES = [
  "exclusive",
  "recovering",
  "checkpointing",
  "committing",
  "writing",
  "reading",
  "idle",
] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** What a lock keeps other connections from. */
export const BLOCKS = ["readers", "writers", "commits", "checkpoints", "journal-mode"] as const;
export type Block = (typeof BLOCKS)[number];

export type LockType = "read" | "write";

/** How the lock was taken: fcntl(F_SETLK), fcntl(F_OFD_SETLK) or flock(2). */
export type LockApi = "posix" | "ofd" | "flock";

/** What a read lock or a write lock means. What differs in WAL mode has a field of its own. */
export interface LockEffect {
  /** What its holder is doing. */
  readonly activity: Activity;
  readonly activityInWal?: Activity;
  /** What other connections cannot do while it is held. */
  readonly keepsOut: readonly Block[];
  readonly keepsOutInWal?: readonly Block[];
  /** What no connection can do while it cannot take this lock, because a lock of another program is on its bytes. */
  readonly neededFor?: readonly Block[];
  readonly neededInWal?: readonly Block[];
}

export interface LockRow {
  readonly name: string;
  /** The file on which it is taken. */
  readonly file: Extract<Role, "database" | "shm">;
  /** The first and the last byte. */
  readonly bytes: readonly [bigint, bigint];
  /** Undefined where SQLite never takes it as a read lock, or as a write lock. */
  readonly read?: LockEffect;
  readonly write?: LockEffect;
  /** Its holder is the only writer: every other one is refused. */
  readonly isWriteLock?: true;
  /** The read mark of the wal-index at which it pins a reader (READ*k*: k). */
  readonly pins?: number;
}

const PENDING_BYTE = 0x40000000n;
const SHM_BASE = 120n;
const ALL_CONNECTIONS: readonly Block[] = ["readers", "writers", "journal-mode"];
const NEEDED_TO_COMMIT = { neededFor: ["commits", "journal-mode"], neededInWal: ["journal-mode"] } as const;

/**
 * The strongest first: what keeps readers out, what keeps writers out, then the others. Those that every connection in
 * WAL mode holds while it is open come last.
 */
const ROWS = [
  {
    name: "EXCLUSIVE",
    file: "database",
    bytes: [PENDING_BYTE + 2n, PENDING_BYTE + 511n],
    write: { activity: "exclusive", keepsOut: ALL_CONNECTIONS, ...NEEDED_TO_COMMIT },
    isWriteLock: true,
  },
  {
    name: "PENDING",
    file: "database",
    bytes: [PENDING_BYTE, PENDING_BYTE],
    read: { activity: "reading", keepsOut: [], neededFor: ALL_CONNECTIONS }, // every new reader takes it for a moment
    write: { activity: "committing", keepsOut: ALL_CONNECTIONS, ...NEEDED_TO_COMMIT },
    isWriteLock: true,
  },
  {
    name: "RECOVER",
    file: "shm",
    bytes: [SHM_BASE + 2n, SHM_BASE + 2n],
    write: { activity: "recovering", keepsOut: ["readers", "writers", "checkpoints", "journal-mode"] },
  },
  {
    name: "RESERVED",
    file: "database",
    bytes: [PENDING_BYTE + 1n, PENDING_BYTE + 1n],
    // In WAL mode it is taken only to change the journal mode.
    write: { activity: "writing", keepsOut: ["writers", "journal-mode"], neededFor: ["writers"], neededInWal: [] },
    isWriteLock: true,
  },
  {
    name: "WRITE",
    file: "shm",
    bytes: [SHM_BASE, SHM_BASE],
    write: { activity: "writing", keepsOut: ["writers", "checkpoints", "journal-mode"], neededFor: ["writers"] },
    isWriteLock: true,
  },
  {
    name: "CKPT",
    file: "shm",
    bytes: [SHM_BASE + 1n, SHM_BASE + 1n],
    write: { activity: "checkpointing", keepsOut: ["checkpoints", "journal-mode"], neededFor: ["checkpoints"] },
  },
  readLock("READ0", 0),
  readLock("READ1", 1),
  readLock("READ2", 2),
  readLock("READ3", 3),
  readLock("READ4", 4),
  {
    name: "SHARED",
    file: "database",
    bytes: [PENDING_BYTE + 2n, PENDING_BYTE + 511n],
    read: {
      activity: "reading",
      keepsOut: ["commits", "journal-mode"],
      activityInWal: "idle", // every connection holds it while it is open
      keepsOutInWal: ["journal-mode"],
      neededFor: ALL_CONNECTIONS,
    },
  },
  {
    name: "DMS",
    file: "shm",
    bytes: [SHM_BASE + 8n, SHM_BASE + 8n],
    read: { activity: "idle", keepsOut: [], neededFor: ALL_CONNECTIONS },
    write: { activity: "recovering", keepsOut: ["readers", "writers"] }, // the first opener initialises the wal-index
  },
] as const satisfies readonly LockRow[];

/**
 * A checkpoint takes a write lock, beside CKPT, which determines the activity. A read lock keeps checkpoints out only
 * while it pins frames (activity.ts).
 */
function readLock<Name extends string>(name: Name, k: number) {
  const byte = SHM_BASE + 3n + BigInt(k);
  return {
    name,
    file: "shm",
    bytes: [byte, byte],
    read: { activity: "reading", keepsOut: ["checkpoints", "journal-mode"], neededFor: ["readers"] },
    write: { activity: "idle", keepsOut: [] },
    pins: k,
  } as const;
}

export type SqliteLockName = (typeof ROWS)[number]["name"];

/** SQLite's name of a lock; `FOREIGN` for a lock that SQLite did not take. */
export type LockName = SqliteLockName | "FOREIGN";

export const LOCKS: readonly (LockRow & { readonly name: SqliteLockName })[] = ROWS;

const isOfConnection = ({ read }: LockRow) => read?.activityInWal === "idle" || read?.activity === "idle";

/** The strongest first: the order in which locks are listed everywhere. */
export const LOCK_NAMES: readonly LockName[] = [
  ...LOCKS.filter((row) => !isOfConnection(row)).map(({ name }) => name),
  "FOREIGN",
  ...LOCKS.filter(isOfConnection).map(({ name }) => name),
];

/** For sorting: the strongest first, those that are only waited for last. */
export function compareLocks(
  a: { readonly name: LockName; readonly waiting: boolean },
  b: { readonly name: LockName; readonly waiting: boolean },
): number {
  return Number(a.waiting) - Number(b.waiting) || LOCK_NAMES.indexOf(a.name) - LOCK_NAMES.indexOf(b.name);
}

const BY_NAME = new Map<LockName, (typeof LOCKS)[number]>(LOCKS.map((row) => [row.name, row]));

/** Null for FOREIGN. */
export function lockRow(name: LockName): (typeof LOCKS)[number] | null {
  return BY_NAME.get(name) ?? null;
}

/** Its holder is the only writer. WAL mode: WRITE; rollback mode: RESERVED, and PENDING and EXCLUSIVE after it. */
export function isWriteLock({ name, type }: { readonly name: LockName; readonly type: LockType }): boolean {
  return type === "write" && lockRow(name)?.isWriteLock === true;
}

/** The k of a read lock on READ*k*; null for every other lock. */
export function readMarkPinned({ name, type }: { readonly name: LockName; readonly type: LockType }): number | null {
  return type === "read" ? (lockRow(name)?.pins ?? null) : null;
}

/** What a lock of SQLite means in a journal mode; null for FOREIGN. */
export function effectOfLock(
  { name, type }: { readonly name: LockName; readonly type: LockType },
  wal: boolean,
): { readonly activity: Activity; readonly keepsOut: readonly Block[] } | null {
  const row = lockRow(name);
  const effect = row?.[type] ?? row?.write ?? row?.read;
  if (effect === undefined) return null;
  return {
    activity: (wal ? effect.activityInWal : undefined) ?? effect.activity,
    keepsOut: (wal ? effect.keepsOutInWal : undefined) ?? effect.keepsOut,
  };
}

/** A lock that every connection in WAL mode holds while it is open: it is no sign of a transaction. */
export function isHeldWhileOpen({ name, type }: { readonly name: LockName; readonly type: LockType }): boolean {
  return type === "read" && effectOfLock({ name, type }, true)?.activity === "idle";
}

/** Whether a lock keeps readers or writers out, by its name and type alone. False for FOREIGN. */
export function keepsReadersOrWritersOut(lock: { readonly name: LockName; readonly type: LockType }): boolean {
  const keepsOut = effectOfLock(lock, false)?.keepsOut ?? [];
  return keepsOut.includes("readers") || keepsOut.includes("writers");
}
