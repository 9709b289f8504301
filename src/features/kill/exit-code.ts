/** Whether the database is free in the end, and the exit code that says so. Pure. */
import type { Blocker } from "../../model/report.ts";
import { keptOut } from "../../model/verdict.ts";
import type { KillReport, KillResult } from "./result.ts";
import type { KillSettings } from "./settings.ts";

type Left = Pick<
  KillReport,
  "blockers" | "lockDirectory" | "progress" | "changesHands" | "unownedLocks" | "unsafeToOpen" | "unknown"
>;

/** What keeps readers, writers or commits out. A checkpoint that waits makes no program fail. */
export function stillBlocking({ blockers }: Pick<Left, "blockers">): Blocker[] {
  return blockers.filter(({ effect }) => effect === "readers" || effect === "writers" || effect === "commits");
}

/**
 * A process, known or not, blocks readers, writers or commits for more than a moment; or it may do harm to open the
 * database; or whether that is so is unknown.
 */
export function isStillBlocked(left: Left): boolean {
  return left.unsafeToOpen.length > 0 || left.unknown !== null || keptOut(left).state === "blocked";
}

/** Transactions ended from one look to the next: a program that waits a little gets in. */
export function takeTurns({ progress }: Pick<Left, "progress">): boolean {
  return progress !== null && progress.commits > 0;
}

/** With these options, the caller uses the database afterwards. */
export function isToFree({ yes, stale, dryRun }: Pick<KillSettings, "yes" | "stale" | "dryRun">): boolean {
  return (yes || stale) && !dryRun;
}

/**
 * 0: what was asked for is so. 1: a process survived and holds on; or, where the database was to be freed (--yes,
 * --stale), or a named process does not hold it, another process still blocks, or it is not safe to open. 2: it could
 * not be done. 130: cancelled.
 */
export function exitCodeOf(result: KillResult): 0 | 1 | 2 | 130 {
  switch (result.kind) {
    case "error":
      return 2;
    case "cancelled":
      return 130;
    case "unconfirmed":
      if (result.pids.length > 0 || result.report.outcomes.length > 0) return 2;
      return isStillBlocked(result.report) ? 1 : 0; // there was no process to signal
    case "done":
      return result.interrupted ? 130 : exitCodeOfReport(result.report);
  }
}

function exitCodeOfReport(report: KillReport): 0 | 1 | 2 {
  const { outcomes, pathChanged, settings } = report;
  if (pathChanged || outcomes.some(({ result }) => result === "refused")) return 2;
  if (outcomes.some(({ result, holds, released }) => result === "survived" && holds === true && !released)) return 1;
  const missed = !settings.dryRun && settings.pids.length > 0 && outcomes.some(({ result }) => result === "gone");
  return (isToFree(settings) || missed) && isStillBlocked(report) ? 1 : 0;
}
