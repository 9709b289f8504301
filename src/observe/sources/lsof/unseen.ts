/** What lsof could not see, in words. Pure. */
import type { LsofProcess } from "../../../lsof/fields.ts";
import type { Unseen } from "../../../model/snapshot.ts";

export interface LsofGaps {
  /** Processes that lsof names, and could not look into. */
  readonly closed: readonly number[];
  readonly root: boolean;
  readonly childNamespace: boolean;
  readonly network: boolean;
}

/** Processes whose descriptors were closed to lsof; not the kernel's own threads, which have none. */
export function closedProcesses(processes: readonly LsofProcess[]): number[] {
  return processes.filter((each) => each.closed && !isKernelThread(each)).map(({ pid }) => pid);
}

/** Children of kthreadd, and itself. */
function isKernelThread({ pid, parentPid, uid, command }: LsofProcess): boolean {
  return uid === 0 && (parentPid === 2 || (pid === 2 && command === "kthreadd"));
}

export function unseenByLsof({ closed, root, childNamespace, network }: LsofGaps): Unseen | null {
  const reasons: [string, string][] = [];
  if (!root) reasons.push(["owned by other users", "run with sudo"]);
  else if (closed.length > 0) reasons.push(["closed even to root", "look from the host, or check its security module"]);
  const countable = reasons.length > 0 && closed.length > 0;
  if (childNamespace) reasons.push(["outside this pid namespace (a container)", "run sqlock on the host"]);
  if (network) reasons.push(["on other machines that share this file system", "run sqlock there as well"]);
  if (reasons.length === 0) return null;
  return {
    processes: countable && reasons.length === 1 ? closed.length : null,
    reason: reasons.map(([reason]) => reason).join("; "),
    remedy: reasons.map(([, remedy]) => remedy).join("; "),
  };
}
