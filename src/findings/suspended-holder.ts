import { blocksSomebody } from "../model/blockers.ts";
import type { Holder } from "../model/report.ts";
import { asOwnerOf } from "../text/as-root.ts";
import { blockerSentence } from "../text/blocker.ts";
import { thawCommand } from "../text/thaw.ts";
import { containerName } from "../text/unit.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** Stopped (Ctrl-Z, SIGSTOP, a debugger), or its cgroup frozen (docker pause), while it blocks others. */
const rule: Rule = ({ database, snapshot }) =>
  database.holders.flatMap((holder) => {
    if (!holder.stale.includes("stopped") || !blocksSomebody(holder)) return [];
    const why = whyNotToEnd(holder, database);
    const traced = holder.state === "traced";
    const { frozen } = holder;
    if (frozen !== null)
      return [
        {
          pids: [holder.pid],
          summary: blockerSentence(holder, database),
          detail:
            `Its cgroup ${frozen.path}${whose(holder)} is frozen (docker pause, systemctl freeze, cgroup.freeze), so ` +
            "it cannot finish what it began; kill -CONT does not help. " +
            (frozen.version === 1
              ? "Every signal waits until it is thawed, even SIGKILL."
              : "A signal that it handles waits until it is thawed; SIGKILL does not."),
          remedy:
            `Let it continue: ${thawCommand(holder, snapshot.viewer)}. ` +
            (why === null ? "Consider other signals only after that." : `Do not kill it: ${why}.`),
        },
      ];
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail: traced
          ? "A debugger has stopped it, so it cannot finish what it began."
          : "It is suspended (Ctrl-Z or SIGSTOP), so it cannot finish what it began; any other signal except SIGKILL " +
            "waits until it continues.",
        remedy: traced
          ? "Continue it or detach from it in the debugger (gdb: detach)."
          : `Let it continue: ${asOwnerOf(holder, `kill -CONT ${holder.pid}`, snapshot.viewer)}` +
            `${holder.terminal === null ? "" : `, or fg in the shell on ${holder.terminal}`}. ` +
            (why === null ? "Consider other signals only after that." : `Do not kill it: ${why}.`),
      },
    ];
  });

/** ` (container docker:0123456789ab)`; "" outside of containers. */
function whose({ container, containerUid }: Holder): string {
  return container === null ? "" : ` (container ${containerName(container, containerUid)})`;
}

export const suspendedHolder = defineFinding({
  id: "suspended-holder",
  severity: "error",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
