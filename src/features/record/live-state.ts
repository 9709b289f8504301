/** What goes on now, as the lines of a recording have it. Pure. */
import type { Live, LiveLock, LiveWait } from "../../recording/interpreter.ts";
import type { BlockerFact, WaitLine } from "../../recording/lines.ts";
import type { LiveState } from "./recorder.ts";

export function liveState({ waits, held, transactions }: Live, nowMs: number): LiveState {
  return { waits: waits.map((wait) => waitLine(wait, held, nowMs)), transactions: transactions.length };
}

function waitLine(wait: LiveWait, held: readonly LiveLock[], nowMs: number): WaitLine {
  const { pid, startTicks, tid, path, lock, lockType, fromMs, attempts, sql, blockerPids } = wait;
  return {
    type: "wait",
    pid,
    startTicks,
    tid,
    path,
    connection: null,
    lock,
    lockType,
    fromMs,
    waitedMs: Math.max(0, nowMs - fromMs),
    attempts,
    outcome: "still",
    result: null,
    oversleptMs: 0,
    sql,
    callSite: null,
    blockers: blockerPids.flatMap((blocker) => blockerFact(blocker, wait, held, nowMs)),
  };
}

/** Its lock of the same name, or else its strongest one of the database. */
function blockerFact(
  pid: number,
  { path, lock, fromMs: waitFromMs }: LiveWait,
  held: readonly LiveLock[],
  nowMs: number,
): BlockerFact[] {
  const locks = held.filter((each) => each.pid === pid && each.path === path);
  const found =
    locks.find((each) => each.lock === lock) ?? locks.find(({ lockType }) => lockType === "write") ?? locks[0];
  if (found === undefined) return [];
  const { tid, lockType, fromMs, atLeast, sql } = found;
  return [
    {
      pid,
      startTicks: null,
      tid,
      lock: found.lock,
      lockType,
      fromMs,
      heldMs: nowMs - fromMs,
      atLeast,
      sql,
      callSite: null,
      blockedMs: nowMs - Math.max(fromMs, waitFromMs),
    },
  ];
}
