/** What a look could not see, in words. */

import type { Target, Unseen } from "../../../model/snapshot.ts";
import type { Mount } from "../../../proc/mountinfo.ts";
import { readLink, valueOr } from "../../../proc/read.ts";
import { readStat } from "../../../proc/stat.ts";
import { list } from "../../../text/list.ts";

/** The inode of the first pid namespace, the machine's own. Source: `include/linux/proc_ns.h` (PROC_PID_INIT_INO). */
const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

/** In a pid namespace of a container, /proc/locks leaves out the locks of all processes outside of it. */
export function isPartialView(proc: string): boolean {
  const namespace = valueOr(readLink(`${proc}/self/ns/pid`), null);
  return namespace !== null && namespace !== INITIAL_PID_NAMESPACE;
}

/** What could not be looked into, or told apart. */
export interface Gaps {
  readonly denied: readonly number[];
  /** With files on mounts that may be dead. */
  readonly untold: readonly number[];
  /**
   * Of the denied: with a lock on the inode number of a target, which a file of another subvolume or layer may have as
   * well.
   */
  readonly suspects: readonly number[];
  /** Such locks without an owner to ask, in a look that asks no descriptors. */
  readonly ambiguousLocks: boolean;
  /** /proc/locks could not be read: neither waiters nor the locks of denied processes were seen. */
  readonly noLocksFile: boolean;
}

export function unseenProcesses(
  proc: string,
  mounts: readonly Mount[],
  targets: readonly Target[],
  { denied, untold, suspects, ambiguousLocks, noLocksFile }: Gaps,
): Unseen | null {
  const users = denied.filter((pid) => {
    const stat = readStat(`${proc}/${pid}`);
    return stat.kind === "denied" || (stat.kind === "ok" && !stat.value.kernel);
  });
  const root = process.geteuid?.() === 0;
  const reasons: [string, string][] = [];
  if (users.length > 0) {
    const some =
      suspects.length === 0
        ? ""
        : `, of them ${list(suspects)} with a lock on this file or on one of another subvolume with its inode number`;
    reasons.push(
      root
        ? [`closed even to root${some}`, "look from the host, or check its security module"]
        : [`owned by other users${some}`, "run with sudo"],
    );
  }
  if (untold.length > 0) reasons.push(["with files on a mount that may be dead", "mend or unmount it"]);
  if (hidesProcesses(mounts, proc)) reasons.push(["hidden by the hidepid option of /proc", "run with sudo"]);
  if (isPartialView(proc)) reasons.push(["outside this pid namespace (a container)", "run sqlock on the host"]);
  if (targets.some((target) => target.fileSystem?.network === true)) {
    reasons.push(["on other machines that share this file system", "run sqlock there as well"]);
  }
  if (ambiguousLocks) {
    reasons.push([
      "with locks on this inode number, which files of several subvolumes or layers may have",
      "run without --locks-only",
    ]);
  }
  if (noLocksFile)
    reasons.push([
      "waiting for locks, or with locks and closed to us (/proc/locks cannot be read)",
      "look from the host",
    ]);
  if (reasons.length === 0) return null;
  const unknown = reasons.length > (users.length > 0 ? 1 : 0) + (untold.length > 0 ? 1 : 0);
  return {
    processes: unknown ? null : new Set([...users, ...untold]).size,
    reason: reasons.map(([reason]) => reason).join("; "),
    remedy: [...new Set(reasons.map(([, remedy]) => remedy))].join("; "),
  };
}

/** Whether other users' processes do not exist for this one (the option hidepid of /proc). */
export function hidesProcesses(mounts: readonly Mount[], proc: string): boolean {
  if (process.geteuid?.() === 0) return false;
  const options = mounts.findLast((mount) => mount.type === "proc" && mount.mountPoint === proc)?.superOptions ?? "";
  return /(^|,)hidepid=(1|2|4|noaccess|invisible|ptraceable)(,|$)/.test(options);
}
