/**
 * What a recording found, as data: the last line of the document, and what the screen at the end is made of. Times in
 * ms. Field names never change their meaning; fields may be added.
 */
import type { LockName, LockType } from "../sqlite/locks.ts";
import type { CallSite, TransactionLine, WaitLine } from "./lines.ts";
import type { Pattern, PatternId } from "./summary/pattern.ts";
import type { UnitManager } from "./units.ts";

export interface SummaryLine {
  readonly type: "summary";
  readonly durationMs: number;
  readonly exact: boolean;
  /** Events were lost, or the recording is a sample: counts and times are lower bounds. */
  readonly atLeast: boolean;
  readonly verdict: RecordingVerdict;
  readonly totals: Totals;
  readonly databases: readonly DatabaseSummary[];
  /** The longest first. */
  readonly waits: readonly WaitLine[];
  readonly moreWaits: number;
  /** The longest first. */
  readonly transactions: readonly TransactionLine[];
  readonly moreTransactions: number;
  /** Those that were waited for or waited longest first; all that this line names are among them. */
  readonly processes: readonly ProcessSummary[];
  readonly moreProcesses: number;
  /** What endangers work first. */
  readonly patterns: readonly Pattern[];
  readonly unknown: UnknownSummary;
  /** Where programs opened connections: those of which most were not closed first. Left out where none tells. */
  readonly connections?: readonly ConnectionSummary[];
  readonly moreConnections?: number;
}

/** Connections that one line of code opened. */
export interface ConnectionSummary {
  /** Null: in memory, or temporary. */
  readonly path: string | null;
  /** Name of a database in memory that several connections may share; null: none. */
  readonly memory: string | null;
  readonly driver: string;
  readonly openedAt: CallSite | null;
  readonly processes: number;
  readonly opened: number;
  /** Of these: closed, dropped without being closed, open at the end, open when their process ended. */
  readonly closed: number;
  readonly collected: number;
  readonly open: number;
  readonly processEnded: number;
  /** Those that SQLite refused to open: not in `opened`. */
  readonly notOpened: number;
}

/**
 * `nothing`: no lock was taken, or seen.
 * `waits-not-seen`: locks were seen by samples, which cannot see waits and refusals: all counts of these are 0 without
 * meaning that there were none.
 * `no-waits`: nobody waited, nobody was refused. `waits`: no call returned SQLITE_BUSY, as far as is known.
 * `refusals`: calls returned SQLITE_BUSY.
 */
export type RecordingState = "nothing" | "waits-not-seen" | "no-waits" | "waits" | "refusals";

export interface RecordingVerdict {
  readonly state: RecordingState;
  readonly exact: boolean;
  readonly atLeast: boolean;
  /** Who waited or was refused: processes and threads, by what they wanted. */
  readonly waiting: WaitingCounts;
  /** Of these, those that got SQLITE_BUSY. */
  readonly busy: WaitingCounts;
  readonly waits: number;
  /** Refused attempts in these waits, and refusals without a wait. */
  readonly refusedAttempts: number;
  readonly waitedMs: number;
  readonly longestWaitMs: number;
  /** Waits that ended with SQLITE_BUSY. */
  readonly gaveUp: number;
  /** Calls that returned SQLITE_BUSY without having waited for another process. */
  readonly refusals: number;
  /** How the waits ended, of `waits`. */
  readonly ended: WaitsEnded;
  /** Of `gaveUp`: refused once, within 5 ms. */
  readonly atOnce: number;
  /** Of `waits`, those of 10 ms and more. */
  readonly longWaits: number;
  /** Why calls returned SQLITE_BUSY, the most frequent first: all together are `gaveUp` and `refusals`. */
  readonly causes: readonly RefusalCause[];
  /** Runs of refusals that may be several calls each: they are in none of the other counts. */
  readonly runs: Duration;
  /** Waits for another connection of the same process, of `waits`. */
  readonly withinProcess: Duration;
  /**
   * Who was in the way of the calls that were refused at once: by their number. Where none of these was seen, of those
   * that the programs tell of (`told`, likely).
   */
  readonly refusedBehind: readonly Behind[];
  /** What the waited time is behind: the greatest share first. */
  readonly behind: readonly Behind[];
  /** The same by the statement that took the lock, whichever process it was. */
  readonly behindStatements: readonly BehindStatement[];
  /** Of `waitedMs`, from 0 to 1: behind nobody who is known, and while the lock was free (the waiter slept on). */
  readonly unknownShare: number;
  readonly oversleptShare: number;
  /** The command's programs have a tracer in them, which tells refused calls. Left out where not. */
  readonly callSites?: true;
  readonly told?: ToldRefusals;
}

/** Of calls that returned SQLITE_BUSY, as only the programs tell. */
export interface ToldRefusals {
  /** So many during which another process or connection held a lock (likely). */
  readonly withBlocker: number;
  /** So many waited inside SQLite, and the lock did not become free (likely). */
  readonly timedOut: number;
}

export interface WaitsEnded {
  readonly granted: number;
  readonly busy: number;
  /** With SQLITE_LOCKED. */
  readonly locked: number;
  /** The call returned without the lock, and without an error: PRAGMA wal_checkpoint. */
  readonly unfinished: number;
  readonly killed: number;
  /** At the end of the recording. */
  readonly still: number;
  /** Not known. */
  readonly unknown: number;
}

export interface RefusalCause {
  /** A pattern; `timeout`: it had waited for the lock before; `unknown`: none of these. */
  readonly cause:
    | Extract<PatternId, "read-then-write" | "busy-snapshot" | "no-busy-timeout" | "same-process-connections">
    | "timeout"
    | "unknown";
  readonly times: number;
  readonly sure: "proved" | "likely";
  /** The longest that such a call waited inside SQLite, in vain; 0 where none did, or where that is not known. */
  readonly longestMs: number;
  /** Where most of these calls were; left out where that is not known. */
  readonly callSite?: CallSite;
}

/** Of one process, one lock and one database, in the whole recording. */
export type HoldSum = Duration;

export interface WaitingCounts {
  readonly processes: number;
  readonly threads: number;
  /** Of the processes: those that waited to write, to read, for a checkpoint. One may be in several. */
  readonly writers: number;
  readonly readers: number;
  readonly checkpointers: number;
}

/** A process, one of its locks and the statement that took it. */
export interface Behind {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly waits: number;
  /** Calls that were refused at once because of it, and because of any lock of the process. */
  readonly refused: number;
  readonly processRefused: number;
  /** Time that others waited behind it; of all that was waited, 0 to 1. */
  readonly blockedMs: number;
  readonly share: number;
  /** The share of the process, with all its locks and statements. */
  readonly processShare: number;
  /** The statement that took the lock; null: not known. */
  readonly sql: string | null;
  readonly callSite: CallSite | null;
  /** All holds of the same lock by the process, whatever the statement; null: not known. */
  readonly holds: HoldSum | null;
  /** Of the hold that others waited for longest. */
  readonly longest: BehindHold;
}

export interface BehindStatement {
  readonly path: string;
  readonly sql: string;
  readonly processes: number;
  readonly waits: number;
  readonly blockedMs: number;
  readonly share: number;
  /** All holds of the write lock by these processes, whatever the statement; null: not known. */
  readonly holds: HoldSum | null;
}

export interface BehindHold {
  readonly fromMs: number;
  readonly heldMs: number;
  readonly atLeast: boolean;
  /** Null: still held at the end, or not known. */
  readonly toMs: number | null;
  /** Of its transaction; null: not known. */
  readonly transactionMs: number | null;
  readonly outsideMs: number | null;
  /** The first and the last statement of the transaction. */
  readonly firstSql: string | null;
  readonly lastSql: string | null;
  readonly outcome: TransactionLine["outcome"] | null;
  /** For so long the lock was kept after the end of the transaction (likely); null: it was not, or not known. */
  readonly keptAfterEndMs: number | null;
  /** Where its transaction was begun; left out where that is not known. */
  readonly begunAt?: CallSite;
}

export interface Totals {
  /** Holds of the write lock. */
  readonly writeHolds: number;
  readonly transactions: number;
  readonly writeTransactions: number;
  readonly commits: number;
  readonly waits: number;
  readonly waitedMs: number;
  readonly refusedAttempts: number;
  readonly gaveUp: number;
  readonly refusals: number;
  /** Attempts that no call needed. */
  readonly optionalRefusals: number;
  readonly processes: number;
  readonly lostEvents: number;
  readonly gaps: number;
}

export interface DatabaseSummary {
  readonly path: string;
  readonly writeHolds: number;
  /** The write lock was held in all, by all; of the recording, 0 to 1. */
  readonly writeHeldMs: number;
  readonly writeHeldShare: number;
  readonly waits: number;
  readonly waitedMs: number;
  readonly gaveUp: number;
  readonly refusals: number;
}

export interface Duration {
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** The longest is a lower bound. */
  readonly atLeast: boolean;
}

export interface ProcessSummary {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly name: string | null;
  readonly commandLine: readonly string[] | null;
  readonly user: string | null;
  readonly unit: string | null;
  readonly unitManager: UnitManager | null;
  readonly unitUid: number | null;
  readonly container: string | null;
  /** Holds of the write lock, of locks for reading, and of CKPT. */
  readonly writes: Duration;
  readonly reads: Duration;
  readonly checkpoints: Duration;
  readonly transactions: number;
  readonly commits: number;
  readonly waits: Duration;
  readonly refusedAttempts: number;
  readonly gaveUp: number;
  readonly refusals: number;
  readonly optionalRefusals: number;
  /** Others waited so long behind it. */
  readonly blockedOthersMs: number;
  /** Runs of refusals that may be several calls each: not in `waits`. */
  readonly runs: Duration;
  /** Calls that returned SQLITE_LOCKED: not in `refusals`. */
  readonly locked: number;
  /** It tells of its calls itself. Left out where not. */
  readonly told?: true;
}

/** What the recording cannot know. */
export interface UnknownSummary {
  readonly lines: readonly { readonly what: string; readonly why: string; readonly pids: readonly number[] }[];
  readonly gaps: {
    readonly times: number;
    readonly totalMs: number;
    readonly lostEvents: number;
    /** Of these, so many because another program switched the tracing off; left out for none. */
    readonly switchedOff?: number;
    /** Of these, so many in which nothing could be written (a full disk); left out for none. */
    readonly notWritten?: number;
  };
  /** Waits without a known blocker, and calls or locks without their statement. */
  readonly waitsWithoutBlocker: number;
  readonly waitsWithoutStatement: number;
  /** Of which no statement was seen: those that were only counted are not among them. */
  readonly transactionsWithoutStatement: number;
  /** It is not known whether they got the lock. */
  readonly waitsWithoutOutcome: number;
  /** Detail that was folded for --max-size, up to then; null: none. */
  readonly foldedUntilMs: number | null;
}
