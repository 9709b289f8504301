/**
 * What a page holds for its timeline: columns of numbers, and the texts once each. Times are whole microseconds from
 * `fromMs` on; an index of -1 is null. The builder writes it, and the page reads it. Loads nothing.
 */
import type { ClockPoint } from "../../recording/history/wall-clock.ts";
import type { LockName, LockType } from "../../sqlite/locks.ts";

export interface PageData {
  /** The axis, ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  readonly clock: readonly ClockPoint[];
  readonly strings: readonly string[];
  readonly sites: readonly SiteData[];
  /** Statements of transactions in their order: of each its text, and how often in a row. */
  readonly sequences: readonly (readonly number[])[];
  readonly kinds: readonly (readonly [LockName, LockType])[];
  readonly processes: readonly ProcessData[];
  readonly lanes: readonly LaneData[];
  readonly locks: LockColumns;
  readonly waits: WaitColumns;
  readonly transactions: TransactionColumns;
  readonly refusals: RefusalColumns;
  /** Of waits and refusals, in their order. */
  readonly blockers: BlockerColumns;
  /** Of the transactions whose statements have times, in their order. */
  readonly statements: StatementColumns;
  readonly counted: CountedColumns;
  readonly zones: readonly ZoneData[];
  readonly wals: readonly WalData[];
}

export interface SiteData {
  /** Of the text for people (`views.py:42 in save (task Task-3)`), the lines it was called from in the same way. */
  readonly text: number;
  readonly file: number;
  readonly line: number;
  readonly calledFrom: readonly number[];
}

export interface ProcessData {
  readonly pid: number;
  readonly startTicks: string | null;
  /** For people: escaped. */
  readonly command: string;
  readonly user: string | null;
  readonly unit: string | null;
  readonly container: string | null;
}

/** A connection of a process to a database; `connection` null: which one is not known. */
export interface LaneData {
  readonly process: number;
  readonly connection: number | null;
  /** Of `strings`. */
  readonly path: number;
  /** The database was in WAL mode: SHARED says only that it is open. */
  readonly isWal: boolean;
}

type Column = readonly number[];

interface EventColumns {
  /** In ascending order. */
  readonly from: Column;
  readonly lane: Column;
  readonly tid: Column;
  readonly site: Column;
}

export const LOCK_AT_LEAST = 1;
/** It was held at the end of its run, until which its bar goes. */
export const LOCK_STILL = 2;

export interface LockColumns extends EventColumns {
  readonly length: Column;
  readonly kind: Column;
  /** LOCK_AT_LEAST, LOCK_STILL; above them, by how many connections it was shared. */
  readonly flags: Column;
  readonly sql: Column;
}

export const WAIT_PERHAPS_SEVERAL = 1;
export const WAIT_WITHIN_PROCESS = 2;
export const WAIT_WHILE_READING = 4;
export const WAIT_LIKELY = 8;

export interface WaitColumns extends EventColumns {
  readonly length: Column;
  readonly kind: Column;
  readonly attempts: Column;
  /** Of WAIT_OUTCOMES. */
  readonly outcome: Column;
  readonly result: Column;
  readonly flags: Column;
  readonly overslept: Column;
  readonly sql: Column;
  readonly blockers: Column;
  /** Further ones that are not listed. */
  readonly moreBlockers: Column;
}

export const WAIT_OUTCOMES = ["granted", "gave-up", "killed", "still", "unknown"] as const;
export const TRANSACTION_KINDS = ["read", "write", "upgrade"] as const;
export const TRANSACTION_OUTCOMES = ["commit", "rollback", "open", "process-ended", "unknown"] as const;
export const ENDED_BY = ["close", "collected"] as const;
export const LEFT_OPEN_BY = ["task", "thread", "request"] as const;

export const TRANSACTION_AT_LEAST = 1;
export const TRANSACTION_SHARED_LOCKS = 2;
export const TRANSACTION_ALONE = 4;

export interface TransactionColumns extends EventColumns {
  readonly length: Column;
  readonly kind: Column;
  readonly outcome: Column;
  readonly flags: Column;
  readonly inside: Column;
  readonly outside: Column;
  readonly waited: Column;
  /** From its beginning until it had the write lock. */
  readonly writeAfter: Column;
  readonly sequence: Column;
  readonly moreStatements: Column;
  /** So many of `statements` are its own; 0: their times are not in the page. */
  readonly timed: Column;
  readonly endedAt: Column;
  readonly endedBy: Column;
  readonly leftOpenBy: Column;
  readonly pause: Column;
  readonly pauseAfter: Column;
  readonly pauseBefore: Column;
}

export interface StatementColumns {
  /** From the beginning of the transaction. */
  readonly after: Column;
  readonly length: Column;
  readonly result: Column;
}

export const REFUSAL_REASONS = [
  "same-process",
  "snapshot",
  "committed-in-between",
  "deadlock",
  "inside-process",
  "no-wait",
  "unknown",
] as const;

export const REFUSAL_LIKELY = 1;

export interface RefusalColumns extends EventColumns {
  readonly length: Column;
  readonly waited: Column;
  readonly result: Column;
  readonly why: Column;
  readonly flags: Column;
  readonly sql: Column;
  readonly blockers: Column;
  readonly moreBlockers: Column;
}

export interface BlockerColumns {
  readonly process: Column;
  readonly tid: Column;
  readonly kind: Column;
  readonly from: Column;
  readonly held: Column;
  readonly atLeast: Column;
  readonly blocked: Column;
  readonly sql: Column;
  readonly site: Column;
}

/** Holds that are not listed one by one: so many in a time. */
export interface CountedColumns {
  readonly from: Column;
  readonly length: Column;
  readonly lane: Column;
  readonly kind: Column;
  readonly times: Column;
  readonly total: Column;
  /** -1: not known. */
  readonly longest: Column;
}

export interface ZoneData {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: "blank" | "suspended" | "cut";
  readonly text: string;
}

export interface WalData {
  /** For people. */
  readonly database: string;
  readonly at: Column;
  /** -1: not known, or none. */
  readonly bytes: Column;
  readonly frames: Column;
  readonly pinned: Column;
}
