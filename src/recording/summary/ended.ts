/** How a wait ended: what the program was told. Pure. */
import type { WaitLine } from "../lines.ts";

/** SQLite's first sleep is 1 ms: a call that gave up sooner has not slept. The rest is scheduling. */
const AT_ONCE_MS = 5;

export type Ending =
  | "granted"
  | "busy" // the call returned SQLITE_BUSY
  | "locked" // SQLITE_LOCKED
  | "unfinished" // the call returned something else without the lock: PRAGMA wal_checkpoint returns a row
  | "killed"
  | "still"
  | "unknown";

export function endingOf({ outcome, result }: Pick<WaitLine, "outcome" | "result">): Ending {
  if (outcome !== "gave-up") return outcome;
  if (result === null || isBusy(result)) return "busy";
  return result.startsWith("SQLITE_LOCKED") ? "locked" : "unfinished";
}

/** With its extensions, as SQLITE_BUSY_SNAPSHOT. */
export function isBusy(result: string): boolean {
  return result.startsWith("SQLITE_BUSY");
}

/** Refused once, and given up: that is no wait, as far as the program knows. */
export function gaveUpAtOnce({ outcome, attempts, waitedMs }: WaitLine): boolean {
  return outcome === "gave-up" && attempts <= 1 && waitedMs < AT_ONCE_MS;
}
