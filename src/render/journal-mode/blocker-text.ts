/** The words for what blocks a switch. Pure. */
import type { Blockers } from "../../features/journal-mode/blockers.ts";
import type { SwitchReason } from "../../features/journal-mode/reason.ts";
import type { Holder } from "../../model/report.ts";
import { duration } from "../../text/duration.ts";
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
  const long = holders.filter(isLong);
  if (long.length === 0) return `${list(names)} ${one ? "is" : "are"} using it now`;
  const short = names.filter((_, i) => !long.some((each) => each === holders[i]));
  const clauses = [
    ...long.map((holder) => `${nameOf(holder)} ${openClause(holder)}`),
    ...(short.length === 0 ? [] : [`${list(short)} ${short.length === 1 ? "is" : "are"} using it now`]),
  ];
  return clauses.join("; ");
}

/** For so long, in ms, a transaction is no passing moment. */
const LONG_MS = 10_000;

function isLong({ heldAtLeastMs, heldLikelyMs }: Holder): boolean {
  return Math.max(heldAtLeastMs ?? 0, heldLikelyMs ?? 0) >= LONG_MS;
}

/** Waiting does not help. */
function isIdle(holder: Holder): boolean {
  return isLong(holder) && (holder.idleMs ?? 0) >= LONG_MS;
}

/** `has had a read open for at least 8 m 3 s, and is idle`. */
function openClause({ activity, heldAtLeastMs, heldLikelyMs, idleMs }: Holder): string {
  const what = activity === "reading" ? "a read open" : activity === "writing" ? "a write transaction open" : "a lock";
  const provedMs = heldAtLeastMs ?? 0;
  const had =
    provedMs >= LONG_MS || heldLikelyMs === null
      ? `has had ${what} for at least ${duration(provedMs)}`
      : `has likely had ${what} for ${duration(heldLikelyMs)}`;
  return (idleMs ?? 0) >= LONG_MS ? `${had}, and is idle` : had;
}

/** What to do about them. */
export function blockedRemedy({ holders, unowned }: Blockers, walMode: boolean): string {
  const one = holders.length + (unowned.length === 0 ? 0 : 1) === 1;
  if (!walMode && unowned.length === 0 && holders.every(isIdle))
    return `have ${one ? "it end its transaction" : "them end their transactions"}, and try again`;
  if (walMode) {
    return (
      `have ${one ? "it" : "them"} close ${one ? "its" : "their"} connections (stop the service; no process needs ` +
      "to be killed), and try again, or wait longer (--wait 1m)"
    );
  }
  return `try again when ${one ? "it has" : "they have"} finished, or wait longer (--wait 1m)`;
}

/**
 * After a finding that explains all of them, and says what to do about each: to end a read or a transaction need not
 * close the connection.
 */
export function afterFindings({ holders }: Blockers, walMode: boolean): string {
  if (!walMode) return "try again";
  const one = holders.length === 1;
  const pids = list(holders.map(({ pid }) => pid));
  return one
    ? `try again; if ${pids} is still running, it has to close its connections first`
    : `try again; those of ${pids} that are still running have to close their connections first`;
}

/** A line for each, while the switch waits. */
export function waitingLines({ holders, unowned }: Blockers): string[] {
  const known = holders.map((holder) => {
    const state = stateClause(holder);
    return `${nameOf(holder)} blocks the switch${state === null ? "" : ` (${state})`}`;
  });
  return unowned.length === 0 ? known : [...known, "an unknown process blocks the switch"];
}
