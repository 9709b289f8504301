/** Which locks of SQLite a byte range stands for. Pure. */
import { BLOCKS, type Block, LOCKS, type LockApi, type LockName, type LockType } from "./locks.ts";
import type { Role } from "./roles.ts";

/** A range of bytes, both ends included; `end` null: to the end of the file, however long it grows. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint | null;
}

/** Whether two ranges have a byte in common. */
export function overlap(a: ByteRange, b: ByteRange): boolean {
  return (b.end === null || a.start <= b.end) && (a.end === null || b.start <= a.end);
}

function within(range: ByteRange, first: bigint, last: bigint): boolean {
  return range.start >= first && range.end !== null && range.end >= range.start && range.end <= last;
}

/**
 * The SQLite locks for which one kernel lock stands, in byte order; never empty. The kernel merges adjacent ranges of
 * one owner and type, so one range may be several locks: it is decoded by overlap. A range that SQLite never locks is
 * `FOREIGN`.
 */
export function namesOfLock(role: Role, api: LockApi, type: LockType, range: ByteRange): LockName[] {
  const rows = LOCKS.filter(({ file }) => file === role).sort((a, b) => Number(a.bytes[0] - b.bytes[0]));
  const first = rows[0]?.bytes[0];
  const last = rows.at(-1)?.bytes[1];
  if (api === "flock" || first === undefined || last === undefined || !within(range, first, last)) return ["FOREIGN"];
  const covered = rows.filter(({ bytes: [start, end] }) => overlap(range, { start, end }));
  if (role === "shm") return covered.map(({ name }) => name);
  // SQLite tests RESERVED with F_GETLK and never read-locks it. A write lock on the bytes of SHARED is EXCLUSIVE.
  const names = covered.filter((row) => row[type] !== undefined);
  const starts = new Set(names.map(({ bytes }) => bytes[0]));
  return covered.every(({ bytes }) => starts.has(bytes[0])) ? names.map(({ name }) => name) : ["FOREIGN"];
}

/** What SQLite's connections cannot do because of a lock of another program, by the lock bytes that it covers. */
export function blocksOfForeignLock(role: Role, api: LockApi, type: LockType, range: ByteRange, wal: boolean): Block[] {
  if (api === "flock") return []; // it never conflicts with the fcntl locks of SQLite's default build
  const covered = LOCKS.filter(({ file, bytes: [start, end] }) => file === role && overlap(range, { start, end }));
  const refused = covered.flatMap(({ read, write }) => (type === "write" ? [read, write] : [write]));
  const blocks = new Set(
    refused.flatMap((effect) => (wal ? effect?.neededInWal : undefined) ?? effect?.neededFor ?? []),
  );
  if (blocks.has("readers") && blocks.has("writers")) blocks.delete("commits"); // no connection gets that far
  return BLOCKS.filter((block) => blocks.has(block));
}
