/** What goes on now, as lines: a wait that has not ended has the outcome `still`. Pure. */

import type { BlockerFact, WaitLine } from "../../recording/lines.ts";
import type { Live, LiveLock, LiveWait } from "../../recording/live.ts";
import type { LiveState } from "./recorder.ts";

/** `nowMs`: until when the events were interpreted. */
export function liveState({ waits, held, transactions }: Live, nowMs: number): LiveState {
  return { waits: waits.map((wait) => waitLine(wait, held, nowMs)), transactions: transactions.length };
}

function waitLine({ blockerPids, ...wait }: LiveWait, held: readonly LiveLock[], nowMs: number): WaitLine {
  const blockers = blockerPids.flatMap((pid): BlockerFact[] => {
    const lock = held.find((each) => each.pid === pid && each.path === wait.path && each.lockType === "write");
    if (lock === undefined) return [];
    const fromMs = Math.max(lock.fromMs, wait.fromMs);
    return [
      {
        ...lock,
        startTicks: null,
        heldMs: nowMs - lock.fromMs,
        blockedMs: nowMs - fromMs,
        callSite: null,
      },
    ];
  });
  return {
    type: "wait",
    ...wait,
    connection: null,
    waitedMs: Math.max(0, nowMs - wait.fromMs),
    outcome: "still",
    result: null,
    oversleptMs: 0,
    callSite: null,
    blockers,
  };
}
