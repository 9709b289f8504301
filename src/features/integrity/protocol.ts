/** What the command and its worker, which alone opens the database with SQLite, send each other. */
import type { HeaderFault } from "../../safe-open/header.ts";
import type { OpenJob, OpenMessage, Refusal } from "../../safe-open/protocol.ts";
import type { Plan } from "./progress/estimate.ts";
import type { CheckName, Problem, StructureWay } from "./report.ts";
import type { State } from "./worker/merge/content.ts";
import type { OrdinaryIndex } from "./worker/merge/index.ts";
import type { Comparison } from "./worker/merge/merge.ts";

/** Which indexes are merged with their tables: see planMerge. */
export interface MergeChoice {
  /** Also where SQLite's own check would take no longer: for tests of small databases. */
  readonly always: boolean;
  /** From so many microseconds on, a second process takes a part. */
  readonly sharedFromUs: number;
}

/** A second process needs a fifth of a second for its start. */
export const WORTHWHILE_MERGES: MergeChoice = { always: false, sharedFromUs: 1_000_000 };

/** What a second worker does of a check. */
export interface Part {
  /** What the first worker reads: in another state nothing would be proved. */
  readonly state: State;
  readonly indexes: readonly OrdinaryIndex[];
}

/**
 * Answers "next": the number of an index to compare; or what became of each, by that number, and
 * by how many workers.
 */
export type Turn =
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all"; readonly comparisons: readonly Comparison[]; readonly workers: number };

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
  /** Why there is no copy whose schema could name another collation than one that is missing; null: none was tried. */
  readonly noStandIn: NoStandIn | null;
  readonly quick: boolean;
  /** SQLite's own check alone. */
  readonly exact: boolean;
  readonly merges: MergeChoice;
  /** A private folder for what SQLite sorts; null: what is sorted fits into memory. */
  readonly sortFolder: string | null;
  /** Null: all of the check. Else a part of another worker's check, which keeps its read lock meanwhile. */
  readonly part: Part | null;
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
}

/** What the program that made the database registers with its SQLite, and this SQLite does not have. */
export interface Requirement {
  readonly type: "module" | "collation" | "function" | "tokenizer";
  readonly name: string;
}

/**
 * Why a missing collation has no stand-in: then SQLite looks at each table that does not need it, and not at the list
 * of free pages and at the pages that no table has.
 */
export type NoStandIn =
  /** No copy could be made. */
  | { readonly kind: "no-copy"; readonly refusal: Refusal }
  /** The schema of the copy could not be changed. The message is SQLite's. */
  | { readonly kind: "not-edited"; readonly message: string }
  /** See {@link Job.schemaOnce}. */
  | { readonly kind: "schema-once" };

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
  | { readonly code: "unreadable-schema" }
  | { readonly code: "no-stand-in"; readonly why: NoStandIn }
  /** An index of libSQL: its entries are not in its b-tree. */
  | { readonly code: "vector-index"; readonly table: string; readonly index: string }
  /** An FTS4 table without its text: there is nothing to compare its index with. */
  | { readonly code: "contentless"; readonly table: string }
  /** Of FTS5: `known` are the formats that this SQLite has. */
  | { readonly code: "table-format"; readonly table: string; readonly found: string; readonly known: string }
  /** A tokenizer of this SQLite, with arguments that it does not take. */
  | { readonly code: "tokenizer-arguments"; readonly table: string; readonly tokenizer: string }
  /** An option that this version of the module does not have. The message is the module's. */
  | { readonly code: "table-option"; readonly table: string; readonly module: string; readonly message: string };

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
  /**
   * A row refers to a row of `parent` that does not exist. `to` is empty where the key names no columns there.
   * `noParent`: there is no such table.
   */
  | {
      readonly kind: "foreign-key";
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly noParent?: true;
    }
  | { readonly kind: "header"; readonly fault: HeaderFault };

/** A problem as it was found; the report has words for the cause. */
export interface FoundProblem extends Omit<Problem, "message"> {
  readonly cause: ProblemCause;
}

export type Message =
  | OpenMessage
  | { readonly kind: "plan"; readonly plan: Plan }
  /** How long the merge of each index takes, in microseconds, in their order. */
  | { readonly kind: "merges"; readonly us: readonly number[] }
  | { readonly kind: "stage"; readonly stage: Stage; readonly done: number; readonly total: number | null }
  | { readonly kind: "problem"; readonly problem: FoundProblem }
  | { readonly kind: "check"; readonly check: CheckEnd }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /**
   * These indexes may be compared by several workers: each asks for the next, and tells what became
   * of the last one.
   */
  | { readonly kind: "share"; readonly part: Part }
  | { readonly kind: "next"; readonly done: { readonly index: number; readonly comparison: Comparison } | null }
  /** Of a problem that was sent before, by its number from 0. */
  | { readonly kind: "rowid"; readonly problem: number; readonly rowid: bigint }
  /** There are more problems than the maximum. */
  | { readonly kind: "truncated" };

/** `done` of `total` tables or indexes; null where the work cannot be counted. */
export type Stage = "copying" | "structure" | "indexes" | "foreign-keys";
