/**
 * Processes that could not be inspected: whether one of them may have a database open, and whether they are worth a
 * line for a person (the JSON document always has them). Pure.
 */
import type { DatabaseReport } from "./report.ts";
import type { Snapshot, Unseen } from "./snapshot.ts";

/** What they may explain. */
export type Unexplained = Partial<Pick<DatabaseReport, "unownedLocks" | "lockDirectory" | "journal">>;

/**
 * One of them may have a database open: not init of this machine, which uses none as far as can be known. So "nobody"
 * is not known.
 */
export function mayHoldDatabase(unseen: Unseen | null): unseen is Unseen {
  return unseen !== null && unseen.initAlone !== true;
}

/** A process may have the database open and not be seen, also because it was not looked for, or is elsewhere. */
export function isSomebodyHidden({
  locksOnly,
  partialView,
  unseen,
}: Pick<Snapshot, "locksOnly" | "partialView" | "unseen">): boolean {
  return locksOnly || partialView || mayHoldDatabase(unseen);
}

/** Init alone counts only where something has no owner that was seen. */
export function unseenMatters(unseen: Unseen | null, databases: readonly Unexplained[]): unseen is Unseen {
  return mayHoldDatabase(unseen) || (unseen !== null && databases.some(hasNoOwner));
}

/** A lock, a lock directory, or a journal of which it is not known whether its writer lives. */
function hasNoOwner({ unownedLocks = [], lockDirectory = null, journal = null }: Unexplained): boolean {
  return (
    unownedLocks.length > 0 || (lockDirectory !== null && lockDirectory.pid === undefined) || journal?.hot === null
  );
}
