/**
 * The events of watch, field by field a line of --json (docs/watch.schema.json), with Date where that has strings.
 */

import type { Severity } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import type { SourceKind } from "../../recording/source.ts";
import type { LockApi, LockName, LockType } from "../../sqlite/locks.ts";
import type { Role } from "../../sqlite/roles.ts";
import type { WalGrowth } from "./wal-growth.ts";

export const WATCH_SCHEMA_VERSION = 1;

/**
 * `watching`: it begins. `missing`, `created`, `deleted`, `replaced`, `returned`: the database file.
 * `open`, `opened`, `closed`, `ended`: a process already has it open, opens it, closes it, has ended. `held`,
 * `acquired`, `released`: a lock.
 * `finding`, `resolved`: as who-holds has them. `wal-growth`: once per minute, while the -wal file grows. `alert`: a
 * lock has kept others out for as long as --alert says. `gap`: for a while nothing was read.
 */
export type EventName =
  | "watching"
  | "missing"
  | "created"
  | "deleted"
  | "replaced"
  | "returned"
  | "open"
  | "opened"
  | "closed"
  | "ended"
  | "held"
  | "acquired"
  | "released"
  | "finding"
  | "resolved"
  | "wal-growth"
  | "alert"
  | "gap";

export interface WatchEvent {
  readonly at: Date;
  readonly event: EventName;
  /** Of the database. */
  readonly path: string;
  readonly pid: number | null;
  /** The command of the process; null where it was gone before its name was read. */
  readonly name: string | null;
  readonly lock: LockName | null;
  readonly role: Role | null;
  readonly type: LockType | null;
  readonly api: LockApi | null;
  /** Of a lock that was released, and of an alert until then, in ms. */
  readonly heldMs: number | null;
  /** It was held before the watching, or during a gap: `heldMs` is a lower bound. Null where no lock was released. */
  readonly atLeast: boolean | null;
  readonly finding: {
    readonly id: string;
    readonly severity: Severity;
    readonly pids: readonly number[];
    readonly summary: string;
  } | null;
  /** Of the events `watching` and `gap`; left out of others. */
  readonly source?: SourceKind;
  /** Of the event `wal-growth`; left out of others. */
  readonly wal?: WalGrowth;
  /** Of the event `alert`; left out of others. */
  readonly alert?: AlertFacts;
  /** True for a lock on a file that has lost its name (replaced, deleted or moved); left out of others. */
  readonly formerFile?: boolean;
  /**
   * Of the event `gap`, in ms until `at`; left out of others. A lock that is not `released` at its end is there again:
   * whether it was held in between is unknown, and so is its age.
   */
  readonly gapMs?: number;
}

/** What an alert says beside the lock and its process. */
export interface AlertFacts {
  readonly blocks: readonly ("readers" | "writers" | "commits")[];
  /** Processes that it waits for itself. */
  readonly waitsFor: readonly number[];
  readonly user: string | null;
  readonly uid: number | null;
  /** Of unix-dotfile, in place of a lock; null for others. */
  readonly lockDirectory: string | null;
}

/** An event with the fields of `known`; all others are null. */
export function watchEvent(event: EventName, path: string, atMs: number, known: Partial<WatchEvent> = {}): WatchEvent {
  return {
    at: new Date(atMs),
    event,
    path,
    pid: null,
    name: null,
    lock: null,
    role: null,
    type: null,
    api: null,
    heldMs: null,
    atLeast: null,
    finding: null,
    ...known,
  };
}

/** One lock of one process, over the whole time. */
export interface HolderSummary {
  readonly path: string;
  readonly pid: number;
  readonly name: string | null;
  readonly lock: LockName;
  readonly role: Role;
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** Of the time watched, 0 to 1. */
  readonly share: number;
  /** From the kernel: waits of others that it has caused. Else an estimate of these, see blocked-attempts.ts. */
  readonly blockedAttempts: number;
  /** It was held when the watching began or ended, or during a gap: it is longer than what was seen of it. */
  readonly cutOff: boolean;
}

/** The -wal file of one database, over the whole time. */
export interface WalSummary extends WalGrowth {
  readonly path: string;
  /** At the first look. */
  readonly sizeAtStartBytes: number;
  /** At any look. */
  readonly largestBytes: number;
}

/** The last line. */
export interface WatchSummary {
  readonly schemaVersion: typeof WATCH_SCHEMA_VERSION;
  readonly at: Date;
  readonly event: "summary";
  /** `kernel`: every lock, but in gaps. `sampled`: what readings of /proc/locks have seen. */
  readonly source: SourceKind;
  readonly paths: readonly string[];
  readonly watchedMs: number;
  /**
   * How often /proc/locks was read, and the longest time between two readings, in ms: what began and ended within
   * that was not seen. From the kernel: none, and the longest time in which events were lost.
   */
  readonly readings: number;
  readonly longestGapMs: number;
  readonly holders: readonly HolderSummary[];
  /** Of each database that had a -wal file at any look. */
  readonly wal: readonly WalSummary[];
  /** Processes that the last look could not inspect: they may have the database open. */
  readonly unseen: Unseen | null;
}
