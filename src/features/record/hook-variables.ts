/**
 * The facts of a wait as environment variables, with the names that the command of `watch --alert` gets: SQLOCK_PID is
 * who holds the lock. Pure.
 */
import type { CallSite, ProcessLine, WaitLine } from "../../recording/lines.ts";
import { commandOf } from "../../text/holder.ts";
import { foreignValue, valueText } from "../alert/variable.ts";

export interface HookFacts {
  readonly path: string;
  readonly wait: WaitLine;
  /** Null: not known. */
  readonly waiter: ProcessLine | null;
  readonly blocker: ProcessLine | null;
  /** When the wait began, ms since 1970. */
  readonly atMs: number;
}

/** Every variable is set, so that none comes from elsewhere; one that is not known is empty. `message`: the line. */
export function hookVariables(facts: HookFacts, message: string): Readonly<Record<string, string>> {
  const { wait, waiter, blocker, path, atMs } = facts;
  const [first] = wait.blockers;
  return {
    SQLOCK_DATABASE: path,
    SQLOCK_PID: valueText(first?.pid),
    SQLOCK_LOCK: first?.lock ?? "",
    SQLOCK_HELD_MS: first === undefined ? "" : String(Math.floor(first.heldMs)),
    SQLOCK_HELD_AT_LEAST: first?.atLeast === true ? "1" : "0",
    SQLOCK_SQL: foreignValue(first?.sql ?? ""),
    SQLOCK_CALL_SITE: siteText(first?.callSite),
    SQLOCK_COMMAND: commandText(blocker),
    SQLOCK_USER: foreignValue(blocker?.user ?? valueText(blocker?.uid)),
    SQLOCK_UID: valueText(blocker?.uid),
    SQLOCK_UNIT: foreignValue(blocker?.unit ?? ""),
    SQLOCK_CONTAINER: foreignValue(blocker?.container ?? ""),
    SQLOCK_WAITER_PID: String(wait.pid),
    SQLOCK_WAITER_LOCK: wait.lock,
    SQLOCK_WAITER_SQL: foreignValue(wait.sql ?? ""),
    SQLOCK_WAITER_CALL_SITE: siteText(wait.callSite),
    SQLOCK_WAITER_COMMAND: commandText(waiter),
    SQLOCK_WAITER_UNIT: foreignValue(waiter?.unit ?? ""),
    SQLOCK_WAITED_MS: String(Math.floor(wait.waitedMs)),
    SQLOCK_ATTEMPTS: String(wait.attempts),
    SQLOCK_OUTCOME: wait.outcome === "still" ? "" : wait.outcome,
    SQLOCK_AT: new Date(atMs).toISOString(),
    SQLOCK_MESSAGE: message,
  };
}

/** `/srv/shop/views.py:42`: what an editor opens. */
function siteText(site: CallSite | null | undefined): string {
  return site == null ? "" : foreignValue(`${site.file}:${site.line}`);
}

function commandText(process: ProcessLine | null): string {
  if (process === null) return "";
  return foreignValue(commandOf({ name: process.name ?? "", commandLine: process.commandLine ?? [] }));
}
