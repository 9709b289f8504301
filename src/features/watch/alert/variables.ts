/**
 * The facts of an alert as environment variables. What a process calls itself, or its user, is in no other place than
 * its variable: one line of visible characters, of limited length. Pure.
 */

import { commandOf } from "../../../text/holder.ts";
import { foreignValue as foreign, valueText as text } from "../../alert/variable.ts";
import type { Alert } from "./alert.ts";

/** Any user can have thousands of processes hold a lock: too long a variable would keep the command from starting. */
const MAX_PROCESSES = 100;

/** Every variable is set, so that none comes from elsewhere; one that is not known is empty. `message`: the line. */
export function variablesOf(alert: Alert, message: string): Readonly<Record<string, string>> {
  const { path, holder, lock, lockDirectory, heldMs, atLeast, blocks, waitsFor, atMs } = alert;
  const uid = holder?.uid ?? null;
  return {
    SQLOCK_DATABASE: path,
    SQLOCK_PID: text(holder?.pid),
    SQLOCK_LOCK: lock?.name ?? "",
    SQLOCK_LOCK_DIRECTORY: lockDirectory ?? "",
    SQLOCK_HELD_MS: String(Math.floor(heldMs)),
    SQLOCK_HELD_AT_LEAST: atLeast ? "1" : "0",
    SQLOCK_BLOCKS: blocks.join(","),
    SQLOCK_WAITS_FOR: waitsFor.slice(0, MAX_PROCESSES).join(","),
    SQLOCK_COMMAND: holder === null ? "" : foreign(commandOf(holder)),
    SQLOCK_USER: foreign(holder?.user ?? text(uid)),
    SQLOCK_UID: text(uid),
    SQLOCK_UNIT: foreign(holder?.unit ?? ""),
    SQLOCK_CONTAINER: foreign(holder?.container ?? ""),
    SQLOCK_AT: new Date(atMs).toISOString(),
    SQLOCK_MESSAGE: message,
  };
}
