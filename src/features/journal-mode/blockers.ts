/** The holders and locks that block a change of the journal mode. Pure. */
import type { DatabaseReport, Holder, Lock } from "../../model/report.ts";

export interface Blockers {
  readonly holders: readonly Holder[];
  /** Locks of SQLite without a known owner. */
  readonly unowned: readonly Lock[];
}

export const NO_BLOCKERS: Blockers = { holders: [], unowned: [] };

export function blockersOf({ holders, unownedLocks }: Pick<DatabaseReport, "holders" | "unownedLocks">): Blockers {
  return {
    holders: holders.filter(({ blocks }) => blocks.includes("journal-mode")),
    unowned: unownedLocks.filter(({ name, waiting }) => name !== "FOREIGN" && !waiting),
  };
}

export function isFree({ holders, unowned }: Blockers): boolean {
  return holders.length === 0 && unowned.length === 0;
}
