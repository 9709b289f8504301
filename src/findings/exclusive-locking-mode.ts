import { blocksSomebody } from "../model/blockers.ts";
import { writesJournalFile } from "../model/unseen-use.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { transactionInWal } from "../text/exclusive.ts";
import { likelyClause } from "../text/likely.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { isStuck } from "./uninterruptible-holder.ts";

/**
 * EXCLUSIVE without a journal, by a process that does not run. Three things look alike from outside; one of them must
 * not be killed.
 */
const rule: Rule = ({ database, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (holder.activity !== "exclusive" || holder.stale.includes("stopped")) return [];
    if (!holder.locks.some((lock) => lock.name === "EXCLUSIVE" && !lock.waiting)) return [];
    if (!blocksSomebody(holder)) return []; // on a file that is no longer this database's
    if (isStuck(holder, staleAfterMs)) return []; // uninterruptible-holder tells
    const proved = holder.idleMs !== null && holder.idleMs >= staleAfterMs;
    if (!proved && !holder.stale.includes("likely-idle-in-transaction")) return [];
    const rests = proved
      ? `has not run for ${duration(holder.idleMs)}`
      : `is likely not at work with it (${likelyClause(holder) ?? "nothing is written"})`;
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
          ". For several programs at once: PRAGMA locking_mode=NORMAL.",
      },
    ];
  });

/** `undo`: where the pages are from before the transaction, if there is one. */
function detailOf(undo: "wal" | "journal" | "none", rests: string, uncommittedFrames: number | null): string {
  switch (undo) {
    case "wal":
      return (
        `It holds EXCLUSIVE on a WAL database and ${rests}: PRAGMA locking_mode=EXCLUSIVE, which ` +
        "keeps everybody out until the connection closes, or a change of the journal mode under way; " +
        `${transactionInWal(uncommittedFrames)}.`
      );
    case "journal":
      return (
        `It holds EXCLUSIVE and writes a -journal, and ${rests}: a transaction that has written ` +
        "nothing to the database yet, with PRAGMA locking_mode=EXCLUSIVE, vfs=unix-excl or BEGIN EXCLUSIVE. If it " +
        "ends, what it has not committed is undone."
      );
    case "none":
      return (
        `It holds EXCLUSIVE without a valid -journal and ${rests}. That can be PRAGMA ` +
        "locking_mode=EXCLUSIVE between two transactions, or BEGIN EXCLUSIVE before its first write, or a " +
        "transaction whose journal is in memory or off (journal_mode=MEMORY, OFF): killed in the last case, it " +
        "leaves the database corrupt. From outside they look alike."
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
