/** What goes on now, while a recording runs. Pure. */
import type { Attempt } from "./calls/attempt.ts";
import { isNeeded } from "./calls/needed.ts";
import type { Transactions } from "./calls/transactions.ts";
import { waitLine } from "./calls/wait-line.ts";
import { LONGEST_SLEEP_MS } from "./calls/waits.ts";
import type { WaitLine } from "./lines.ts";
import type { State } from "./state.ts";

export interface Live {
  /** With the outcome `still`, what they have waited until now, and who is in the way now. */
  readonly waits: readonly WaitLine[];
  /** How many are open, per database. */
  readonly transactions: number;
}

/** `nowMs`: not before the last event. */
export function liveOf(state: State, transactions: Transactions, nowMs: number): Live {
  const waits: WaitLine[] = [];
  const add = (attempt: Attempt) => {
    if (attempt.grantedMs !== null) return;
    waits.push(waitLine(state, attempt, "still", nowMs, null, attempt.blockersNow(nowMs)));
  };
  for (const thread of state.threads.values()) {
    for (const frame of thread.frames) {
      for (const attempt of frame.attempts ?? []) if (isNeeded(attempt, frame)) add(attempt);
    }
    for (const attempt of thread.runs) {
      if (isNeeded(attempt, null) && state.nowMs - attempt.lastMs <= LONGEST_SLEEP_MS) add(attempt);
    }
  }
  return { waits, transactions: openTransactions(state, transactions) };
}

function openTransactions({ processes }: State, { writers }: Transactions): number {
  let open = 0;
  for (const { connections } of processes.values()) {
    for (const { transaction } of connections.values()) open += transaction?.touched.length ?? 0;
  }
  return open + writers.count();
}
