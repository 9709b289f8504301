/** What advice stands on: the facts of one database, from a recording or from one look. */
import type { CountRange, Quantiles, Range } from "../distribution/durations.ts";
import type { Pattern } from "../summary/pattern.ts";

export interface Evidence {
  readonly path: string;
  readonly source: "kernel" | "sampled" | "look";
  /** Of it, so long is known: 0 for one look. */
  readonly watchedMs: number;
  readonly journalMode: "wal" | "rollback" | null;
  /** Processes that had the write lock. */
  readonly writers: number;
  readonly writeHolds: Quantiles;
  /** Null: a sample or a look shows none. */
  readonly waits: WaitEvidence | null;
  /** Busy timeouts with which connections were opened, as far as programs tell: from short to long. */
  readonly openedWithMs: readonly number[];
  readonly timeouts: readonly TimeoutForecast[];
  /** In rollback mode: readers that waited for a commit, and commits that waited for readers. */
  readonly readersAndCommits: Blocked | null;
  readonly patterns: readonly Pattern[];
  readonly wal: WalEvidence | null;
  /** Of a look: those with the write lock that do nothing; null: there is none, or it is a recording. */
  readonly idleWriters: { readonly pids: readonly number[]; readonly longestMs: number } | null;
}

export interface WaitEvidence {
  /** For the write lock or to read; those of several calls, of checkpoints and within a process are not in it. */
  readonly lengths: Quantiles;
  /** What the longest would likely have needed; null: there is none. */
  readonly likelyLongest: Range | null;
  /** Of these, those that ended with SQLITE_BUSY after a wait. */
  readonly timedOut: number;
  /** Refused once and given up: without a busy timeout. */
  readonly atOnce: number;
  /** After how long the first of `timedOut` gave up, and the last; null without any. */
  readonly gaveUpAfterMs: { readonly shortest: number; readonly longest: number } | null;
}

/** What another busy timeout would have done to the same waits. */
export interface TimeoutForecast {
  readonly timeoutMs: number;
  /**
   * So many of the waits would have failed, had the others done the same: certain. A wait that gave up needed at least
   * the time that it waited, and is in `atMost` for each longer timeout. Null: no waits are known.
   */
  readonly failed: CountRange | null;
  /**
   * The same with what those that gave up would likely have needed: until those let go that were in their way. In
   * `atMost` alone: those of which that is not known.
   */
  readonly likelyFailed: CountRange | null;
  /** Of all moments, the share (0 to 1) at which a writer would have begun to wait longer than that. */
  readonly moments: CountRange | null;
}

export interface Blocked {
  readonly waits: number;
  readonly blockedMs: number;
  /** With SQLITE_BUSY. */
  readonly failed: number;
}

export interface WalEvidence {
  /** Null: not known. */
  readonly mostBytes: number | null;
  /** Frames that a checkpoint could have copied, and had not: the most, and how long there were too many. */
  readonly mostUncopied: number;
  readonly uncopiedMs: number;
  /** Frames that readers kept from being copied, likewise. */
  readonly mostPinned: number;
  readonly pinnedMs: number;
  /** Those that pinned them for the longest time first, at most 10. */
  readonly pinnedBy: readonly number[];
}
