/**
 * Calls that got SQLITE_BUSY, as only the programs tell: no attempt of theirs was seen, so that it is the time in the
 * call that says whether they waited. Pure.
 */
import type { BlockerFact, RefusalLine, TransactionLine } from "../lines.ts";
import type { StatementKinds } from "../sql/kinds.ts";
import type { ToldRefusals } from "../summary-line.ts";
import { BehindTally } from "./behind.ts";
import { isBusy } from "./ended.ts";
import { Sites } from "./sites.ts";

/** SQLite's first sleep is 1 ms: a call that failed sooner has not slept. The rest is scheduling. */
const WAITED_MS = 5;

export class ToldRefusalTally {
  readonly behind: BehindTally;
  readonly sites = new Sites();
  /** Waited, and the lock did not become free. */
  timedOut = 0;
  longestMs = 0;
  #withBlocker = 0;

  constructor(kinds: StatementKinds) {
    this.behind = new BehindTally(kinds);
  }

  add(line: RefusalLine, transactionsOf: (blocker: BlockerFact) => readonly TransactionLine[]): void {
    const { result, why, callMs, blockers = [], callSite } = line;
    if (!isBusy(result)) return;
    if (why === "unknown" && callMs >= WAITED_MS) {
      this.timedOut += 1;
      this.sites.add(callSite, callMs);
      this.longestMs = Math.max(this.longestMs, callMs);
    }
    if (blockers.length === 0) return;
    this.#withBlocker += 1;
    this.behind.addTold(line, transactionsOf);
  }

  get summary(): { readonly told?: ToldRefusals } {
    const { timedOut } = this;
    if (this.#withBlocker + timedOut === 0) return {};
    return { told: { withBlocker: this.#withBlocker, timedOut } };
  }
}
