/** A lock in a table or a sentence. Pure. */
import type { Lock } from "../model/report.ts";
import { lockRow } from "../sqlite/locks.ts";

type ShownLock = Pick<Lock, "name" | "role" | "type" | "api" | "waiting">;

/** Each text once; `-` where there is no lock. */
export function locksText(locks: readonly ShownLock[]): string {
  return [...new Set(locks.map(lockText))].join(", ") || "-";
}

/**
 * SQLite's name; of a lock that is not taken in SQLite's default way, how it was taken; one that is only waited for in
 * brackets.
 */
export function lockText({ name, role, type, api, waiting }: ShownLock): string {
  if (waiting) return `[waits:${name}]`;
  const taken = api === "posix" ? "" : `(${api})`;
  // A read mark that is written to, and the file of a lock whose name does not say it.
  const more =
    type === "write" && lockRow(name)?.pins !== undefined ? "(write)" : name === "FOREIGN" ? `(${role})` : "";
  return `${name}${taken}${more}`;
}
