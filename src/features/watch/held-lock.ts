/** A lock as watch shows it, and what its name says about it (sqlite/locks.ts). Pure. */
import type { Lock } from "../../model/report.ts";
import { isHeldWhileOpen, isWriteLock, LOCK_NAMES, type LockName, lockRow } from "../../sqlite/locks.ts";
import type { WatchEvent } from "./event.ts";

/** Without its bytes, which no event has. */
export type LockView = Pick<Lock, "name" | "role" | "type" | "api" | "waiting">;

/** Tells the locks of one process on one database apart: the kernel merges a lock with its neighbours. */
export function lockKey({ name, role, type, api }: LockView): string {
  return `${name} ${role} ${type} ${api}`;
}

/** Of an event of a lock; null for other events. */
export function lockOfEvent({ lock, role, type, api }: WatchEvent): LockView | null {
  return lock === null || role === null || type === null || api === null
    ? null
    : { name: lock, role, type, api, waiting: false };
}

/** Every connection in WAL mode has it as long as it is open. */
export function isConnectionLock(name: LockName): boolean {
  return isHeldWhileOpen({ name, type: "read" });
}

/** SQLite takes it to read, not to become the writer. */
export function isReaderLock(name: LockName): boolean {
  const row = lockRow(name);
  return row?.read !== undefined && row.isWriteLock !== true;
}

/**
 * Whether taking it deserves a line: it is a write lock, but not on a read mark or a connection lock (those are taken
 * for a moment). A stronger write lock on the same file belongs to the transaction that took the weaker one.
 */
export function isNotable(lock: LockView, others: readonly LockView[]): boolean {
  if (lock.type !== "write" || lockRow(lock.name)?.pins !== undefined || isConnectionLock(lock.name)) return false;
  const strengthens = (other: LockView) =>
    isWriteLock(other) && other.role === lock.role && LOCK_NAMES.indexOf(lock.name) < LOCK_NAMES.indexOf(other.name);
  return !(isWriteLock(lock) && others.some(strengthens));
}
