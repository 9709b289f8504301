/** What to change, as data; the words are in src/render/advice. */
import type { CountRange, Range } from "../distribution/durations.ts";

/** What is set; `timeoutMs` and `frames` are the value that is advised. */
export type Setting =
  | { readonly id: "busy-timeout"; readonly timeoutMs: number }
  | { readonly id: "begin-immediate" }
  | { readonly id: "wal-mode" }
  | { readonly id: "checkpoint-interval"; readonly frames: number }
  | { readonly id: "end-reads" }
  | { readonly id: "one-writer-connection" }
  | { readonly id: "shorter-transactions" };

export type SettingId = Setting["id"];

/** A timeout, and how many of `waits` would have failed with it: see TimeoutForecast. */
export interface Outcome {
  readonly timeoutMs: number;
  readonly failed: CountRange | null;
  readonly likelyFailed: CountRange | null;
  readonly moments: CountRange | null;
}

interface Common<Id extends string, Because> {
  readonly id: Id;
  readonly path: string;
  /** `proved`: what it is to prevent was seen. That it will is `likely` in any case. */
  readonly sure: "proved" | "likely";
  readonly setting: Setting;
  readonly because: Because;
}

export interface TimeoutReason {
  readonly writers: number;
  readonly heldP95: Range | null;
  readonly heldP99: Range | null;
  readonly longestHeld: Range | null;
  /** Null: not known. */
  readonly waits: number | null;
  readonly timedOut: number;
  /** They gave up after so long: the timeout that they have; null: none did. */
  readonly gaveUpAfterMs: { readonly shortest: number; readonly longest: number } | null;
  /** With which connections were opened; empty: not known. */
  readonly openedWithMs: readonly number[];
  readonly longestWait: Range | null;
  /** Of some timeouts up to the one that is advised. */
  readonly outcomes: readonly Outcome[];
}

/** `why`: calls timed out; a wait came near the timeout; or the lock is held for longer than most timeouts. */
export type BusyTimeout = Common<
  "busy-timeout",
  TimeoutReason & { readonly why: "timed-out" | "near-timeout" | "long-holds" }
>;

export type NoBusyTimeout = Common<"no-busy-timeout", TimeoutReason & { readonly refused: number }>;

/** `refused`: a transaction that had read could not write; `outdated`: of these, what it had read was changed since. */
export type BeginImmediate = Common<
  "begin-immediate",
  { readonly refused: number; readonly outdated: number; readonly likely: number }
>;

export type WalMode = Common<
  "wal-mode",
  { readonly waits: number; readonly blockedMs: number; readonly failed: number }
>;

export type CheckpointInterval = Common<
  "checkpoint-interval",
  { readonly frames: number; readonly forMs: number; readonly bytes: number | null }
>;

export type EndReads = Common<
  "end-reads",
  { readonly frames: number; readonly forMs: number; readonly bytes: number | null; readonly pids: readonly number[] }
>;

export type OneWriterConnection = Common<
  "one-writer-connection",
  { readonly refused: number; readonly waits: number; readonly waitedMs: number; readonly pids: readonly number[] }
>;

/** `transactions`: those with much time outside of SQLite; 0: none is known, and the lock is held for too long. */
export type ShorterTransactions = Common<
  "shorter-transactions",
  {
    readonly transactions: number;
    readonly longestMs: number;
    readonly outsideShare: number | null;
    readonly blockedMs: number | null;
  }
>;

export type Advice =
  | BusyTimeout
  | NoBusyTimeout
  | BeginImmediate
  | WalMode
  | CheckpointInterval
  | EndReads
  | OneWriterConnection
  | ShorterTransactions;

export type AdviceId = Advice["id"];
