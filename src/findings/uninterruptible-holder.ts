import { blocksSomebody } from "../model/blockers.ts";
import type { Holder } from "../model/report.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** So long that it is no disk which is just busy: every program waits for that for moments. */
export function isStuck({ uninterruptible, stale }: Holder, staleAfterMs: number): boolean {
  const ms = uninterruptible?.idleMs ?? null;
  return ms !== null && ms >= staleAfterMs && !stale.includes("stopped");
}

/** A thread of it waits in the kernel, for a disk or a server that does not answer, while it blocks somebody. */
const rule: Rule = ({ database, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    const wait = holder.uninterruptible;
    if (wait === null || !isStuck(holder, staleAfterMs) || !blocksSomebody(holder)) return [];
    const where = wait.waitsIn === null ? "" : ` (${wait.waitsIn})`;
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail:
          `A thread of it has waited in the kernel${where} for ${duration(wait.idleMs ?? 0)}, in the state D: for a ` +
          "disk, a server of a network file system, a FUSE daemon, or a file system that is frozen (fsfreeze, a " +
          "snapshot). Signals wait until that is over; SIGKILL does as well, unless the kernel has made this " +
          "wait killable.",
        remedy:
          `See what it waits for: sudo cat /proc/${holder.pid}/task/*/stack, dmesg. Mend that: the disk, the server, ` +
          "the daemon, or fsfreeze --unfreeze of the mount. Its lock is free when it goes on, or has ended: a signal " +
          "helps only then.",
      },
    ];
  });

export const uninterruptibleHolder = defineFinding({
  id: "uninterruptible-holder",
  severity: "error",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
