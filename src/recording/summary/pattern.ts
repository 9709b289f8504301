/** The patterns that a recording is searched for, as data. The words are in src/render. */

/** What endangers work first. */
export const PATTERN_IDS = [
  "read-then-write",
  "busy-snapshot",
  "no-busy-timeout",
  "same-process-connections",
  "think-time",
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
  | "shorter-transactions"
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
export type ReadThenWrite = Common<"read-then-write", { readonly refused: number }>;

/** What it had read was no longer the newest when it wanted to write: SQLITE_BUSY_SNAPSHOT. */
export type BusySnapshot = Common<"busy-snapshot", { readonly refused: number }>;

/** Refused once and given up at once. */
export type NoBusyTimeout = Common<"no-busy-timeout", { readonly refused: number; readonly longestMs: number }>;

/** Two connections of one process were in each other's way. */
export type SameProcessConnections = Common<"same-process-connections", { readonly refused: number }>;

/** A write transaction spent most of its time outside SQLite. */
export type ThinkTime = Common<
  "think-time",
  {
    readonly transactions: number;
    readonly longestMs: number;
    readonly longestOutsideMs: number;
    readonly totalMs: number;
    readonly totalOutsideMs: number;
    /** Others waited for these processes. */
    readonly blockedMs: number;
  }
>;

/** One writer waits much longer than the others. */
export type Starvation = Common<
  "starvation",
  {
    readonly waitedMs: number;
    readonly got: number;
    readonly longestMs: number;
    readonly others: number;
    /** On average, of the others. */
    readonly othersWaitedMs: number;
    readonly othersGot: number;
  }
>;

/** Readers keep a checkpoint from its end. */
export type CheckpointKeptBusy = Common<
  "checkpoint-kept-busy",
  { readonly refused: number; readonly waitedMs: number; readonly readers: number; readonly longestReadMs: number }
>;

/** Many transactions one after the other, of one statement each. */
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
  | Starvation
  | CheckpointKeptBusy
  | OneTransactionPerRow
  | Oversleep;
