/**
 * The lock bytes of a file as slots, for the hot path: numbers alone. A database has PENDING, RESERVED and the bytes of
 * SHARED; a -shm has its bytes 120 to 128. The last slot is for ranges that SQLite does not lock.
 */
import { namesOfLock } from "../../sqlite/lock-bytes.ts";
import { LOCKS, type LockName, type LockType } from "../../sqlite/locks.ts";

export type LockedRole = "database" | "shm";

/** One lock of SQLite in a range of bytes. */
export interface Segment {
  readonly slot: number;
  readonly start: number;
  readonly end: number;
  readonly name: LockName;
}

/** First and last byte of each slot, in byte order. */
const BYTES: Record<LockedRole, readonly (readonly [number, number])[]> = {
  database: bytesOf("database"),
  shm: bytesOf("shm"),
};

export const SLOTS = Math.max(BYTES.database.length, BYTES.shm.length) + 1;
export const FOREIGN_SLOT = SLOTS - 1;

/** Slots of the database. */
export const PENDING = 0;
export const RESERVED = 1;
export const SHARED = 2;
/** Slots of the -shm. */
export const WRITE = 0;
export const CKPT = 1;
export const RECOVER = 2;
export const READ0 = 3;
export const READ4 = 7;
export const DMS = 8;

/** The first byte that SQLite locks in a database: those of a -shm are all before it. */
export const PENDING_BYTE = BYTES.database[PENDING]?.[0] ?? Number.NaN;
export const RESERVED_BYTE = BYTES.database[RESERVED]?.[0] ?? Number.NaN;
/** The byte of the dead man's switch, which shows that a -shm is opened. */
export const DMS_BYTE = BYTES.shm[DMS]?.[0] ?? Number.NaN;

/** SQLite's lock of the one writer: RESERVED, PENDING and EXCLUSIVE of a database, WRITE of a -shm. */
export function isWriteSlot(file: { readonly role: LockedRole }, slot: number, type: LockType): boolean {
  if (type !== "write") return false;
  return file.role === "database" ? slot === PENDING || slot === RESERVED || slot === SHARED : slot === WRITE;
}

export function isReadSlot(file: { readonly role: LockedRole }, slot: number, type: LockType): boolean {
  if (type !== "read") return false;
  return file.role === "database" ? slot === SHARED : slot >= READ0 && slot <= READ4;
}

function bytesOf(file: LockedRole): (readonly [number, number])[] {
  const starts = new Map(
    LOCKS.filter((row) => row.file === file).map(({ bytes: [start, end] }) => [Number(start), Number(end)]),
  );
  return [...starts].sort(([a], [b]) => a - b);
}

type Cache = Map<number, Map<number, readonly Segment[]>>;
/** More ranges than SQLite ever locks: only a foreign program locks so many different ones. */
const CACHED = 500;
const caches: Record<LockedRole, Record<LockType, Cache>> = {
  database: { read: new Map(), write: new Map() },
  shm: { read: new Map(), write: new Map() },
};

/** The locks that a range of bytes covers; never empty. `end` is Infinity for "to the end of the file". */
export function segmentsOf(role: LockedRole, type: LockType, start: number, end: number): readonly Segment[] {
  const cache = caches[role][type];
  const found = cache.get(start)?.get(end);
  if (found !== undefined) return found;
  const segments = decode(role, type, start, end);
  if (cache.size >= CACHED) cache.clear();
  let byEnd = cache.get(start);
  if (byEnd === undefined) {
    byEnd = new Map();
    cache.set(start, byEnd);
  }
  if (byEnd.size >= CACHED) byEnd.clear();
  byEnd.set(end, segments);
  return segments;
}

function decode(role: LockedRole, type: LockType, start: number, end: number): readonly Segment[] {
  const range = { start: BigInt(start), end: Number.isFinite(end) ? BigInt(end) : null };
  const names = namesOfLock(role, "posix", type, range);
  const segments = BYTES[role].flatMap(([first, last], slot): Segment[] => {
    const name = names.find((each) =>
      LOCKS.some((row) => row.file === role && row.name === each && Number(row.bytes[0]) === first),
    );
    if (name === undefined || start > last || end < first) return [];
    return [{ slot, start: Math.max(start, first), end: Math.min(end, last), name }];
  });
  return segments.length > 0 ? segments : [{ slot: FOREIGN_SLOT, start, end, name: "FOREIGN" }];
}
