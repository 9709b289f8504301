/** What is told of the holds of a blocker. Pure. */
import type { BlockerFact, TransactionLine } from "../lines.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import type { BehindHold, HoldSum } from "../summary-line.ts";
import { keptAfterEndMs } from "./kept-after-end.ts";
import { known } from "./sites.ts";

/** The lock of a transaction goes with its last statement; the rest is scheduling. */
const SLACK_MS = 20;

/** Null where one of them is not known. */
export function sumOf(all: readonly (HoldSum | null)[]): HoldSum | null {
  const total = { times: 0, totalMs: 0, longestMs: 0, atLeast: false };
  for (const each of all) {
    if (each === null) return null;
    total.times += each.times;
    total.totalMs += each.totalMs;
    total.longestMs = Math.max(total.longestMs, each.longestMs);
    total.atLeast ||= each.atLeast;
  }
  return total;
}

export function holdOf(
  { fromMs, heldMs, atLeast }: BlockerFact,
  transaction: TransactionLine | null,
  kinds: StatementKinds,
): BehindHold {
  if (transaction === null) {
    const unknown = { transactionMs: null, outsideMs: null, firstSql: null, lastSql: null, outcome: null };
    return { fromMs, heldMs, atLeast, toMs: null, ...unknown, keptAfterEndMs: null };
  }
  const { toMs, statements, outsideMs, outcome, callSite } = transaction;
  const begunAt = known("begunAt", callSite);
  const keptMs = toMs === null ? 0 : fromMs + heldMs - toMs;
  if (toMs !== null && keptMs > SLACK_MS && (outcome === "commit" || outcome === "rollback")) {
    // In exclusive locking mode it has outlived the transaction; until when is not known from the wait.
    return {
      ...{ fromMs, heldMs, atLeast: true, toMs: null, transactionMs: toMs - transaction.fromMs, outsideMs },
      ...{ firstSql: statements[0]?.sql ?? null, lastSql: null, outcome, keptAfterEndMs: keptMs },
      ...begunAt,
    };
  }
  const isWrite = transaction.writeFromMs !== null;
  return {
    fromMs,
    heldMs: toMs === null ? heldMs : Math.max(heldMs, toMs - fromMs),
    atLeast: atLeast || toMs === null || (isWrite && transaction.atLeast),
    toMs,
    transactionMs: toMs === null ? null : toMs - transaction.fromMs,
    outsideMs,
    firstSql: statements[0]?.sql ?? null,
    lastSql: toMs === null ? null : (statements.at(-1)?.sql ?? null),
    outcome,
    keptAfterEndMs: keptAfterEndMs(transaction, kinds),
    ...begunAt,
  };
}
