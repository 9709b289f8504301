import { blocksSomebody } from "../model/blockers.ts";
import type { Holder } from "../model/report.ts";
import { asRoot } from "../text/as-root.ts";
import { blockerSentence } from "../text/blocker.ts";
import { duration } from "../text/duration.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** Longer than for a disk that is just busy: every program waits for that briefly. */
export function isStuck({ uninterruptible, stale }: Holder, staleAfterMs: number): boolean {
  const ms = uninterruptible?.idleMs ?? null;
  return ms !== null && ms >= staleAfterMs && !stale.includes("stopped");
}

/** A thread of it waits in the kernel, for a disk or a server that does not answer, while it blocks others. */
const rule: Rule = ({ database, snapshot, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    const wait = holder.uninterruptible;
    if (wait === null || !isStuck(holder, staleAfterMs) || !blocksSomebody(holder)) return [];
    const where = wait.waitsIn === null ? "" : ` (${wait.waitsIn})`;
    const stack = asRoot(`cat /proc/${holder.pid}/task/*/stack`, snapshot.viewer);
    return [
      {
        pids: [holder.pid],
        summary: blockerSentence(holder, database),
        detail:
          `One of its threads has been waiting in the kernel${where} for ${duration(wait.idleMs ?? 0)} (state D): ` +
          "for a disk, a network file system's server, a FUSE daemon, or a frozen file system (fsfreeze, a " +
          "snapshot). Signals wait until that is over, even SIGKILL, unless the kernel has made this wait killable.",
        remedy:
          `Find out what it is waiting for: ${stack}; ${asRoot("dmesg", snapshot.viewer)}. Fix that: the disk, the ` +
          `server, the daemon, or a frozen mount (${asRoot("fsfreeze --unfreeze MOUNTPOINT", snapshot.viewer)}). Its ` +
          "lock is released when it continues, or has ended: a signal helps only then.",
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
