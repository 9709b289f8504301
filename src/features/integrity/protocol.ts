/** What the command and its worker, which alone opens the database with SQLite, send each other. */
import type { HeaderFault } from "../../safe-open/header.ts";
import type { OpenJob, OpenMessage, Refusal } from "../../safe-open/protocol.ts";
import type { Plan } from "./progress/estimate.ts";
import type { CheckName, Problem, StructureWay } from "./report.ts";

/** Tables of fewer rows, and databases of fewer rows times indexes, are checked by SQLite's own check. */
export interface MergeThreshold {
  readonly rows: number;
  readonly lookups: number;
}

/** From where SQLite's own check takes longer than merges, and more than half a second: measured. */
export const MERGE_THRESHOLD: MergeThreshold = { rows: 1000, lookups: 200_000 };

/** An index that is not larger is compared with its table in memory. */
export const MAX_SORTED_IN_MEMORY_BYTES = 32 * 2 ** 20;

/** One database to check. */
export interface Job extends OpenJob {
  /** The progress is shown. */
  readonly watched: boolean;
  /**
   * Its text encoding is one that SQLite does not know: the schema cannot be read a second time (see isReadOnce in
   * safe-open/header.ts).
   */
  readonly schemaOnce: boolean;
  readonly quick: boolean;
  /** SQLite's own check alone. */
  readonly exact: boolean;
  /** What is worth a merge of indexes with their tables: see planMerge. */
  readonly mergeFrom: MergeThreshold;
  /** A private folder for what SQLite sorts; null: what is sorted fits into memory. */
  readonly sortFolder: string | null;
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
}

/** What the program that made the database registers with its SQLite, and this SQLite does not have. */
export interface Requirement {
  readonly type: "module" | "collation" | "function" | "tokenizer";
  readonly name: string;
}

/** Why a part of a check has no result. `table`: where; null: in the database as a whole. */
export type Unchecked =
  | { readonly code: "missing-requirement"; readonly table: string | null; readonly requirement: Requirement }
  /** `missing`: a requirement is missing, which the message names. */
  | {
      readonly code: "sqlite-error";
      readonly table: string | null;
      readonly message: string;
      readonly missing: boolean;
    }
  /** It would take more memory than a worker gets. */
  | { readonly code: "no-memory"; readonly table: string | null; readonly limitBytes: number }
  /** Its foreign keys: the structure has problems already, and this is not another one. */
  | { readonly code: "damaged-table"; readonly table: string }
  | { readonly code: "unreadable-schema" };

/** A check that has ended. Its problems were sent before, up to the maximum. */
export interface CheckEnd {
  readonly name: CheckName;
  /** There are problems, sent or not. */
  readonly failed: boolean;
  readonly unchecked: readonly Unchecked[];
  /** Null for one that takes no time. */
  readonly durationMs: number | null;
  /** Of the check of the structure; null for the others. */
  readonly way: StructureWay | null;
}

/** What a problem consists in. */
export type ProblemCause =
  /** SQLite's message, without the name of the database; one line. */
  | { readonly kind: "sqlite"; readonly message: string }
  /** A row refers to a row of `parent` that does not exist. `to` is empty where the key names no columns there. */
  | { readonly kind: "foreign-key"; readonly from: readonly string[]; readonly to: readonly string[] }
  | { readonly kind: "header"; readonly fault: HeaderFault };

/** A problem as it was found; the report has words for the cause. */
export interface FoundProblem extends Omit<Problem, "message"> {
  readonly cause: ProblemCause;
}

export type Message =
  | OpenMessage
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "stage"; readonly stage: Stage; readonly done: number; readonly total: number | null }
  | { readonly kind: "problem"; readonly problem: FoundProblem }
  | { readonly kind: "check"; readonly check: CheckEnd }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Of a problem that was sent before, by its number from 0. */
  | { readonly kind: "rowid"; readonly problem: number; readonly rowid: bigint }
  /** There are more problems than the maximum. */
  | { readonly kind: "truncated" };

/** `done` of `total` tables or indexes; null where the work cannot be counted. */
export type Stage = "copying" | "structure" | "indexes" | "foreign-keys";
