/** Why a process must not be ended. */
import type { Related } from "../../model/relate.ts";
import type { Holder } from "../../model/report.ts";
import {
  holdsForeignToWrite,
  holdsLockOfSqlite,
  openUnlocked,
  writesJournalFile,
} from "../../model/use-without-locks.ts";
import { lostHandles } from "./lost-handles.ts";

/**
 * Why a process must not simply be ended; null where SQLite undoes what it has not committed. A clause, without a full
 * stop.
 */
export function whyNotToEnd(holder: Holder, database: Related): string | null {
  if (mayHaveNoJournal(holder, database))
    return (
      "its journal may be in memory or off (journal_mode=MEMORY, OFF), and ending it now would leave the database " +
      "corrupt"
    );
  if (lostHandles(holder).length > 0)
    return "it works on a file that was deleted or moved away: save that first (deleted-file)";
  return mayBeInTransactionWithoutLocks(holder, database)
    ? "it may be in a transaction that none of SQLite's locks shows: let it finish, or shut it down cleanly"
    : null;
}

/** A -journal open without locks; or a lock directory or a flock, which may be its lock. */
function mayBeInTransactionWithoutLocks(holder: Holder, { lockDirectory }: Related): boolean {
  if (openUnlocked(holder).includes("journal")) return true;
  const canWrite = holder.handles.some(({ role, access }) => role === "database" && access === "read-write");
  return canWrite && !holdsLockOfSqlite(holder) && (lockDirectory !== null || isByFlock(holder));
}

/** SQLite's unix-flock, perhaps. */
function isByFlock(holder: Holder): boolean {
  return holdsForeignToWrite(holder) && holder.locks.some((lock) => lock.name === "FOREIGN" && lock.api === "flock");
}

/**
 * EXCLUSIVE in rollback mode without a valid journal, or one of its own: pages of an open transaction may be in the
 * file already.
 */
function mayHaveNoJournal(holder: Holder, database: Related): boolean {
  const exclusive = holder.locks.some((lock) => lock.name === "EXCLUSIVE" && !lock.waiting);
  return (
    database.journalMode !== "wal" &&
    exclusive &&
    holder.activity === "exclusive" &&
    !writesJournalFile(holder, database)
  );
}
