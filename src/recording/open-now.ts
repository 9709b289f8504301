/** What is held, waited for and open now, for the line `open`. Pure. */
import { openLines } from "./calls/open-transactions.ts";
import type { Transactions } from "./calls/transactions.ts";
import type { LockLine, RecordingLine } from "./lines.ts";
import type { Live } from "./live.ts";
import { lockLine } from "./locks/lock-line.ts";
import type { State } from "./state.ts";
import type { OpenLine } from "./state-lines.ts";

/** Of locks, of waits and of transactions: any user may have any number of them. */
const MOST = 1_000;

/**
 * `nowMs`: not before the last event. `waits`: those of that moment. `shows`: of others, who may have more than are
 * listed, nothing is told.
 */
export function openNow(
  state: State,
  { writers }: Transactions,
  { waits }: Pick<Live, "waits">,
  nowMs: number,
  shows: (line: RecordingLine) => boolean,
): OpenLine {
  const locks: LockLine[] = [];
  for (const file of state.files.all()) {
    if (file.former) continue; // another file has its path: they are in nobody's way
    for (const held of file.all()) {
      const line = lockLine(state, held);
      if (shows(line)) locks.push(line);
    }
  }
  const transactions = [...openLines(state, nowMs), ...writers.open()].filter(shows);
  const shown = waits.filter(shows);
  const left = [locks, shown, transactions].reduce((sum, { length }) => sum + Math.max(0, length - MOST), 0);
  return {
    ...{ type: "open", atMs: nowMs, locks: oldest(locks), waits: oldest(shown), transactions: oldest(transactions) },
    ...(left === 0 ? {} : { more: left }),
  };
}

function oldest<T extends { readonly fromMs: number }>(lines: readonly T[]): readonly T[] {
  return lines.toSorted((a, b) => a.fromMs - b.fromMs).slice(0, MOST);
}
