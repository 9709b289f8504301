/** The words for what blocks a switch. Pure. */
import type { Blockers } from "../../features/journal-mode/blockers.ts";
import type { SwitchReason } from "../../features/journal-mode/reason.ts";
import type { Holder } from "../../model/report.ts";
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
      ? "SQLite says 'database is locked', and the process that blocks it cannot be seen from here"
      : "SQLite says 'database is locked', and the process that blocked it has ended or has released the lock";
  }
  const one = names.length === 1;
  if (walMode)
    return `${list(names)} ${one ? "has" : "have"} it open, and WAL mode can only be left when no process has`;
  const [only, ...more] = holders;
  const state = only !== undefined && more.length === 0 && isAsleep(only) ? stateClause(only) : null;
  return `${list(names)} ${one ? "is" : "are"} using it now${state === null ? "" : ` (${state})`}`;
}

/** A process that has not run for so long, in ms, will not finish in a moment. */
const LONG_MS = 10_000;

function isAsleep({ idleMs }: Pick<Holder, "idleMs">): boolean {
  return idleMs !== null && idleMs >= LONG_MS;
}

/** What to do about them. */
export function blockedRemedy({ holders }: Blockers, walMode: boolean): string {
  const one = holders.length === 1;
  if (walMode) {
    return (
      `make ${one ? "that program close its" : "these programs close their"} connections (stop the service), then ` +
      "try again, or wait longer (--wait 1m)"
    );
  }
  if (holders.length > 0 && holders.every(isAsleep)) {
    const end = one ? "end its transaction in that program" : "end their transactions in those programs";
    return `${end}, then try again, or wait longer (--wait 1m)`;
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
