/** What a look at /proc could not see, and why. */

import type { Searched, Unseen } from "../../../model/snapshot.ts";
import type { Mount } from "../../../proc/mountinfo.ts";
import type { Sight } from "../../../proc/sight.ts";
import { readStat } from "../../../proc/stat.ts";
import {
  deniedReason,
  HOST,
  isInitAlone,
  LOCKS_READ_IN_PART,
  OTHER_MACHINES,
  OTHER_NAMESPACE,
  OTHER_USERS,
  OTHER_VIEW,
  toUnseen,
  UNREAD_MOUNTS,
  type UnseenReason,
} from "../../unseen.ts";

/** What could not be inspected, or not be told from another file. */
export interface VisibilityGaps {
  readonly sight: Sight;
  /** Processes whose descriptors are denied; those of the kernel are left out by {@link userProcesses}. */
  readonly denied: readonly number[];
  /** Processes with files on mounts that may be dead. */
  readonly onDeadMounts: readonly number[];
  /** Of the denied: those with a lock on the inode number of a target, which a file of another subvolume may share. */
  readonly deniedWithAmbiguousLock: readonly number[];
  /** Such locks without an owner to ask, or that no descriptor which was read shows. */
  readonly hasAmbiguousLocks: boolean;
  readonly searched: Searched;
  /** A thread may have the writer's files open for itself, and not all could be read. */
  readonly threadsNotSearched: boolean;
  /** /proc/locks could not be read: neither waiters nor the locks of denied processes were seen. */
  readonly noLocksFile: boolean;
  /** There was not the time to read all of it. */
  readonly locksReadInPart: boolean;
  /** See {@link hidesProcesses}. */
  readonly hidesProcesses: boolean;
  readonly childNamespace: boolean;
  /** A target is on a network file system. */
  readonly network: boolean;
  /** A target is in a folder of the host of this virtual machine. */
  readonly host: boolean;
  /** A target lies in a layer of an overlay that cannot be reached. */
  readonly unreachedView: boolean;
  /** There are more mounts than were read. */
  readonly unreadMounts: boolean;
}

/** Pure. Null where nothing was out of sight. */
export function unseenInProc(gaps: VisibilityGaps): Unseen | null {
  const { denied, onDeadMounts } = gaps;
  const countable: UnseenReason[] = [];
  if (denied.length > 0) countable.push(deniedReason(gaps.sight, gaps.deniedWithAmbiguousLock));
  if (onDeadMounts.length > 0)
    countable.push({ reason: "with files on a mount that may be dead", remedy: "repair or unmount it" });
  const uncountable: UnseenReason[] = [];
  if (gaps.hidesProcesses)
    uncountable.push({ ...deniedReason(gaps.sight), reason: "hidden by the hidepid option of /proc" });
  if (gaps.childNamespace) uncountable.push(OTHER_NAMESPACE);
  if (gaps.host) uncountable.push(HOST);
  if (gaps.network) uncountable.push(OTHER_MACHINES);
  if (gaps.unreachedView) uncountable.push(OTHER_VIEW);
  if (gaps.unreadMounts) uncountable.push(UNREAD_MOUNTS);
  if (gaps.hasAmbiguousLocks)
    uncountable.push({
      reason: "with locks on this inode number, which files of several subvolumes or layers may have",
      ...(gaps.searched === "lock-owners"
        ? { remedy: "run without --locks-only" }
        : gaps.sight === "user"
          ? { remedy: OTHER_USERS.remedy, asRoot: true }
          : { remedy: "run it again" }),
    });
  if (gaps.threadsNotSearched)
    uncountable.push({
      reason: "in threads with their own descriptors (there was no time to read those of all threads)",
      remedy: "run it again",
    });
  if (gaps.noLocksFile)
    uncountable.push({
      reason: "that wait for locks, or hold locks but cannot be read (/proc/locks cannot be read)",
      remedy: "run sqlock on the host",
    });
  if (gaps.locksReadInPart) uncountable.push(LOCKS_READ_IN_PART);
  const processes = uncountable.length > 0 ? null : new Set([...denied, ...onDeadMounts]).size;
  const initAlone = isInitAlone(gaps.sight, denied, gaps.childNamespace) && gaps.deniedWithAmbiguousLock.length === 0;
  return toUnseen([...countable, ...uncountable], processes, initAlone);
}

/** Without the kernel's own threads, which have no descriptors and are denied to an ordinary user as well. */
export function userProcesses(proc: string, pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    const stat = readStat(`${proc}/${pid}`);
    return stat.kind === "denied" || (stat.kind === "ok" && !stat.value.kernel);
  });
}

/**
 * Whether the option hidepid of /proc hides the processes of other users from this one: they are hidden from who may
 * not inspect them. Source: has_pid_permissions (fs/proc/base.c)
 */
export function hidesProcesses(mounts: readonly Mount[], proc: string, sight: Sight): boolean {
  if (sight === "full") return false;
  const options = mounts.findLast((mount) => mount.type === "proc" && mount.mountPoint === proc)?.superOptions ?? "";
  return /(^|,)hidepid=(1|2|4|noaccess|invisible|ptraceable)(,|$)/.test(options);
}
