import { blocksSomebody } from "../model/blockers.ts";
import { type TransactionOnFile, transactionOnFile } from "../model/likely-age.ts";
import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { asOwnerOf } from "../text/as-root.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { basisText, whatWouldProve } from "../text/likely.ts";
import { list } from "../text/list.ts";
import { lockNames } from "../text/lock-names.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { isStuck } from "./uninterruptible-holder.ts";

/** A write transaction that nothing works on, proved or likely: forgotten, or waiting for a person. */
const rule: Rule = ({ database, seen, snapshot, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (!isInWriteTransaction(holder, database) || holder.stale.includes("stopped")) return [];
    if (!blocksSomebody(holder)) return []; // on files that are no longer this database's: deleted-file reports it
    if (isStuck(holder, staleAfterMs)) return []; // uninterruptible-holder reports it
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
          ? `It has ${heldText(holder)}, and none of its threads has run for ${duration(holder.idleMs)}: its write ` +
            `transaction is open, and nothing works on it. Likely ${causeText(holder)}.`
          : `It has ${heldText(holder)}. ` +
            `${[...likelyEvidence(holder, transactionOnFile(seen, snapshot))].join(" ")} ` +
            `Likely nothing works on the transaction: ${causeText(holder)}. ${whatWouldProve(database.path)}`,
        remedy:
          `Commit or roll back in that program${holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`}` +
          ". " +
          (why === null
            ? `If nobody can${proved ? "" : ", and the transaction does not end on its own"}, end the process: ` +
              `${asOwnerOf(holder, `kill ${holder.pid}`, snapshot.viewer)} (SQLite undoes what was not committed).`
            : `Do not kill it: ${why}.`),
      },
    ];
  });

/** A commit that waits for readers is their finding (open-read-blocks-commit). */
function isInWriteTransaction({ pid, activity }: Holder, { waits }: Related): boolean {
  return activity === "writing" || (activity === "committing" && !waits.some((wait) => wait.pid === pid));
}

function causeText({ activity }: Holder): string {
  return activity === "committing"
    ? "a commit that was refused ('database is locked') and not tried again"
    : "a shell or database browser with unsaved changes, or a missing commit";
}

/** `held RESERVED and SHARED for at least 4 m 12 s`. */
function heldText({ locks, heldAtLeastMs, heldLikelyMs }: Holder): string {
  const names = list(lockNames(locks).split(", "));
  if (heldLikelyMs !== null) return `likely held ${names} for ${duration(heldLikelyMs)}`;
  const proved = heldAtLeastMs === null ? "for an unknown time" : `for at least ${duration(heldAtLeastMs)}`;
  return `held ${names} ${proved}`;
}

function* likelyEvidence(holder: Holder, transaction: TransactionOnFile | null): Generator<string> {
  const basis = basisText(holder);
  if (basis !== null) yield basis;
  if (transaction !== null && holder.heldLikelyBasis !== transaction.basis)
    yield `Its transaction last wrote to its files ${duration(transaction.unwrittenMs)} ago.`;
  if (transaction?.basis === "journal-born") yield `Its last write was ${duration(transaction.unwrittenMs)} ago.`;
  if (transaction !== null) yield "Changes that it makes in its cache show in no file, so it may still be at work.";
}

export const uncommittedWrite = defineFinding({
  id: "uncommitted-write",
  severity: "error",
  needs: "locks",
  transient: "in-all-looks-but-one",
  transientAs: ["warning"],
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
