/** Why ending a holder needs --force as well. Pure. */

import { journalElsewhere } from "../../model/other-names.ts";
import type { DatabaseReport, FindingId, Holder, Lock } from "../../model/report.ts";
import { writesJournalFile } from "../../model/use-without-locks.ts";
import { effectOfLock, isWriteLock } from "../../sqlite/locks.ts";

export type Danger =
  /** Its file was deleted or moved away: what was committed there exists nowhere else. */
  | {
      readonly kind: "lost-file";
      readonly pid: number;
      /** What to do first, with commands: the remedy of the finding. Null where no finding names one. */
      readonly rescue: string | null;
    }
  /** No -journal can undo what it has written: the database may be corrupt after it. */
  | {
      readonly kind: "no-journal";
      readonly pid: number;
      /** It holds no lock: likely it is in a transaction, since the file is longer than its header says. */
      readonly unlocked?: true;
      /** Its -journal, which lies beside another name of the database. */
      readonly elsewhere?: string;
    }
  /**
   * It is in a commit over several databases. Only by the paths that it uses itself is that undone: `superJournal`, as
   * it names it, is not there here, and SQLite would take the transaction for committed.
   */
  | { readonly kind: "undone-elsewhere"; readonly pid: number; readonly superJournal: string }
  /** It likely writes over the database file (a restore): half of it is of the old one. */
  | { readonly kind: "half-written"; readonly pid: number }
  /** It is the first process of a container: all others in there end with it. */
  | { readonly kind: "container-init"; readonly pid: number };

/** The worst comes first. */
export function dangersOf(
  holder: Holder,
  database: Pick<DatabaseReport, "path" | "journalMode" | "journal" | "beyondHeader" | "findings">,
  isContainerInit: boolean,
): Danger[] {
  const { pid } = holder;
  const dangers: Danger[] = [];
  const missing = database.journal?.missingSuperJournal;
  const lost = database.findings.find(({ id, pids }) => id === "deleted-file" && pids.includes(pid));
  if (lost !== undefined || holder.stale.includes("deleted-file"))
    dangers.push({ kind: "lost-file", pid, rescue: lost?.remedy ?? null });
  else if (missing !== undefined && writesToDatabase(holder, database))
    dangers.push({ kind: "undone-elsewhere", pid, superJournal: missing.name });
  else if (writesWithoutJournal(holder, database)) {
    const elsewhere = journalElsewhere(holder, database);
    dangers.push({ kind: "no-journal", pid, ...(elsewhere === null ? {} : { elsewhere }) });
  } else if (likelySpilledUnlocked(holder, database)) dangers.push({ kind: "no-journal", pid, unlocked: true });
  if (database.findings.some(({ id, pids }) => id === "foreign-writer" && pids.includes(pid)))
    dangers.push({ kind: "half-written", pid });
  if (isContainerInit) dangers.push({ kind: "container-init", pid });
  return dangers;
}

/**
 * EXCLUSIVE or PENDING in rollback mode without a -journal that has a valid header, or is its own: pages of an open
 * transaction may be in the file, and what they were before in the memory of that process alone (journal_mode=MEMORY,
 * OFF).
 */
function writesWithoutJournal(
  holder: Holder,
  { journalMode, journal }: Pick<DatabaseReport, "journalMode" | "journal">,
): boolean {
  return (
    journalMode !== "wal" &&
    journal?.header !== "valid" &&
    !writesJournalFile(holder, { journal }) &&
    holder.locks.some(mayWriteToDatabase)
  );
}

/** These findings stand after several looks alone. */
const WITHOUT_LOCKS: ReadonlySet<FindingId> = new Set(["other-locking", "lost-locks", "lock-directory"]);

function likelySpilledUnlocked(
  { pid }: Holder,
  { beyondHeader, findings }: Pick<DatabaseReport, "beyondHeader" | "findings">,
): boolean {
  return (
    beyondHeader?.pids.includes(pid) === true &&
    findings.some(({ id, pids }) => WITHOUT_LOCKS.has(id) && pids.includes(pid))
  );
}

function writesToDatabase(holder: Holder, { journal }: Pick<DatabaseReport, "journal">): boolean {
  return holder.locks.some(mayWriteToDatabase) || writesJournalFile(holder, { journal });
}

/** A write lock that keeps readers out as well: before it, SQLite writes nothing to the database file. */
function mayWriteToDatabase(lock: Lock): boolean {
  return !lock.waiting && isWriteLock(lock) && effectOfLock(lock, false)?.keepsOut.includes("readers") === true;
}
