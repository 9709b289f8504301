/** Which lines of /proc/locks say something that the descriptors of the processes do not already say, and better. */

import type { HandleSeen } from "../../../model/snapshot.ts";
import type { KernelLock } from "../../../proc/locks.ts";

/** What could be looked into. */
export interface View {
  /** Handles of every process that has any, by pid. */
  readonly handles: ReadonlyMap<number, readonly HandleSeen[]>;
  /** Processes that could not be looked into. */
  readonly denied: ReadonlySet<number>;
  /**
   * Every process was looked into: a lock that no descriptor shows is not on this file (btrfs subvolumes share inode
   * numbers).
   */
  readonly whole: boolean;
}

/**
 * Descriptors are exact, and read at one moment for a file; /proc/locks also has the waiters and the processes that
 * cannot be looked into. So of the latter count: what waits, what is of such a process, and what no descriptor shows
 * though its process has the file. Where a line may be of another file with the same inode number (`ambiguous`), only a
 * waiter that has this file counts.
 */
export function newsInLocks<T extends { readonly lock: KernelLock; readonly ambiguous?: boolean | undefined }>(
  entries: readonly T[],
  view: View,
): T[] {
  const shown = new Set(
    [...view.handles.values()].flat().flatMap((handle) => handle.info?.locks.map(keyOnInode) ?? []),
  );
  return entries.filter(({ lock, ambiguous }) => {
    if (!lock.waiting && shown.has(keyOnInode(lock))) return false;
    if (ambiguous === true) return lock.waiting && lock.pid !== null && view.handles.has(lock.pid);
    if (lock.api !== "posix") return !view.whole;
    if (lock.pid === null) return false;
    return view.handles.has(lock.pid) || view.denied.has(lock.pid);
  });
}

/**
 * Owners of locks that their descriptors do not show: taken or dropped in this moment, or through a descriptor of a
 * thread's own.
 */
export function contradictions(locks: readonly KernelLock[], view: View): number[] {
  const news = newsInLocks(
    locks.map((lock) => ({ lock })),
    { ...view, denied: new Set() },
  );
  return [
    ...new Set(
      news.flatMap(({ lock }) => (lock.api === "posix" && !lock.waiting && lock.pid !== null ? [lock.pid] : [])),
    ),
  ];
}

/**
 * Without the device: fdinfo may name another than /proc/locks does (btrfs). The file itself was made sure of by
 * stat(2).
 */
function keyOnInode(lock: KernelLock): string {
  return `${lock.api} ${lock.type} ${lock.api === "flock" ? "" : lock.pid} ${lock.inode} ${lock.start} ${lock.end}`;
}
