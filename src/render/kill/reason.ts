/** Why a process was not signalled, or what it does after the signal: clauses without a full stop. Pure. */

import type { KillReport, ProcessOutcome, RefusalReason } from "../../features/kill/result.ts";
import type { Refusal } from "../../features/kill/selection.ts";
import { asRoot } from "../../text/as-root.ts";
import { nameOf } from "../../text/holder.ts";
import { killCommand } from "./command.ts";
import { dangerClause } from "./danger.ts";
import { doubtClause } from "./doubt.ts";

export const ANOTHER_FILE = "the path now leads to a different file";

export function refusalText(
  reason: RefusalReason,
  pid: number,
  { givenAs, settings, viewer }: Pick<KillReport, "givenAs" | "settings" | "viewer">,
): string {
  switch (reason.kind) {
    case "not-a-holder":
      return "it does not hold the database";
    case "ended-or-closed":
      return "it has ended or closed the database";
    case "no-longer-blocking":
      return "it ended, closed the database, or blocked nothing for longer than a moment, before it was signalled";
    case "pid-1":
      return "it is pid 1: the whole system (or container) would end with it";
    case "own-ancestor":
      return "sqlock was started from it: sqlock would end itself";
    case "hidden":
      return "it is hidden (hidepid): only its own user and root can see that it is still the same process";
    case "kernel-thread":
      return "it is a thread of the kernel";
    case "danger":
      return reason.danger.kind === "lost-file"
        ? `${dangerClause(reason.danger)}; rescue that first, then name the process with --pid ${pid} --force`
        : `${dangerClause(reason.danger)}; to end it anyway: --pid ${pid} --force`;
    case "passed-lock":
    case "companion-only":
      return `${doubtClause(reason)}; to end it anyway: --pid ${pid}`;
    case "other-user":
      return `${doubtClause(reason)}: root ends processes of users other than its owner only with --pid ${pid}`;
    case "another-file":
      return ANOTHER_FILE;
    case "no-permission": {
      const command = killCommand(givenAs, [pid], { ...settings, signal: reason.signal });
      const owner = reason.user ?? "another user";
      return `it belongs to ${owner}, and you are not allowed to signal it: ${asRoot(command, viewer)}`;
    }
  }
}

/** Null where the result says it all. */
export function reasonText({ pid, reason }: ProcessOutcome, report: KillReport): string | null {
  if (reason === null) return null;
  switch (reason.kind) {
    case "closed-the-database":
      return "it is still running, and closed the database";
    case "released-its-locks":
      return "it is still running and has the database open, but released its locks";
    case "continued-and-blocks":
      return "it continues, and still blocks others";
    case "still-open":
      return "it still has the database open";
    case "frozen":
      return "it still has the database open: its cgroup is frozen, and signals wait until it is thawed";
    case "uninterruptible":
      return (
        "it still has the database open: it is waiting in the kernel (state D), and ends when that is over, if the " +
        "signal was SIGKILL"
      );
    case "out-of-sight":
      return `it is still running, and what it holds is unknown: ${ANOTHER_FILE}`;
    default:
      return refusalText(reason, pid, report);
  }
}

/** `4242 (python manage.py shell)`; the pid alone of a process that is not a holder. */
export function processName({ pid, holder }: Pick<ProcessOutcome | Refusal, "pid" | "holder">): string {
  return holder === null ? String(pid) : nameOf(holder);
}
