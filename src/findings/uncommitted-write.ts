import { blocksSomebody } from "../model/blockers.ts";
import { type TransactionOnFile, transactionOnFile } from "../model/likely-age.ts";
import type { Holder } from "../model/report.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { basisText, whatWouldProve } from "../text/likely.ts";
import { lockNames } from "../text/lock-names.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { isStuck } from "./uninterruptible-holder.ts";

/** A write transaction that nobody works on, proved or likely: forgotten, or waiting for a person. */
const rule: Rule = ({ database, seen, snapshot, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (holder.activity !== "writing" || holder.stale.includes("stopped")) return [];
    if (!blocksSomebody(holder)) return []; // on files that are no longer this database's: deleted-file tells
    if (isStuck(holder, staleAfterMs)) return []; // uninterruptible-holder tells
    const why = whyNotToEnd(holder, database);
    const proved = holder.idleMs !== null && holder.idleMs >= staleAfterMs;
    const likely = holder.stale.includes("likely-idle-in-transaction") && database.progress?.counterMoved !== true;
    if (!proved && !likely) return [];
    return [
      {
        severity: proved ? "error" : "warning",
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail: proved
          ? `It holds ${heldText(holder)}, and none of its threads has run for ${duration(holder.idleMs)}: a ` +
            "write transaction is open that nobody works on. Likely a shell or database browser with unsaved " +
            "changes, or a missing commit."
          : `It holds ${heldText(holder)}. ` +
            `${[...likelyEvidence(holder, transactionOnFile(seen, snapshot))].join(" ")} ` +
            "Likely nobody works on the transaction: a shell or database browser with unsaved changes, or a missing " +
            `commit. ${whatWouldProve(database.path)}`,
        remedy:
          `Commit or roll back in that program${holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`}` +
          ". " +
          (why === null
            ? `If nobody can${proved ? "" : ", and it does not end by itself"}, end it: kill ${holder.pid} (SQLite ` +
              "undoes what was not committed)."
            : `Do not kill it: ${why}.`),
      },
    ];
  });

/** `RESERVED, SHARED for at least 4 m 12 s`. */
function heldText({ locks, heldAtLeastMs, heldLikelyMs }: Holder): string {
  const names = lockNames(locks);
  if (heldLikelyMs !== null) return `${names}, likely for ${duration(heldLikelyMs)}`;
  const proved = heldAtLeastMs === null ? "since when cannot be proved" : `for at least ${duration(heldAtLeastMs)}`;
  return `${names} ${proved}`;
}

function* likelyEvidence(holder: Holder, transaction: TransactionOnFile | null): Generator<string> {
  const basis = basisText(holder);
  if (basis !== null) yield basis;
  if (transaction !== null && holder.heldLikelyBasis !== transaction.basis)
    yield `Its transaction wrote to its files last ${duration(transaction.unwrittenMs)} ago.`;
  if (transaction?.basis === "journal-born") yield `Its last write was ${duration(transaction.unwrittenMs)} ago.`;
  if (transaction !== null) yield "What it changes in its cache shows in no file: it may be at work all the same.";
}

export const uncommittedWrite = defineFinding({
  id: "uncommitted-write",
  severity: "error",
  needs: "locks",
  transient: "in-all-looks-but-one",
  transientAs: "warning",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
