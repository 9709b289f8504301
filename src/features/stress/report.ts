/** The answer of stress, field by field its JSON document (docs/stress.schema.json). */
import type { PathError } from "../../model/report.ts";
import type { Phase, Role } from "./records.ts";
import type { JournalMode, Settings } from "./settings.ts";

export const STRESS_SCHEMA_VERSION = 1;

/** In ms; null where there was none. */
export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Of transactions that went through; without what --hold and --think take. */
export interface Latencies {
  readonly write: Latency;
  readonly read: Latency;
  readonly writeWaiting: Latency;
  readonly writeWorking: Latency;
  readonly readWaiting: Latency;
  readonly readWorking: Latency;
}

/** Of the small histogram: so many took less than this, and not less than the step before. Null: the rest. */
export interface Step {
  readonly belowMs: number | null;
  readonly count: number;
}

/** Of one code, at one place of a transaction. */
export interface Failures {
  readonly role: Role;
  readonly code: string;
  readonly phase: Phase;
  readonly count: number;
  /** Those that had waited for the whole busy timeout. */
  readonly timedOut: number;
  /** Of the statement that failed. */
  readonly longestMs: number;
}

export interface Second {
  /** From 0. In a matrix, of this combination's own time. */
  readonly second: number;
  readonly commits: number;
  readonly reads: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly write: Latency; readonly read: Latency };
  /** Of the -wal at some moment of it; null where there is none. */
  readonly walBytes: number | null;
}

export interface Fairness {
  /** Jain's index: 1 where all writers committed as often, 1/writers where one did all; null where none did. */
  readonly jain: number | null;
  readonly leastCommits: number;
  readonly mostCommits: number;
}

export interface Verification {
  /** Commits that the writers told of, those of `cure` among them. */
  readonly acknowledged: number;
  /** Those of them that are there. */
  readonly found: number;
  readonly lost: number;
  /** Rows that are there twice, were written twice, or that nobody wrote. */
  readonly duplicated: number;
  /** Transactions of killed writers that are there though they were not acknowledged: at most one for each. */
  readonly inFlight: number;
  readonly integrity: "ok" | "corrupt" | "not-checked";
  /** Why it is not ok. */
  readonly integrityReason: string | null;
  /** The first few, in words. */
  readonly differences: readonly string[];
}

/** The same load once more, for a short time, with the one change that should help. */
export interface Cure {
  /** As it is typed. */
  readonly option: string;
  /** Attempts to write. */
  readonly transactions: number;
  readonly errors: number;
}

export interface RunReport {
  readonly settings: Omit<Settings, "journalMode"> & {
    /** As given; null: a throw-away one. */
    readonly database: string | null;
    readonly journalMode: JournalMode;
    readonly pageSize: number;
    readonly inPlace: boolean;
  };
  readonly commits: number;
  readonly reads: number;
  /** Attempts to write, those that failed among them. */
  readonly transactions: number;
  readonly commitsPerSecond: number;
  readonly readsPerSecond: number;
  /** By extended code; SQLITE_BUSY are those that have no other. */
  readonly errors: Readonly<Record<string, number>>;
  readonly failures: readonly Failures[];
  /** Attempts again of transactions that went through. */
  readonly retries: number;
  /** Of one attempt, also one that failed. */
  readonly longestWaitMs: number;
  readonly latencyMs: Latencies;
  readonly histogram: { readonly write: readonly Step[]; readonly read: readonly Step[] };
  readonly fairness: Fairness;
  /** The largest that was seen. */
  readonly walBytes: number | null;
  readonly perSecond: readonly Second[];
  /** By --kill-every. */
  readonly workersKilled: number;
  /** By somebody else, as the kernel does where memory ends, or in themselves; others took their places. */
  readonly workersKilledByOthers: number;
  /** The names of the signals of that. */
  readonly signalsOfOthers: readonly string[];
  /**
   * They were still at work half a minute after the end (stopped, or the disk kept them waiting), and were killed then.
   */
  readonly workersStuck: number;
  readonly verification: Verification;
  readonly cure: Cure | null;
  /** Where the database is kept, of which something is lost; null where nothing is. */
  readonly evidence: string | null;
  readonly verdict: string;
}

export interface StressReport extends RunReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
}

/** A load that could not be run. */
export interface FailedReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly error: PathError["error"];
}

export interface MatrixReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
  /** By errors, then by throughput: the first is the best. */
  readonly rows: readonly RunReport[];
}

/** Every commit is there once, and nothing else; and the database is whole. */
export function isSound({ verification: { lost, duplicated, integrity } }: Pick<RunReport, "verification">): boolean {
  return lost === 0 && duplicated === 0 && integrity !== "corrupt";
}
