import { blocksSomebody } from "../model/blockers.ts";
import type { Holder } from "../model/report.ts";
import { asOwnersOf } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** It blocks others and does nothing: a daemon, which has no session either, blocks for a moment whenever it writes. */
function isInTheWay(holder: Holder): boolean {
  return blocksSomebody(holder) && (holder.stale.includes("idle-in-transaction") || holder.stale.includes("stopped"));
}

/** Left over from a session that has ended: nobody will type into it, and nothing restarts or stops it. */
const rule: Rule = ({ database, snapshot }) =>
  [true, false].flatMap((blocks) => {
    const orphans = database.holders.filter(
      (holder) => holder.stale.includes("orphaned") && isInTheWay(holder) === blocks,
    );
    const [first] = orphans;
    if (first === undefined) return [];
    const one = orphans.length === 1;
    const pids = orphans.map((holder) => holder.pid);
    const kept = orphans.flatMap((holder) => {
      const why = whyNotToEnd(holder, database);
      return why === null ? [] : [`${holder.pid} must not be killed: ${why}.`];
    });
    const end = orphans.filter((holder) => whyNotToEnd(holder, database) === null);
    const kill = asOwnersOf(end, `kill ${end.map((holder) => holder.pid).join(" ")}`, snapshot.viewer);
    return [
      {
        severity: blocks ? "warning" : "info",
        pids,
        summary:
          `${one ? `${nameOf(first)} is` : `${count(orphans.length, "process", "processes")} (${list(pids)}) are`} ` +
          `left over from a session that has ended${blocks ? `, and block${one ? "s" : ""} other processes` : ""}; ` +
          `nobody can be using ${one ? "it" : "them"} interactively.`,
        detail:
          `${one ? "Its session leader has exited, it has" : "Their session leaders have exited, they have"} no ` +
          `terminal, and no service or container manages ${one ? "it" : "them"}.`,
        remedy:
          `See what ${one ? "it is" : "they are"}: ps -o pid,ppid,lstart,args -p ${pids.join(",")}. A program that ` +
          "was left running on purpose (nohup, a daemon) can stay" +
          `${end.length === 0 ? "" : `; otherwise end ${end.length === 1 ? "it" : "them"}: ${kill}`}.` +
          kept.map((sentence) => ` ${sentence}`).join(""),
      },
    ];
  });

export const orphanedHolder = defineFinding({
  id: "orphaned-holder",
  severity: "info",
  needs: "locks",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
