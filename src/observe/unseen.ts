/** Why some processes could not be inspected, and what shows them. Pure. */
import type { Unseen } from "../model/snapshot.ts";
import type { Sight } from "../proc/sight.ts";
import { list } from "../text/list.ts";

export interface UnseenReason {
  readonly reason: string;
  readonly remedy: string;
  /** Root would see them. */
  readonly asRoot?: true;
}

export const OTHER_USERS: UnseenReason = { reason: "owned by other users", remedy: "run with sudo", asRoot: true };

/** Why processes that were found are closed to this one, by how far it sees. */
const DENIED: Readonly<Record<Sight, UnseenReason>> = {
  full: { reason: "protected even from root", remedy: "run sqlock on the host, or check its security module" },
  limited: {
    reason: "protected from root without all its capabilities (CAP_SYS_PTRACE)",
    remedy: "run as root with all capabilities, outside sandboxes and containers",
  },
  "user-namespace": {
    reason: "outside this user namespace, whose root cannot inspect them",
    remedy: "run with sudo, outside this user namespace",
  },
  user: OTHER_USERS,
};

/** `ambiguous`: the processes with a lock on an inode number that a target has, perhaps on another file. */
export function deniedReason(sight: Sight, ambiguous: readonly number[] = []): UnseenReason {
  const which =
    ambiguous.length === 0
      ? ""
      : `, of them ${list(ambiguous)} with a lock on this file or on one of another subvolume with its inode number`;
  const denied = DENIED[sight];
  return { ...denied, reason: denied.reason + which };
}

export const OTHER_NAMESPACE: UnseenReason = {
  reason: "outside this container, in other pid namespaces",
  remedy: "run sqlock on the host",
};

export const OTHER_MACHINES: UnseenReason = {
  reason: "on other machines that share this file system",
  remedy: "run sqlock there as well",
};

export const HOST: UnseenReason = {
  reason: "on the host of this virtual machine, whose folder this is",
  remedy: "run sqlock on the host as well",
};

export const OTHER_VIEW: UnseenReason = {
  reason: "that use it through an overlay that cannot be reached from here",
  remedy: "run with sudo, outside containers",
};

/** Why there was not the time (it is long, or the machine is busy) is not known. */
export const LOCKS_READ_IN_PART: UnseenReason = {
  reason: "with locks that were not read in time (/proc/locks was read in part)",
  remedy: "run it again, and check whether one program has very many locks (head -n 1000 /proc/locks)",
};

/** With one more, of processes whose number is not known. */
export function withReason(unseen: Unseen | null, { reason, remedy, asRoot }: UnseenReason): Unseen {
  const reasons = [...(unseen?.reasons ?? []), reason];
  return {
    processes: null,
    reasons,
    reason: reasons.join("; "),
    remedy: unseen === null ? remedy : `${unseen.remedy}; ${remedy}`,
    ...(unseen?.asRoot === true || asRoot === true ? { asRoot: true } : {}),
  };
}

export const UNREAD_MOUNTS: UnseenReason = {
  reason: "that use it through an overlay (there are more mounts than were read)",
  remedy: "end the programs that have so many mounts (see: wc -l /proc/[0-9]*/mountinfo)",
};

/**
 * Whether of the processes that are closed the only one is init of this machine, which a security module closes even to
 * root: it uses no database, as far as can be known. In a pid namespace process 1 is any program.
 */
export function isInitAlone(sight: Sight, denied: readonly number[], childNamespace: boolean): boolean {
  return sight === "full" && !childNamespace && denied.length === 1 && denied[0] === 1;
}

/** Null without a reason. `processes`: how many; null where their number is not known. `initAlone`: see there. */
export function toUnseen(reasons: readonly UnseenReason[], processes: number | null, initAlone = false): Unseen | null {
  if (reasons.length === 0) return null;
  const texts = reasons.map(({ reason }) => reason);
  return {
    processes,
    reasons: texts,
    reason: texts.join("; "),
    remedy: [...new Set(reasons.map(({ remedy }) => remedy))].join("; "),
    ...(initAlone && reasons.length === 1 ? { initAlone: true } : {}),
    ...(reasons.some(({ asRoot }) => asRoot === true) ? { asRoot: true } : {}),
  };
}
