/** The answer of integrity, field by field its JSON document (docs/integrity.schema.json). */
import type { Finding, Holder } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { Method } from "../../safe-open/protocol.ts";

export const INTEGRITY_SCHEMA_VERSION = 1;

/** In the order in which they run. */
export const CHECK_NAMES = ["header", "companion-files", "structure", "virtual-tables", "foreign-keys"] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** `not-checked` is neither good nor bad: nothing is known. */
export type Verdict = "ok" | "corrupt" | "not-checked";

/** Why a database, or a part of it, was not checked: stable, for programs. */
export type ReasonCode =
  | "locked"
  | "encrypted"
  | "not-a-database"
  | "missing-module"
  | "timeout"
  | "interrupted"
  | "no-such-file"
  | "not-a-file"
  | "no-permission"
  | "no-space"
  | "no-memory"
  | "changed"
  | "unlocked-writer"
  | "left-out"
  | "failed";

/** Why SQLite's own check compared indexes with their tables, and not a merge. */
export type NotMerged =
  /** --exact */
  | "asked"
  /** It takes no longer: few rows, or hardly an index of the kind that a merge can compare. */
  | "as-fast"
  /** A merge found something that differs, or quick_check did: SQLite's words are the answer. */
  | "differs"
  /** A merge of an index would not prove that it is right. */
  | "unproved"
  /** There is no room to sort the rows. */
  | "no-room"
  /** What the connection reads could not be told: the WAL changed too fast, or the header or the schema is damaged. */
  | "unknown-state";

/** How the structure was checked. */
export interface StructureWay {
  /**
   * The PRAGMA that checked the whole database; or `merge`: quick_check of the whole, and each index and its table were
   * read side by side, in the order of the index.
   */
  readonly way: "integrity_check" | "quick_check" | "merge";
  /** How many indexes were compared by a merge. */
  readonly mergedIndexes: number;
  /** Beside merges: how many tables integrity_check compared with their indexes. */
  readonly otherTables: number;
  /** How many processes worked at it. */
  readonly processes: number;
  /** Why not, where integrity_check compared what a merge could have; in no order, each once. */
  readonly notMerged: readonly NotMerged[];
}

export interface Check {
  readonly name: CheckName;
  readonly result: "ok" | "failed" | "not-checked";
  /** Why it was not run, or not in full. */
  readonly reason: string | null;
  /** `left-out`: on purpose, which is neither an error nor a fault of the database. */
  readonly reasonCode: ReasonCode | null;
  readonly durationMs: number | null;
  /** Of the structure, where it was checked; null else. */
  readonly way: StructureWay | null;
}

export interface Problem {
  readonly check: CheckName;
  /** SQLite's message, without the name of the database; one line. */
  readonly message: string;
  readonly table: string | null;
  readonly index: string | null;
  /** A decimal string in JSON: rowids pass 2^53. */
  readonly rowid: bigint | null;
  /** Of a foreign key: the table that it refers to. */
  readonly parent: string | null;
  /** The page that it is on, where that is known; from 1. */
  readonly page: number | null;
}

export interface DatabaseCheck {
  /** The real path; as given where there is none. */
  readonly path: string;
  readonly givenAs: string;
  readonly verdict: Verdict;
  /** Of one that was not checked; null else. */
  readonly reason: string | null;
  readonly reasonCode: ReasonCode | null;
  /** What to do about it, the safest first; null where there is nothing to do. */
  readonly remedy: string | null;
  readonly journalMode: "wal" | "rollback" | "unknown";
  readonly pageSize: number | null;
  readonly pageCount: number | null;
  readonly sizeBytes: number | null;
  readonly method: Method | null;
  /** Why a copy was checked; null in place. */
  readonly methodReason: string | null;
  /** The user as which root had it opened; null: the caller, or an unused user id (see methodReason). */
  readonly openedAs: OpenedAs | null;
  readonly checks: readonly Check[];
  readonly problems: readonly Problem[];
  /** There are more than --max-problems. */
  readonly truncated: boolean;
  /** Those of who-holds, and a header that SQLite accepts but does not write. */
  readonly findings: readonly Finding[];
  /** Of a locked database: the holders that keep readers out, as in who-holds. */
  readonly blockedBy: readonly Holder[];
  /** How long the check held a read lock on the database itself, in ms; null where it held none. */
  readonly readLockMs: number | null;
  readonly durationMs: number | null;
}

export interface IntegrityReport {
  readonly schemaVersion: typeof INTEGRITY_SCHEMA_VERSION;
  readonly sqlock: string;
  /** quick_check instead of integrity_check: the indexes were not compared with their tables. */
  readonly quick: boolean;
  readonly databases: readonly DatabaseCheck[];
}

/** 1 when any is corrupt, else 2 when any was not checked, else 0. */
export function exitCodeOf(report: Pick<IntegrityReport, "databases">): 0 | 1 | 2 {
  if (report.databases.some(({ verdict }) => verdict === "corrupt")) return 1;
  return report.databases.some(({ verdict }) => verdict === "not-checked") ? 2 : 0;
}
