/** The words for what blocks a switch. Pure. */
import type { Blockers } from "../../features/journal-mode/blockers.ts";
import type { SwitchReason } from "../../features/journal-mode/reason.ts";
import { nameOf, stateClause } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { lockNames } from "../../text/lock-names.ts";

/** `4242 (python app.py) is using it now`. */
export function blockedText({
  blockers: { holders, unowned },
  walMode,
  hidden,
}: Omit<Extract<SwitchReason, { kind: "blocked" }>, "kind">): string {
  const locks = lockNames(unowned);
  const names = [...holders.map(nameOf), ...(locks === "" ? [] : [`an unknown process (${locks})`])];
  if (names.length === 0) {
    return hidden
      ? "SQLite says 'database is locked', by a process that cannot be seen from here"
      : "SQLite says 'database is locked', and the process that blocked it has ended or has released the lock";
  }
  const one = names.length === 1;
  if (walMode)
    return `${list(names)} ${one ? "has" : "have"} it open, and WAL mode can only be left when no process has`;
  return `${list(names)} ${one ? "is" : "are"} using it now`;
}

/** What to do about them. */
export function blockedRemedy({ holders }: Blockers, walMode: boolean): string {
  const one = holders.length === 1;
  if (walMode) {
    return (
      `have ${one ? "it" : "them"} close ${one ? "its" : "their"} connections (stop the service; no process needs ` +
      "to be killed), and try again, or wait longer (--wait 1m)"
    );
  }
  return `try again when ${one ? "it has" : "they have"} finished, or wait longer (--wait 1m)`;
}

/** A line for each, while the switch waits. */
export function waitingLines({ holders, unowned }: Blockers): string[] {
  const known = holders.map((holder) => {
    const state = stateClause(holder);
    return `${nameOf(holder)} blocks the switch${state === null ? "" : ` (${state})`}`;
  });
  return unowned.length === 0 ? known : [...known, "an unknown process blocks the switch"];
}
