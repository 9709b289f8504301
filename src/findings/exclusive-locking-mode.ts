import { blocksSomebody } from "../model/blockers.ts";
import { writesJournalFile } from "../model/use-without-locks.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { transactionInWal } from "../text/exclusive.ts";
import { likelyClause } from "../text/likely.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { isStuck } from "./uninterruptible-holder.ts";

/**
 * EXCLUSIVE without a journal, held by a process that does not run. Three situations look the same from outside; in one
 * of them the process must not be killed.
 */
const rule: Rule = ({ database, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (holder.activity !== "exclusive" || holder.stale.includes("stopped")) return [];
    if (!holder.locks.some((lock) => lock.name === "EXCLUSIVE" && !lock.waiting)) return [];
    if (!blocksSomebody(holder)) return []; // on a file that is no longer this database's
    if (isStuck(holder, staleAfterMs)) return []; // uninterruptible-holder reports it
    const proved = holder.idleMs !== null && holder.idleMs >= staleAfterMs;
    if (!proved && !holder.stale.includes("likely-idle-in-transaction")) return [];
    const rests = proved
      ? `has not run for ${duration(holder.idleMs)}`
      : `is likely not working with it (${likelyClause(holder) ?? "nothing is written"})`;
    const wal = database.journalMode === "wal";
    const undo = wal ? "wal" : writesJournalFile(holder, database) ? "journal" : "none";
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail: detailOf(undo, rests, database.wal?.uncommittedFrames ?? null),
        remedy:
          `${wal ? "Close the connection" : "End the transaction or close the connection"} in that program` +
          (holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`) +
          (undo === "none" ? "; do not kill it unless you know that its journal is a file" : "") +
          ". If several programs use the database at once: PRAGMA locking_mode=NORMAL.",
      },
    ];
  });

/** `undo`: where the pages from before the transaction are, if there is one. */
function detailOf(undo: "wal" | "journal" | "none", rests: string, uncommittedFrames: number | null): string {
  switch (undo) {
    case "wal":
      return (
        `It holds EXCLUSIVE on a WAL database and ${rests}: either PRAGMA locking_mode=EXCLUSIVE, which ` +
        "keeps all other processes out until the connection closes, or a change of the journal mode in progress; " +
        `${transactionInWal(uncommittedFrames)}.`
      );
    case "journal":
      return (
        `It holds EXCLUSIVE and writes a -journal, and ${rests}: a transaction that has not yet written ` +
        "to the database, with PRAGMA locking_mode=EXCLUSIVE, vfs=unix-excl or BEGIN EXCLUSIVE. If it ends, its " +
        "uncommitted changes are undone."
      );
    case "none":
      return (
        `It holds EXCLUSIVE without a valid -journal and ${rests}. That can be PRAGMA ` +
        "locking_mode=EXCLUSIVE between two transactions, BEGIN EXCLUSIVE before its first write, or a transaction " +
        "whose journal is in memory or off (journal_mode=MEMORY, OFF). From outside they look the same; killed in " +
        "the last case, the process leaves the database corrupt."
      );
  }
}

export const exclusiveLockingMode = defineFinding({
  id: "exclusive-locking-mode",
  severity: "warning",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
