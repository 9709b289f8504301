import { blocksSomebody } from "../model/blockers.ts";
import { blockerSentence } from "../text/blocker.ts";
import { whyNotToEnd } from "./shared/ending.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** Stopped (Ctrl-Z, SIGSTOP, a debugger) while it blocks somebody. */
const rule: Rule = ({ database }) =>
  database.holders.flatMap((holder) => {
    if (!holder.stale.includes("stopped") || !blocksSomebody(holder)) return [];
    const why = whyNotToEnd(holder, database);
    const traced = holder.state === "traced";
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail: traced
          ? "A debugger has stopped it, so that it cannot finish what it began."
          : "It is suspended (Ctrl-Z or SIGSTOP), so that it cannot finish what it began; any other signal but " +
            "SIGKILL waits until it is continued.",
        remedy: traced
          ? "Continue it or detach from it in the debugger (gdb: detach)."
          : `Let it go on: kill -CONT ${holder.pid}` +
            `${holder.terminal === null ? "" : `, or fg in the shell on ${holder.terminal}`}. ` +
            (why === null ? "Only then think of any other signal." : `Do not kill it: ${why}.`),
      },
    ];
  });

export const suspendedHolder = defineFinding({
  id: "suspended-holder",
  severity: "error",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
