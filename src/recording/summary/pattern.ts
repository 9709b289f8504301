/** The patterns that a recording is searched for, as data. The words are in src/render. */

/** What endangers work first. */
export const PATTERN_IDS = [
  "read-then-write",
  "busy-snapshot",
  "no-busy-timeout",
  "same-process-connections",
  "think-time",
  "exclusive-mode",
  "starvation",
  "checkpoint-kept-busy",
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
  | "shorter-sleeps";

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
}

/** A transaction read first, and was refused at once when it wanted to write: waiting cannot help it. */
export type ReadThenWrite = Common<
  "read-then-write",
  {
    readonly refused: number;
    /** Of these: refused at once with a statement of which others are proved, by a process that has a timeout. */
    readonly likely: number;
  }
>;

/** What it had read was no longer the newest when it wanted to write: SQLITE_BUSY_SNAPSHOT. */
export type BusySnapshot = Common<"busy-snapshot", { readonly refused: number }>;

/** Refused once and given up at once. */
export type NoBusyTimeout = Common<"no-busy-timeout", { readonly refused: number; readonly longestMs: number }>;

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
  }
>;

/** Many transactions one after the other, each of which changed something with one statement. */
export type OneTransactionPerRow = Common<
  "one-transaction-per-row",
  { readonly commits: number; readonly heldMs: number; readonly overMs: number }
>;

/** The lock was free while the one that waited for it slept. */
export type Oversleep = Common<
  "oversleep",
  { readonly waits: number; readonly totalMs: number; readonly longestMs: number; readonly waitedMs: number }
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
  | OneTransactionPerRow
  | Oversleep;
