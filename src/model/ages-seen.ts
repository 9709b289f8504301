/** Ages of locks that somebody has measured who has watched them for longer than a look. Pure. */
import { compareLocks, type LockName } from "../sqlite/locks.ts";
import type { Related } from "./relate.ts";

/** For how long, at least, a process has been seen to hold this lock, in ms; null where it has not. */
export type HeldSeenMs = (path: string, pid: number, lock: LockName) => number | null;

/** Each age is the greater of what the look proves and what was measured: of a holder, of its strongest lock. */
export function withAgesSeen(database: Related, heldSeenMs: HeldSeenMs | undefined): Related {
  if (heldSeenMs === undefined) return database;
  const aged = <T extends { readonly heldAtLeastMs: number | null }>(
    each: T,
    pid: number | null,
    lock: LockName | undefined,
  ): T => {
    const seenMs = pid === null || lock === undefined ? null : heldSeenMs(database.path, pid, lock);
    return seenMs === null || seenMs <= (each.heldAtLeastMs ?? -1) ? each : { ...each, heldAtLeastMs: seenMs };
  };
  return {
    ...database,
    holders: database.holders.map((each) => {
      const [strongest] = each.locks.filter(({ waiting }) => !waiting).toSorted(compareLocks);
      return aged(each, each.pid, strongest?.name);
    }),
    blockers: database.blockers.map((each) => aged(each, each.pid, each.lock)),
  };
}
