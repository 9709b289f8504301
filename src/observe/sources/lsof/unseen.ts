/** What lsof could not see, and why. Pure. */
import type { LsofProcess } from "../../../lsof/fields.ts";
import type { Unseen } from "../../../model/snapshot.ts";
import type { Sight } from "../../../proc/sight.ts";
import {
  deniedReason,
  isInitAlone,
  OTHER_MACHINES,
  OTHER_NAMESPACE,
  OTHER_USERS,
  toUnseen,
  type UnseenReason,
} from "../../unseen.ts";

export interface LsofVisibilityGaps {
  /** Processes that lsof lists, but whose descriptors it could not read. */
  readonly denied: readonly number[];
  readonly sight: Sight;
  readonly childNamespace: boolean;
  /** A target is on a network file system. */
  readonly network: boolean;
}

/** Processes whose descriptors lsof could not read; not the kernel's own threads, which have none. */
export function deniedProcesses(processes: readonly LsofProcess[]): number[] {
  return processes.filter((each) => each.denied && !isKernelThread(each)).map(({ pid }) => pid);
}

/** kthreadd and its children. */
function isKernelThread({ pid, parentPid, uid, command }: LsofProcess): boolean {
  return uid === 0 && (parentPid === 2 || (pid === 2 && command === "kthreadd"));
}

export function unseenByLsof({ denied, sight, childNamespace, network }: LsofVisibilityGaps): Unseen | null {
  const reasons: UnseenReason[] = [];
  if (sight === "user") reasons.push(OTHER_USERS);
  else if (denied.length > 0) reasons.push(deniedReason(sight));
  // On some systems an ordinary user's lsof lists no processes of others: then their number is not known.
  const countable = denied.length > 0 && !childNamespace && !network;
  if (childNamespace) reasons.push(OTHER_NAMESPACE);
  if (network) reasons.push(OTHER_MACHINES);
  return toUnseen(reasons, countable ? denied.length : null, isInitAlone(sight, denied, childNamespace));
}
