/** A lock in a table or a sentence. Pure. */
import type { Lock } from "../model/report.ts";
import { lockRow } from "../sqlite/locks.ts";

/**
 * SQLite's name; of a lock that is not taken in SQLite's default way, how it was taken; one that is only waited for in
 * brackets.
 */
export function lockText({ name, role, type, api, waiting }: Pick<Lock, "name" | "role" | "type" | "api" | "waiting">) {
  if (waiting) return `[waits:${name}]`;
  const taken = api === "posix" ? "" : `(${api})`;
  // A read mark that is written to, and the file of a lock whose name does not say it.
  const more =
    type === "write" && lockRow(name)?.pins !== undefined ? "(write)" : name === "FOREIGN" ? `(${role})` : "";
  return `${name}${taken}${more}`;
}
