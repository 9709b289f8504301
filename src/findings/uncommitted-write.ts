import { blocksSomebody } from "../model/blockers.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** A write transaction whose process does not run: forgotten, or waiting for a person. */
const rule: Rule = ({ database, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (holder.activity !== "writing" || holder.stale.includes("stopped")) return [];
    if (!blocksSomebody(holder)) return []; // on files that are no longer this database's: deleted-file tells
    const why = whyNotToEnd(holder, database);
    if (holder.idleMs === null || holder.idleMs < staleAfterMs) return [];
    const names = [...new Set(holder.locks.map((lock) => lock.name))].join(", ");
    const held =
      holder.heldAtLeastMs === null ? "since when cannot be proved" : `for at least ${duration(holder.heldAtLeastMs)}`;
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail:
          `It holds ${names} ${held}, and none of its threads has run for ${duration(holder.idleMs)}: a write ` +
          "transaction is open that nobody works on. Likely a shell or database browser with unsaved changes, or a " +
          "missing commit.",
        remedy:
          `Commit or roll back in that program${holder.terminal === null ? "" : ` (it runs on ${holder.terminal})`}` +
          ". " +
          (why === null
            ? `If nobody can, end it: kill ${holder.pid} (SQLite undoes what was not committed).`
            : `Do not kill it: ${why}.`),
      },
    ];
  });

export const uncommittedWrite = defineFinding({
  id: "uncommitted-write",
  severity: "error",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
