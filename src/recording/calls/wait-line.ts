/** The line of a wait. Pure. */
import type { BlockerFact, WaitLine, WaitOutcome } from "../lines.ts";
import { sqlFacts } from "../sql-facts.ts";
import { NO_CALL_SITE, type State } from "../state.ts";
import type { Attempt, Blocking } from "./attempt.ts";

export function waitLine(
  state: State,
  attempt: Attempt,
  outcome: WaitOutcome,
  endMs: number,
  result: string | null,
  blockers: readonly Blocking[] = attempt.settledBlockers(endMs),
): WaitLine {
  return {
    type: "wait",
    ...state.who(attempt.pid, attempt.tid),
    path: attempt.file.database.path,
    connection: attempt.connection?.number ?? null,
    lock: attempt.name,
    lockType: attempt.type,
    fromMs: attempt.fromMs,
    waitedMs: Math.max(0, endMs - attempt.fromMs),
    attempts: attempt.times,
    outcome,
    result,
    oversleptMs: outcome === "granted" ? overslept(attempt, endMs) : 0,
    ...(mayBeSeveralCalls(attempt) ? { perhapsSeveralCalls: true } : {}),
    ...(attempt.times === 0 ? { withinProcess: true } : {}),
    ...(attempt.whileReading ? { whileReading: true } : {}),
    ...sqlFacts(attempt.sql),
    callSite: NO_CALL_SITE,
    blockers: blockers.map(({ longest, longestMs, blockedMs }): BlockerFact => {
      const { pid, tid, name, type, fromMs, atLeast, sql } = longest;
      const startTicks = state.processes.get(pid)?.startTicks ?? null;
      return {
        pid,
        startTicks,
        tid,
        lock: name,
        lockType: type,
        fromMs,
        heldMs: longestMs,
        atLeast,
        ...sqlFacts(sql),
        callSite: NO_CALL_SITE,
        blockedMs,
      };
    }),
  };
}

/** Who waits in the kernel (F_SETLKW) is in one call. */
function mayBeSeveralCalls({ isRun, times, queued }: Attempt): boolean {
  return isRun && !(times === 1 && queued === 1);
}

function overslept(attempt: Attempt, grantedMs: number): number {
  let freeMs = 0;
  for (const { held } of attempt.blockers) freeMs = Math.max(freeMs, held.toMs ?? 0);
  return freeMs === 0 ? 0 : Math.max(0, grantedMs - Math.max(freeMs, attempt.fromMs));
}
