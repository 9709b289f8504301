/** The words for what blocks a switch. Pure. */
import type { Blockers } from "../../features/journal-mode/blockers.ts";
import type { SwitchReason } from "../../features/journal-mode/reason.ts";
import { nameOf, stateClause } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { lockNames } from "../../text/lock-names.ts";

/** `4242 (python app.py) uses it at this moment`. */
export function blockedText({
  blockers: { holders, unowned },
  walMode,
  hidden,
}: Omit<Extract<SwitchReason, { kind: "blocked" }>, "kind">): string {
  const locks = lockNames(unowned);
  const names = [...holders.map(nameOf), ...(locks === "" ? [] : [`somebody unknown (${locks})`])];
  if (names.length === 0) {
    return hidden
      ? "SQLite says 'database is locked', by somebody who cannot be seen from here"
      : "SQLite says 'database is locked', and whoever was in the way is gone by now";
  }
  const one = names.length === 1;
  if (walMode) return `${list(names)} ${one ? "has" : "have"} it open, and WAL mode is left only when nobody has`;
  return `${list(names)} ${one ? "uses" : "use"} it at this moment`;
}

/** What to do about them. */
export function blockedRemedy({ holders }: Blockers, walMode: boolean): string {
  const one = holders.length === 1;
  if (walMode) {
    return (
      `have ${one ? "it" : "them"} close ${one ? "its" : "their"} connections (stop the service; nobody needs to ` +
      "be killed), and try again, or wait longer (--wait 1m)"
    );
  }
  return `try again when ${one ? "it has" : "they have"} finished, or wait longer (--wait 1m)`;
}

/** A line for each, while the switch waits. */
export function waitingLines({ holders, unowned }: Blockers): string[] {
  const known = holders.map((holder) => {
    const state = stateClause(holder);
    return `${nameOf(holder)} is in the way${state === null ? "" : `, ${state}`}`;
  });
  return unowned.length === 0 ? known : [...known, "somebody unknown is in the way"];
}
