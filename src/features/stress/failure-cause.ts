/** Why transactions failed, from the error code and the statement that failed. Pure. */
import type { Failures } from "./report.ts";
import type { Settings } from "./settings.ts";

/** Which of SQLite's messages a program shows. */
export type FailureMessage = "database-locked" | "table-locked" | "locking-protocol";

export type FailureCause =
  /** The snapshot of the reader is outdated (SQLITE_BUSY_SNAPSHOT): it can no longer become a writer. */
  | "outdated-snapshot"
  /** Another connection recovered the WAL. */
  | "recovery"
  /** A deferred transaction read and then had to write: SQLite does not wait. */
  | "upgrade"
  /** SQLITE_LOCKED or SQLITE_PROTOCOL. */
  | "not-busy"
  /** --busy-timeout 0. */
  | "no-timeout"
  | "timeout-used-up"
  | "commit-blocked-readers"
  /** WAL mode: readers are refused only while the database is opened, closed or recovered. */
  | "opened-or-closed"
  | "readers-blocked-commit"
  | "lock-held";

export interface FailureGroup {
  readonly message: FailureMessage;
  readonly cause: FailureCause;
  readonly count: number;
  readonly longestMs: number;
}

type RelevantSettings = Pick<Settings, "transaction" | "readThenWrite" | "busyTimeoutMs" | "journalMode">;

/** The failures of one role, one group for each message and cause, the largest first. */
export function failureGroups(
  settings: RelevantSettings,
  failures: readonly Failures[],
  role: Failures["role"],
): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const failure of failures.filter((each) => each.role === role)) {
    const message = messageOf(failure.code);
    const cause = causeOf(settings, failure);
    const key = `${message} ${cause}`;
    const { count, longestMs } = groups.get(key) ?? { count: 0, longestMs: 0 };
    groups.set(key, {
      message,
      cause,
      count: count + failure.count,
      longestMs: Math.max(longestMs, failure.longestMs),
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

export function causeOf(settings: RelevantSettings, failure: Failures): FailureCause {
  const { role, code, phase, timedOut, count } = failure;
  if (code === "SQLITE_BUSY_SNAPSHOT") return "outdated-snapshot";
  if (code === "SQLITE_BUSY_RECOVERY") return "recovery";
  if (isUpgrade(settings, failure)) return "upgrade";
  if (!isBusy(code)) return "not-busy";
  if (settings.busyTimeoutMs === 0) return "no-timeout";
  if (timedOut === count) return "timeout-used-up";
  if (role === "reader") return settings.journalMode === "delete" ? "commit-blocked-readers" : "opened-or-closed";
  return phase === "commit" ? "readers-blocked-commit" : "lock-held";
}

/**
 * The transaction has read and then fails to write. SQLite does not wait here: two such transactions would wait for
 * each other for ever.
 */
export function isUpgrade(
  { transaction, readThenWrite }: Pick<Settings, "transaction" | "readThenWrite">,
  { role, phase }: Pick<Failures, "role" | "phase">,
): boolean {
  return role === "writer" && transaction === "deferred" && readThenWrite && phase === "write";
}

/** SQLITE_BUSY, with or without an extension. */
export function isBusy(code: string): boolean {
  return code.startsWith("SQLITE_BUSY");
}

function messageOf(code: string): FailureMessage {
  if (isBusy(code)) return "database-locked";
  return code.startsWith("SQLITE_LOCKED") ? "table-locked" : "locking-protocol";
}
