/** --until-wait: when the recording ends because of a wait, and what is told of how it came about. Pure. */
import type { RecordingLine, TransactionLine, WaitLine } from "../../recording/lines.ts";

/** The recording goes on for so long: the end of the blocker's transaction is worth seeing. */
export const AFTER_WAIT_MS = 1000;

/** Transactions that are remembered: those around the wait are told. */
const MAX_TRANSACTIONS = 500;

/** Transactions that were open for this share of the wait are told. */
const LEAST_SHARE = 0.1;

export interface Story {
  readonly wait: WaitLine;
  /** Of those that were in the way, as far as they had ended; the earliest first. */
  readonly transactions: readonly TransactionLine[];
}

export class UntilWait {
  readonly #afterMs: number;
  #wait: WaitLine | null = null;
  readonly #transactions: TransactionLine[] = [];

  /** `afterMs`: the shortest wait that counts. */
  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** @returns whether this line is the wait that ends the recording */
  add(line: RecordingLine): boolean {
    if (line.type === "transaction") {
      this.#transactions.push(line);
      if (this.#transactions.length > MAX_TRANSACTIONS) this.#transactions.shift();
    }
    if (line.type !== "wait" || line.outcome === "still" || line.waitedMs < this.#afterMs) return false;
    if (this.#wait !== null) return false;
    this.#wait = line;
    return true;
  }

  /** Null: no wait was that long. */
  get story(): Story | null {
    const wait = this.#wait;
    if (wait === null) return null;
    const endMs = wait.fromMs + wait.waitedMs;
    const least = wait.waitedMs * LEAST_SHARE;
    const transactions = this.#transactions.filter(
      (each) =>
        each.path === wait.path &&
        Math.min(each.toMs ?? endMs, endMs) - Math.max(each.fromMs, wait.fromMs) >= least &&
        wait.blockers.some(({ pid, startTicks }) => pid === each.pid && startTicks === each.startTicks),
    );
    return { wait, transactions: transactions.toSorted((a, b) => a.fromMs - b.fromMs) };
  }
}
