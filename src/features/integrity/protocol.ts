/** What the command and the worker, which alone opens the database with SQLite, tell each other. */
import type { User } from "../../worker/owner.ts";
import type { Plan } from "./progress/estimate.ts";
import type { CheckName, Method, Problem } from "./report.ts";

/** One look at one database. */
export interface Job {
  /** The database itself, for every method. */
  readonly path: string;
  readonly method: Method;
  /**
   * A folder of our own for the copy, and for a link to a database whose name better-sqlite3 would trim; null where
   * neither is needed.
   */
  readonly folder: string | null;
  /** Of a private copy: what to copy, the database first; `bytes` of them, where that is not all. */
  readonly files: readonly { readonly from: string; readonly to: string; readonly bytes: number | null }[];
  /** Whom to be meanwhile; null: who runs sqlock. */
  readonly user: User | null;
  /** In place: SQLite finds a -wal and a -shm that somebody else keeps, or none; it is not to make them. */
  readonly wal: "none" | "kept-by-others" | "may-be-made";
  /** Somebody wants to know how far it is. */
  readonly watched: boolean;
  /**
   * By a text encoding that SQLite does not know (it goes by its last two bits, and where those are 0 does not read the
   * schema a second time).
   */
  readonly schemaOnce: boolean;
  readonly quick: boolean;
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
  /** How long SQLite waits for a lock. */
  readonly busyMs: number;
}

/** Why a check has no answer. `missing`: it needs a module, collation or function that this SQLite does not have. */
export interface Unchecked {
  readonly code: "missing" | "failed" | "left-out";
  readonly reason: string;
}

/** A check that has ended. Its problems were sent before, as many as are wanted. */
export interface CheckEnd {
  readonly name: CheckName;
  /** There are problems, sent or not. */
  readonly failed: boolean;
  readonly unchecked: Unchecked | null;
  /** Null for one that takes no time. */
  readonly durationMs: number | null;
}

/** Why nothing was checked. */
export type Refusal =
  /** SQLITE_BUSY, until the time was up. */
  | { readonly kind: "busy" }
  /** It cannot be read where it is without being written to (a hot journal, a WAL without its -shm). */
  | { readonly kind: "needs-copy"; readonly reason: string }
  /** The backup API failed on damage that a copy of the bytes keeps. */
  | { readonly kind: "backup-failed"; readonly message: string }
  /** The files changed while they were copied. */
  | { readonly kind: "changed" }
  /** Those who kept the WAL have gone. */
  | { readonly kind: "unkept" }
  | { readonly kind: "no-space"; readonly neededBytes: number; readonly freeBytes: number }
  /** There is nowhere to put a copy. */
  | { readonly kind: "no-folder"; readonly why: string }
  | { readonly kind: "gone" }
  | { readonly kind: "denied"; readonly path: string }
  /** SQLite's own words. */
  | { readonly kind: "not-a-database"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export type Message =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "stage"; readonly stage: Stage; readonly done: number; readonly total: number | null }
  /** The read lock on the database itself is held from now on (true), or no longer. */
  | { readonly kind: "lock"; readonly held: boolean }
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "check"; readonly check: CheckEnd }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Of a problem that was sent before, the `at`-th from 0. */
  | { readonly kind: "rowid"; readonly at: number; readonly rowid: bigint }
  /** There are more problems than are wanted. */
  | { readonly kind: "truncated" };

/** `done` of `total` tables; of what cannot be counted, `total` is null. */
export type Stage = "copying" | "structure" | "foreign-keys";
