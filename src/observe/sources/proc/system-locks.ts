/** The locks of /proc/locks on the targets' files, and what they add to the locks that the descriptors show. */

import type { DatabaseSnapshot, HandleSeen, OtherView, Target } from "../../../model/snapshot.ts";
import { type KernelLock, locksOfPasses } from "../../../proc/locks.ts";
import type { LocksText } from "../../../proc/locks-file.ts";
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
  readonly view?: OtherView;
};

/** None where /proc/locks cannot be read (some containers hide it): then only the descriptors show locks. */
export function systemLocksOnTargets(index: TargetIndex, reading: Reading<LocksText>): SystemLock[] {
  if (reading.kind !== "ok") return [];
  return locksOfPasses(reading.value.passes, (inode) => index.lockInodes.has(inode)).locks.flatMap((lock) => {
    if (isOwn(lock.pid)) return [];
    const files = index.byLockIdentity.get(`${lock.device}:${lock.inode}`) ?? [];
    return files.map(({ target, role, ambiguous, view }) => ({
      target,
      role,
      lock,
      ambiguous: ambiguous === true,
      ...(view === undefined ? {} : { view }),
    }));
  });
}

/**
 * False for a lock on a companion file that has been replaced. Programs that open and close a database in WAL mode all
 * the time create its -wal and -shm anew, and one may get the inode number that the other had: then a lock on the
 * present -shm looks like one on the former -wal, on which SQLite takes none.
 */
export function isOnItsFile(each: SystemLock): boolean {
  const { role, lock } = each;
  return role === "database" || !namesOfLock(role, lock.api, lock.type, lock).includes("FOREIGN") || isOnPresent(each);
}

/**
 * False where the file has been replaced or deleted since the target was looked at: its inode number may be that of any
 * other file, so that a lock which nobody explains is not told of.
 */
export function isOnPresent({ target, role, view }: SystemLock): boolean {
  const file = (view ?? target).files.find((each) => each.role === role);
  const inView = view === undefined ? "" : view.reachedAt.slice(0, -view.path.length);
  const now = file === undefined ? undefined : statIfPresent(inView + file.path, target.lookAs);
  return now !== undefined && inodeOf(now) === file?.inode;
}

/** What the descriptors showed. */
export interface DescriptorView {
  /** Handles of every process that has any, by pid. */
  readonly handles: ReadonlyMap<number, readonly HandleSeen[]>;
  /** Processes that could not be inspected. */
  readonly denied: ReadonlySet<number>;
  /** Owners of locks that no longer existed when they were to be inspected. */
  readonly gone: ReadonlySet<number>;
  /** The descriptors of every process were read. */
  readonly complete: boolean;
  /** Locks on other files with the inode number of a target's, as descriptors show them. */
  readonly onSameInode: readonly KernelLock[];
}

type Line = { readonly lock: KernelLock; readonly ambiguous?: boolean };

/**
 * The locks of /proc/locks that no descriptor shows, of processes that have the file open or could not be inspected.
 * Descriptors are exact, and each is read at one moment; /proc/locks also has waiters, and the locks of processes that
 * cannot be inspected. Where a line may be of another file with the same inode number (`ambiguous`), only a waiter
 * that has this file open counts.
 */
export function locksNotInDescriptors<T extends Line>(systemLocks: readonly T[], view: DescriptorView): T[] {
  return notShown(systemLocks, view).filter(({ lock, ambiguous }) => {
    if (ambiguous === true) return lock.waiting && lock.pid !== null && view.handles.has(lock.pid);
    if (lock.api !== "posix") return lock.waiting && !view.complete;
    return lock.pid !== null && (view.handles.has(lock.pid) || view.denied.has(lock.pid));
  });
}

/**
 * The held locks that no descriptor shows, and that are of nobody who was seen: an OFD lock or a flock, whose line does
 * not tell its owner; a POSIX lock of a process that is gone, or has the file open nowhere. An ambiguous one may be on
 * another file: that of a process that was read, and has this file open or not, is.
 */
export function unexplainedLocks<T extends Line>(systemLocks: readonly T[], view: DescriptorView): T[] {
  return notShown(systemLocks, view).filter(({ lock, ambiguous }) => {
    if (lock.waiting) return false;
    if (lock.api !== "posix" || lock.pid === null) return true;
    if (view.handles.has(lock.pid) || view.denied.has(lock.pid)) return false;
    return ambiguous !== true || view.gone.has(lock.pid);
  });
}

/** As many lines of a lock without a pid count as shown as there are descriptors that show it. */
function notShown<T extends Line>(systemLocks: readonly T[], { handles, onSameInode }: DescriptorView): T[] {
  const shown = countsOf([...handles.values()].flat().flatMap((handle) => handle.info?.locks ?? []));
  const elsewhere = countsOf(onSameInode);
  return systemLocks.filter(({ lock, ambiguous }) => {
    if (lock.waiting) return true;
    const key = keyOnInode(lock);
    for (const counts of ambiguous === true ? [shown, elsewhere] : [shown]) {
      const descriptors = counts.get(key) ?? 0;
      if (lock.api !== "posix") counts.set(key, descriptors - 1);
      if (descriptors > 0) return false;
    }
    return true;
  });
}

function countsOf(locks: readonly KernelLock[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of locks.map(keyOnInode)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/**
 * Processes that own a lock which their descriptors do not show: they have just taken or dropped it, or they took it
 * through a descriptor of a thread's own. Their descriptors have to be read again.
 */
export function ownersToReadAgain(locks: readonly KernelLock[], view: DescriptorView): number[] {
  const lines = locks.map((lock) => ({ lock }));
  return [
    ...new Set(
      notShown(lines, view).flatMap(({ lock }) =>
        lock.api === "posix" && !lock.waiting && lock.pid !== null && view.handles.has(lock.pid) ? [lock.pid] : [],
      ),
    ),
  ];
}

/** Without the device: fdinfo may name another one than /proc/locks (btrfs). stat(2) has identified the file. */
function keyOnInode(lock: KernelLock): string {
  return `${lock.api} ${lock.type} ${lock.api === "flock" ? "" : lock.pid} ${lock.inode} ${lock.start} ${lock.end}`;
}
