/**
 * Which lock of SQLite a byte range is. Source: `os_unix.c` (PENDING_BYTE, RESERVED_BYTE, SHARED_FIRST, SHARED_SIZE,
 * UNIX_SHM_BASE, UNIX_SHM_DMS) and `wal.c` (WAL_WRITE_LOCK, WAL_CKPT_LOCK, WAL_RECOVER_LOCK, WAL_READ_LOCK).
 */
import type { Role } from "./roles.ts";

/** In the order in which a holder's locks are listed. */
export const LOCK_NAMES = [
  "EXCLUSIVE",
  "PENDING",
  "RESERVED",
  "SHARED",
  "WRITE",
  "CKPT",
  "RECOVER",
  "READ0",
  "READ1",
  "READ2",
  "READ3",
  "READ4",
  "DMS",
  "FOREIGN",
] as const;

/** SQLite's name of a lock; `FOREIGN` is one that SQLite did not take. */
export type LockName = (typeof LOCK_NAMES)[number];

export type LockType = "read" | "write";

/** How the lock was taken: fcntl(F_SETLK), fcntl(F_OFD_SETLK) or flock(2). */
export type LockApi = "posix" | "ofd" | "flock";

/** A range of bytes, both ends included; `end` null reaches to the end of the file, however long it grows. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint | null;
}

const PENDING_BYTE = 0x40000000n;
const RESERVED_BYTE = PENDING_BYTE + 1n;
const SHARED_FIRST = PENDING_BYTE + 2n;
const SHARED_LAST = SHARED_FIRST + 509n;

const SHM_FIRST = 120n;
const SHM_NAMES = ["WRITE", "CKPT", "RECOVER", "READ0", "READ1", "READ2", "READ3", "READ4", "DMS"] as const;
const SHM_LAST = SHM_FIRST + BigInt(SHM_NAMES.length) - 1n;

/** Whether two ranges have a byte in common. */
export function overlap(a: ByteRange, b: ByteRange): boolean {
  return (b.end === null || a.start <= b.end) && (a.end === null || b.start <= a.end);
}

function within(range: ByteRange, first: bigint, last: bigint): boolean {
  return range.start >= first && range.end !== null && range.end >= range.start && range.end <= last;
}

/**
 * The SQLite locks that one kernel lock stands for, in byte order; never empty. The kernel merges adjacent ranges of
 * one owner and type, so one range may be several locks: it is decoded by overlap. What cannot be SQLite's is
 * `FOREIGN`.
 */
export function namesOfLock(role: Role, api: LockApi, type: LockType, range: ByteRange): LockName[] {
  const names =
    api === "flock" ? [] : role === "database" ? databaseNames(type, range) : role === "shm" ? shmNames(range) : [];
  return names.length > 0 ? names : ["FOREIGN"];
}

function databaseNames(type: LockType, range: ByteRange): LockName[] {
  if (!within(range, PENDING_BYTE, SHARED_LAST)) return [];
  const reserved = overlap(range, { start: RESERVED_BYTE, end: RESERVED_BYTE });
  if (reserved && type === "read") return []; // SQLite tests RESERVED with F_GETLK, it never read-locks it
  const names: LockName[] = [];
  if (range.start === PENDING_BYTE) names.push("PENDING");
  if (reserved) names.push("RESERVED");
  if (overlap(range, { start: SHARED_FIRST, end: SHARED_LAST })) names.push(type === "write" ? "EXCLUSIVE" : "SHARED");
  return names;
}

function shmNames(range: ByteRange): LockName[] {
  if (!within(range, SHM_FIRST, SHM_LAST)) return [];
  return SHM_NAMES.slice(Number(range.start - SHM_FIRST), Number((range.end ?? SHM_LAST) - SHM_FIRST) + 1);
}

/**
 * What SQLite's users cannot do because of a lock that is not SQLite's, by the bytes of SQLite's it covers. A flock(2)
 * never conflicts with the fcntl locks of SQLite's default build, so it blocks nobody of them.
 */
export function foreignConflicts(
  role: Role,
  api: LockApi,
  type: LockType,
  range: ByteRange,
): ReadonlySet<"SHARED" | "RESERVED" | "EXCLUSIVE" | "WRITE" | "CKPT" | "READ" | "DMS"> {
  const hit = new Set<"SHARED" | "RESERVED" | "EXCLUSIVE" | "WRITE" | "CKPT" | "READ" | "DMS">();
  if (api === "flock") return hit;
  const covers = (first: bigint, last = first) => overlap(range, { start: first, end: last });
  if (role === "database") {
    if (covers(PENDING_BYTE) || covers(SHARED_FIRST, SHARED_LAST)) hit.add(type === "write" ? "SHARED" : "EXCLUSIVE");
    if (covers(RESERVED_BYTE)) hit.add("RESERVED");
  } else if (role === "shm") {
    if (covers(SHM_FIRST)) hit.add("WRITE");
    if (covers(SHM_FIRST + 1n)) hit.add("CKPT");
    if (type === "write" && covers(SHM_FIRST + 3n, SHM_FIRST + 7n)) hit.add("READ");
    if (type === "write" && covers(SHM_LAST)) hit.add("DMS");
  }
  return hit;
}
