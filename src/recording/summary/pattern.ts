/** The patterns that a recording is searched for, as data. The words are in src/render. */
import type { CallSite, ProgramTransaction } from "../lines.ts";
import type { ENDS } from "../program/message.ts";
import type { Framework } from "./frameworks.ts";

/** What endangers work first. */
export const PATTERN_IDS = [
  "read-then-write",
  "busy-snapshot",
  "no-busy-timeout",
  "same-process-connections",
  "wrong-thread",
  "used-after-close",
  "transaction-left-open",
  "tasks-with-own-connections",
  "think-time",
  "exclusive-mode",
  "starvation",
  "checkpoint-kept-busy",
  "cursor-left-open",
  "never-closed",
  "shared-memory-database",
  "timeout-zero",
  "one-transaction-per-row",
  "oversleep",
] as const;
export type PatternId = (typeof PATTERN_IDS)[number];

/** What helps; the words are in src/render/record. */
export type FixId =
  | "begin-immediate"
  | "set-busy-timeout"
  | "one-connection"
  | "commit-before-work"
  | "normal-locking-mode"
  | "pause-between"
  | "end-reads"
  | "one-transaction"
  | "shorter-sleeps"
  | "close-connections"
  | "connection-per-thread"
  | "close-last"
  | "end-transactions"
  | "one-task-writes"
  | "finish-cursors"
  | "no-shared-cache";

interface Common<Id extends PatternId, Evidence> {
  readonly id: Id;
  readonly severity: "error" | "warning" | "info";
  readonly sure: "proved" | "likely";
  readonly path: string;
  /** Those whose program has the pattern: the greatest evidence first, at most 10. */
  readonly pids: readonly number[];
  /** The statement that shows it best; null: not known. */
  readonly sql: string | null;
  readonly evidence: Evidence;
  readonly fix: FixId;
  /** Word for `sqlock explain`. */
  readonly explain: string;
  /** Through what the first of these processes uses SQLite; left out where it is not known. */
  readonly framework?: Framework;
}

/** A transaction read first, and was refused at once when it wanted to write: waiting cannot help it. */
export type ReadThenWrite = Common<
  "read-then-write",
  {
    readonly refused: number;
    /**
     * Of these: refused at once with a statement of which others are proved, by a process that has a timeout; or after
     * they had read, by another connection of their own process.
     */
    readonly likely: number;
    /** Lines that are left out are not known; here and below. */
    readonly readAt?: CallSite;
    readonly wroteAt?: CallSite;
  }
>;

/** What it had read was no longer the newest when it wanted to write: SQLITE_BUSY_SNAPSHOT. */
export type BusySnapshot = Common<
  "busy-snapshot",
  { readonly refused: number; readonly readAt?: CallSite; readonly wroteAt?: CallSite }
>;

/** Refused once and given up at once. */
export type NoBusyTimeout = Common<
  "no-busy-timeout",
  {
    readonly refused: number;
    readonly longestMs: number;
    /** Where a connection was opened with a timeout of 0. */
    readonly openedAt?: CallSite;
    readonly refusedAt?: CallSite;
  }
>;

/** Two connections of one process were in each other's way. */
export type SameProcessConnections = Common<
  "same-process-connections",
  {
    readonly refused: number;
    /** Those that ended with the lock. */
    readonly waits: number;
    /** Inside SQLite; of those that were refused too. */
    readonly waitedMs: number;
    readonly longestMs: number;
    /** Of those that were refused. */
    readonly refusedLongestMs: number;
    /** Of those that were refused, else of those that waited. */
    readonly usedAt?: CallSite;
  }
>;

/** A write transaction spent most of its time outside SQLite. */
export type ThinkTime = Common<
  "think-time",
  {
    readonly transactions: number;
    readonly longestMs: number;
    readonly longestOutsideMs: number;
    readonly totalMs: number;
    readonly totalOutsideMs: number;
    /** Others waited behind these transactions. */
    readonly blockedMs: number;
    /** Of the one with most time outside. */
    readonly begunAt?: CallSite;
    readonly pause?: NonNullable<ProgramTransaction["pause"]>;
  }
>;

/** A process kept the write lock after its transaction had ended. */
export type ExclusiveMode = Common<
  "exclusive-mode",
  {
    readonly times: number;
    /** After the end of the transaction, in all. */
    readonly keptMs: number;
    readonly longestMs: number;
    /** Others waited meanwhile. */
    readonly blockedMs: number;
  }
>;

/** Writers that others overtook: these took the lock again and again during one wait. */
export type Starvation = Common<
  "starvation",
  {
    /** Waits in which one other process took the lock ten times and more; their time. */
    readonly waits: number;
    readonly waitedMs: number;
    readonly longestMs: number;
    /** Holds of those that waited, in the whole recording. */
    readonly got: number;
    /** So often others took the lock during these waits. */
    readonly overtaken: number;
    readonly others: number;
    /** On average, of the others. */
    readonly othersWaitedMs: number;
    readonly othersGot: number;
  }
>;

/** Readers keep a checkpoint from its end. */
export type CheckpointKeptBusy = Common<
  "checkpoint-kept-busy",
  {
    readonly refused: number;
    readonly waitedMs: number;
    /** Checkpoints that waited, and those of them that gave up. */
    readonly checkpoints: number;
    readonly gaveUp: number;
    readonly readers: number;
    /** The greatest evidence first, at most 10. */
    readonly readerPids: readonly number[];
    readonly longestReadMs: number;
    /** Of the reader with the longest read. */
    readonly readAt?: CallSite;
  }
>;

/** Many transactions one after the other, each of which changed something with one statement. */
export type OneTransactionPerRow = Common<
  "one-transaction-per-row",
  { readonly commits: number; readonly heldMs: number; readonly overMs: number; readonly changedAt?: CallSite }
>;

/** The lock was free while the one that waited for it slept. */
export type Oversleep = Common<
  "oversleep",
  { readonly waits: number; readonly totalMs: number; readonly longestMs: number; readonly waitedMs: number }
>;

/** Connections that a line opened, and that the program did not close. */
export type NeverClosed = Common<
  "never-closed",
  {
    readonly opened: number;
    /** Dropped without being closed. */
    readonly collected: number;
    /** Open at the end of their process, or of the recording. */
    readonly leftOpen: number;
    readonly openedAt?: CallSite;
  }
>;

/** A connection was used in another thread than the one that made it. */
export type WrongThread = Common<
  "wrong-thread",
  { readonly times: number; readonly openedAt?: CallSite; readonly usedAt?: CallSite }
>;

export type UsedAfterClose = Common<
  "used-after-close",
  { readonly times: number; readonly openedAt?: CallSite; readonly closedAt?: CallSite; readonly usedAt?: CallSite }
>;

/** Somebody ended, or closed a connection, and its transaction was still open. */
export type TransactionLeftOpen = Common<
  "transaction-left-open",
  {
    readonly times: number;
    /** What ended, of most of them. */
    readonly ended: (typeof ENDS)[number] | "close" | "collected" | "process";
    /** Of these transactions: those that had the write lock. */
    readonly writes: number;
    /** 0: no lock was seen for them. */
    readonly longestMs: number;
    readonly totalMs: number;
    readonly blockedMs: number;
    readonly begunAt?: CallSite;
    readonly endedAt?: CallSite;
  }
>;

/** Tasks of one event loop, each with a connection of its own, that wait for each other. */
export type TasksWithOwnConnections = Common<
  "tasks-with-own-connections",
  {
    readonly tasks: number;
    readonly connections: number;
    readonly refused: number;
    readonly waits: number;
    readonly waitedMs: number;
    /** Transactions that were open at the same time as one of another task. */
    readonly overlaps: number;
    readonly usedAt?: CallSite;
    /** Where the transaction in their way wrote. */
    readonly heldAt?: CallSite;
  }
>;

/** A read went on after the call that began it had returned. */
export type CursorLeftOpen = Common<
  "cursor-left-open",
  { readonly times: number; readonly longestMs: number; readonly totalMs: number; readonly readAt?: CallSite }
>;

/** Connections opened with a busy timeout of 0, of which none was refused. */
export type TimeoutZero = Common<"timeout-zero", { readonly opened: number; readonly openedAt?: CallSite }>;

/** A database in memory that several connections share: `path` is its name. */
export type SharedMemoryDatabase = Common<
  "shared-memory-database",
  { readonly connections: number; readonly openedAt?: CallSite }
>;

export type Pattern =
  | ReadThenWrite
  | BusySnapshot
  | NoBusyTimeout
  | SameProcessConnections
  | ThinkTime
  | ExclusiveMode
  | Starvation
  | CheckpointKeptBusy
  | WrongThread
  | UsedAfterClose
  | TransactionLeftOpen
  | TasksWithOwnConnections
  | CursorLeftOpen
  | NeverClosed
  | SharedMemoryDatabase
  | TimeoutZero
  | OneTransactionPerRow
  | Oversleep;
