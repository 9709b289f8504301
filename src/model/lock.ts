/** From the kernel's locks to SQLite's. Pure. */
import type { KernelLock } from "../proc/locks.ts";
import type { JournalMode } from "../sqlite/header.ts";
import { namesOfLock } from "../sqlite/lock-bytes.ts";
import { compareLocks } from "../sqlite/locks.ts";
import type { Role } from "../sqlite/roles.ts";
import type { Lock } from "./report.ts";
import type { HandleSeen, Target } from "./snapshot.ts";

/** One lock of the kernel is one of SQLite's, or several that it has merged. */
export function decode(role: Role, lock: KernelLock): Lock[] {
  return namesOfLock(role, lock.api, lock.type, lock).map((name) => ({
    name,
    role,
    type: lock.type,
    api: lock.api,
    start: lock.start,
    end: lock.end,
    waiting: lock.waiting,
  }));
}

export function locksOfHandle(handle: HandleSeen): Lock[] {
  return (handle.info?.locks ?? []).flatMap((lock) => decode(handle.role, lock));
}

/**
 * Those, by key, that no handle on a file which is still the database's shows as well. Without a database at the path
 * these are all: a program that opens the path makes a new file, and none of them blocks it.
 */
export function locksOnLostFiles(handles: readonly HandleSeen[], target: Target): Set<string> {
  const isGone = target.files.length === 0;
  const isLost = (handle: HandleSeen) => isGone || ((handle.deleted || handle.moved) && !isFileOf(target, handle));
  const keysOf = (some: readonly HandleSeen[]) => some.flatMap((handle) => locksOfHandle(handle).map(keyOf));
  const kept = new Set(keysOf(handles.filter((handle) => !isLost(handle))));
  return new Set(keysOf(handles.filter(isLost)).filter((key) => !kept.has(key)));
}

/**
 * Those, by key, on the -shm of a database that was deleted or moved away, beside a file in rollback mode that has its
 * name now: SQLite opens that one without the -shm. Source: pagerOpenWalIfPresent (pager.c)
 */
export function locksBesideRollback(handles: readonly HandleSeen[], target: Target, mode: JournalMode): Set<string> {
  const databases = handles.filter(({ role }) => role === "database");
  const isElsewhere = databases.length > 0 && databases.every((handle) => !isFileOf(target, handle));
  if (mode !== "rollback" || !isElsewhere) return new Set();
  return keysOfLocks(handles.filter(({ role }) => role === "shm"));
}

/**
 * Descriptors on the -wal and -shm of another name (hard link) of the same database: a program that opens it by the
 * target's name has files and locks of its own there. Source: https://www.sqlite.org/howtocorrupt.html §2.5
 */
export function companionsOfOtherName(handles: readonly HandleSeen[], target: Target): HandleSeen[] {
  const file = target.files.find(({ role }) => role === "database");
  if (file === undefined || file.links < 2) return [];
  const isOpen = ({ deleted, moved, view }: HandleSeen) => !deleted && !moved && view === undefined;
  const database = handles.find((handle) => handle.role === "database" && isOpen(handle) && isFileOf(target, handle));
  if (database === undefined || database.path === target.path) return [];
  return handles.filter((handle) => isWalCompanion(handle) && isOpen(handle) && !isFileOf(target, handle));
}

function isWalCompanion({ role }: HandleSeen): boolean {
  return role === "wal" || role === "shm";
}

/** Whether it is on a file of the target: also one that was deleted, by a descriptor or another name (a hard link). */
export function isFileOf({ files }: Target, { file }: HandleSeen): boolean {
  return files.some(({ device, inode }) => file === `${device}:${inode}`);
}

/** The same for the same lock. */
export function keyOf(lock: Lock): string {
  return Object.values(lock).join(" ");
}

/** Of all locks on these descriptors. */
export function keysOfLocks(handles: readonly HandleSeen[]): Set<string> {
  return new Set(handles.flatMap((handle) => locksOfHandle(handle).map(keyOf)));
}

/** Each lock once, the strongest first. */
export function distinct(locks: readonly Lock[]): Lock[] {
  const each = new Map(locks.map((lock) => [keyOf(lock), lock]));
  return [...each.values()].sort(compareLocks);
}

/**
 * The owner of a lock, where the line proves it. A flock may outlive the process that took it, whose pid may then be
 * another's.
 */
export function ownerOf(lock: KernelLock): number | null {
  return lock.api === "posix" ? lock.pid : null;
}
