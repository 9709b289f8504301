/** Whether a -journal is hot: decided here alone. Pure. Source: hasHotJournal (pager.c). */
import { isWriteLock } from "../sqlite/locks.ts";
import type { Finding, Lock } from "./report.ts";
import type { DatabaseSnapshot, Snapshot } from "./snapshot.ts";
import { knowsLocks } from "./source.ts";
import { isSomebodyHidden } from "./unseen-processes.ts";
import { mayHaveWriterWithoutLocks, type UseWithoutLocks } from "./use-without-locks.ts";

/**
 * As one look shows it. Null where its writer might be out of sight, may be at work without locks that show it, or may
 * be one of those whose locks are not known, or the journal cannot be read. `locks`: all on the database's files,
 * whoever holds them. `lost`: those of them on a file that was deleted or moved away: for SQLite, opened now, they do
 * not exist, but the journal may be theirs.
 */
export function isHotInLook(
  database: DatabaseSnapshot,
  locks: readonly Lock[],
  use: UseWithoutLocks,
  snapshot: Snapshot,
  lost: ReadonlySet<Lock> = new Set(),
): boolean | null {
  const { journal } = database.facts;
  const writers = locks.filter((lock) => !lock.waiting && lock.role === "database" && isWriteLock(lock));
  if (journal === null || writers.some((lock) => !lost.has(lock))) return false;
  if (journal.header === "unreadable") return null;
  if (journal.header !== "valid" || journal.committedBySuperJournal === true) return false;
  if (writers.length > 0) return null;
  if (!knowsLocks(snapshot.source) && database.handles.size > 0) return null;
  if (isSomebodyHidden(snapshot) || mayHaveWriterWithoutLocks(use)) return null;
  // SQLite, opened here, would not roll it back, though it may have to be
  return journal.committedBySuperJournal === null || journal.missingSuperJournal !== undefined ? null : true;
}

/**
 * After all looks: a journal that one of them showed not to be hot belonged to a writer at work; with a look that could
 * not tell, it is not known. `undecided`: findings that such a look leaves open.
 */
export function isHotAfterLooks(
  hot: boolean | null,
  confirmed: readonly Finding[],
  undecided: readonly Finding[],
): boolean | null {
  const has = (findings: readonly Finding[]) => findings.some(({ id }) => id === "hot-journal");
  if (hot !== true || has(confirmed)) return hot;
  return has(undecided) ? null : false;
}
