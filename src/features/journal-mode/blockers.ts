/** Who keeps the mode from being changed. Pure. */

import type { DatabaseReport, Holder, Lock } from "../../model/report.ts";
import { nameOf, stateClause } from "../../text/holder.ts";
import { list } from "../../text/list.ts";

export interface InTheWay {
  readonly holders: readonly Holder[];
  readonly unowned: readonly Lock[];
}

export function inTheWay({ holders, unownedLocks }: Pick<DatabaseReport, "holders" | "unownedLocks">): InTheWay {
  return {
    holders: holders.filter(({ blocks }) => blocks.includes("journal-mode")),
    unowned: unownedLocks.filter(({ name, waiting }) => name !== "FOREIGN" && !waiting),
  };
}

export function isFree({ holders, unowned }: InTheWay): boolean {
  return holders.length === 0 && unowned.length === 0;
}

/**
 * `4242 (python app.py) uses it at this moment`. `wal`: in WAL mode the mere connection is in the way. `hidden`: not
 * all processes can be seen from here.
 */
export function reasonOf({ holders, unowned }: InTheWay, wal: boolean, hidden: boolean): string {
  const unknown = [...new Set(unowned.map(({ name }) => name))];
  const names = [...holders.map(nameOf), ...(unknown.length === 0 ? [] : [`somebody unknown (${unknown.join(", ")})`])];
  if (names.length === 0 && hidden) return "SQLite says 'database is locked', by somebody who cannot be seen from here";
  if (names.length === 0) return "SQLite says 'database is locked', and whoever was in the way is gone by now";
  const one = names.length === 1;
  if (wal) return `${list(names)} ${one ? "has" : "have"} it open, and WAL mode is left only when nobody has`;
  return `${list(names)} ${one ? "uses" : "use"} it at this moment`;
}

/** What to do about them. */
export function remedyOf({ holders }: InTheWay, wal: boolean): string {
  const one = holders.length === 1;
  if (wal)
    return (
      `have ${one ? "it" : "them"} close ${one ? "its" : "their"} connections (stop the service; nobody needs to ` +
      "be killed), and try again, or wait longer (--wait 1m)"
    );
  return `try again when ${one ? "it has" : "they have"} finished, or wait longer (--wait 1m)`;
}

/** A line for whoever waits at a terminal. */
export function waitingFor({ holders, unowned }: InTheWay): string[] {
  const known = holders.map((holder) => {
    const rest = stateClause(holder);
    return `${nameOf(holder)} is in the way${rest === null ? "" : `, ${rest}`}`;
  });
  return unowned.length === 0 ? known : [...known, "somebody unknown is in the way"];
}
