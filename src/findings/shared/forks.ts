/** Connections that a child process has from its parent. */
import { connectionHandles } from "../../model/not-sqlite.ts";
import type { Holder } from "../../model/report.ts";
import type { Snapshot } from "../../model/snapshot.ts";

const described = (each: Holder) => each.handles.map((handle) => `${handle.fd} ${handle.role} ${handle.path}`);

/** The parent, where it has some of this holder's descriptors under the same numbers; null where there is none. */
export function parentWithSomeHandles(holder: Holder, holders: readonly Holder[]): Holder | null {
  const parent = holders.find((each) => each.pid === holder.parentPid);
  const ours = new Set(described(holder));
  return parent !== undefined && described(parent).some((handle) => ours.has(handle)) ? parent : null;
}

/**
 * The holder whose descriptors this one has, every one of them, without having any lock: it never had the locks, they
 * belong to that ancestor. Null where there is none; with `processes`, also where it has called exec since, which
 * closes SQLite's descriptors.
 */
export function ancestorWithSameHandles(
  holder: Holder,
  holders: readonly Holder[],
  processes?: Snapshot["processes"],
): Holder | null {
  if (hasTakenLocks(holder) || connectionHandles(holder.handles).length === 0) return null;
  let child = holder;
  // Pids that were used again can make a circle of parents: at most as many generations as there are holders.
  for (const _ of holders) {
    const parent = holders.find((each) => each.pid === child.parentPid);
    if (parent === undefined || parent.pid === holder.pid) return null;
    const theirs = new Set(described(parent));
    if (described(holder).every((handle) => theirs.has(handle)) && !hasCalledExec(holder, parent, processes))
      return parent;
    child = parent;
  }
  return null;
}

/** False where it cannot be known. */
function hasCalledExec(child: Holder, ancestor: Holder, processes: Snapshot["processes"] = new Map()): boolean {
  const [one, other] = [child, ancestor].map(({ pid }) => processes.get(pid)?.stackStart ?? null);
  return typeof one === "bigint" && typeof other === "bigint" && one !== other;
}

/** Without any lock, and its parent gone: most likely it inherited the descriptors of a parent that had the locks. */
export function isLeftByParent(holder: Holder): boolean {
  return !hasTakenLocks(holder) && holder.parentPid === 1;
}

/** A flock comes with a descriptor: a child has that of its parent. */
function hasTakenLocks({ locks }: Holder): boolean {
  return locks.some(({ api }) => api !== "flock");
}
