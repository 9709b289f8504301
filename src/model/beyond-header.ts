/**
 * A file that is longer than its header says, and nobody has a lock that explains it: likely the pages of a transaction
 * whose cache has spilled, of a connection that locks otherwise or not at all. Pure.
 * Source: pager.c (a spilled page is written where it belongs; page 1, which has the page count, at the commit).
 */
import type { Holder, Lock } from "./report.ts";
import type { DatabaseSnapshot, Snapshot } from "./snapshot.ts";
import { holdsForeignToWrite, holdsLockOfSqlite, openUnlocked } from "./use-without-locks.ts";

export interface BeyondHeader {
  /** So many whole pages, the last of which is not of zeroes alone. */
  readonly pages: number;
  /** They have the database open to write, and none of SQLite's locks: likely it is the transaction of one of them. */
  readonly pids: readonly number[];
}

/** A clock is read, and a start is known, to some 10 ms. */
const CLOCK_MARGIN_MS = 1000;

/**
 * Null where a lock, a -journal or a process out of sight may explain the length, or where no process is left that may
 * have written it: who was started after the file last changed has not.
 */
export function beyondHeader(
  { target, facts, changing }: Pick<DatabaseSnapshot, "target" | "facts" | "changing">,
  holders: readonly Holder[],
  unowned: readonly Lock[],
  { partialView, locksOnly }: Pick<Snapshot, "partialView" | "locksOnly">,
): BeyondHeader | null {
  const pages = facts.pagesBeyondHeader ?? 0;
  if (pages === 0 || facts.journalMode !== "rollback" || partialView || locksOnly) return null;
  const { journal } = facts;
  if (journal !== null && (journal.header === "valid" || journal.header === "unreadable" || journal.begun)) return null;
  if (unowned.length > 0 || changing.length > 0 || holders.some(holdsLockOfSqlite)) return null;
  const file = target.files.find(({ role }) => role === "database");
  const changedMs = file?.changedMs ?? Number.POSITIVE_INFINITY;
  const pids = holders
    .filter((holder) => mayWrite(holder) && startedBefore(holder, changedMs + CLOCK_MARGIN_MS))
    .map(({ pid }) => pid);
  return pids.length === 0 ? null : { pages, pids };
}

/** By another kind of lock it is another matter, and so is one that has a companion file open. */
function mayWrite(holder: Holder): boolean {
  return (
    holder.complete &&
    holder.activity === "idle" &&
    !holdsForeignToWrite(holder) &&
    openUnlocked(holder).length === 0 &&
    holder.handles.some(
      ({ role, access, deleted, moved, view }) =>
        role === "database" && access === "read-write" && !deleted && !moved && view === undefined,
    )
  );
}

function startedBefore({ startedAt }: Holder, timeMs: number): boolean {
  return startedAt === null || startedAt.getTime() <= timeMs;
}
