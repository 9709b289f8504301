/** The locks of /proc/locks on the targets' files, and what they add to the locks that the descriptors show. */

import type { DatabaseSnapshot, HandleSeen, Target } from "../../../model/snapshot.ts";
import { type KernelLock, locksOfPasses } from "../../../proc/locks.ts";
import { isOwn } from "../../../proc/own.ts";
import type { Reading } from "../../../proc/read.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import { inodeOf, statIfPresent } from "../../identify.ts";
import type { TargetIndex } from "../../target-index.ts";

/** A lock of /proc/locks on a file of a target. */
export type SystemLock = DatabaseSnapshot["systemLocks"][number] & {
  readonly target: Target;
  /** It may be on another file with the same device and inode number. */
  readonly ambiguous: boolean;
};

/** None where /proc/locks cannot be read (some containers hide it): then only the descriptors show locks. */
export function systemLocksOnTargets(index: TargetIndex, reading: Reading<string[]>): SystemLock[] {
  if (reading.kind !== "ok") return [];
  return locksOfPasses(reading.value, (inode) => index.lockInodes.has(inode)).locks.flatMap((lock) => {
    if (isOwn(lock.pid)) return [];
    const files = index.byLockIdentity.get(`${lock.device}:${lock.inode}`) ?? [];
    return files.map(({ target, role, ambiguous }) => ({ target, role, lock, ambiguous: ambiguous === true }));
  });
}

/**
 * False for a lock on a companion file that has been replaced. Programs that open and close a database in WAL mode all
 * the time create its -wal and -shm anew, and one may get the inode number that the other had: then a lock on the
 * present -shm looks like one on the former -wal, on which SQLite takes none.
 */
export function isOnItsFile({ target, role, lock }: SystemLock): boolean {
  if (role === "database" || !namesOfLock(role, lock.api, lock.type, lock).includes("FOREIGN")) return true;
  const file = target.files.find((each) => each.role === role);
  const now = file === undefined ? undefined : statIfPresent(file.path, target.lookAs);
  return now !== undefined && inodeOf(now) === file?.inode;
}

/** What the descriptors showed. */
export interface DescriptorView {
  /** Handles of every process that has any, by pid. */
  readonly handles: ReadonlyMap<number, readonly HandleSeen[]>;
  /** Processes that could not be looked into. */
  readonly denied: ReadonlySet<number>;
  /**
   * Every process was looked into: then a lock that no descriptor shows is on another file (btrfs subvolumes share
   * inode numbers).
   */
  readonly complete: boolean;
}

/**
 * The locks of /proc/locks that no descriptor shows. Descriptors are exact, and each is read at one moment; /proc/locks
 * also has waiters, and the locks of processes that cannot be looked into. So of /proc/locks count: waiters, locks of
 * such processes, and locks that no descriptor shows although their process has the file open. Where a line may be of
 * another file with the same inode number (`ambiguous`), only a waiter that has this file open counts.
 */
export function locksNotInDescriptors<T extends { readonly lock: KernelLock; readonly ambiguous?: boolean }>(
  systemLocks: readonly T[],
  view: DescriptorView,
): T[] {
  const shown = new Set(
    [...view.handles.values()].flat().flatMap((handle) => handle.info?.locks.map(keyOnInode) ?? []),
  );
  return systemLocks.filter(({ lock, ambiguous }) => {
    if (!lock.waiting && shown.has(keyOnInode(lock))) return false;
    if (ambiguous === true) return lock.waiting && lock.pid !== null && view.handles.has(lock.pid);
    if (lock.api !== "posix") return !view.complete;
    if (lock.pid === null) return false;
    return view.handles.has(lock.pid) || view.denied.has(lock.pid);
  });
}

/**
 * Processes that own a lock which their descriptors do not show: they have just taken or dropped it, or they took it
 * through a descriptor of a thread's own. Their descriptors have to be read again.
 */
export function ownersToReadAgain(locks: readonly KernelLock[], view: DescriptorView): number[] {
  const notShown = locksNotInDescriptors(
    locks.map((lock) => ({ lock })),
    { ...view, denied: new Set() },
  );
  return [
    ...new Set(
      notShown.flatMap(({ lock }) => (lock.api === "posix" && !lock.waiting && lock.pid !== null ? [lock.pid] : [])),
    ),
  ];
}

/** Without the device: fdinfo may name another one than /proc/locks (btrfs). stat(2) has identified the file. */
function keyOnInode(lock: KernelLock): string {
  return `${lock.api} ${lock.type} ${lock.api === "flock" ? "" : lock.pid} ${lock.inode} ${lock.start} ${lock.end}`;
}
