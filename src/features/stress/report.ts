/** The JSON document of stress (docs/stress.schema.json). Its texts are made in src/render/stress/. */
import type { PathError } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { Warning } from "./advised-against.ts";
import type { Phase, Role } from "./records.ts";
import type { JournalMode, Settings } from "./settings.ts";
import type { Change, Range } from "./spread.ts";

export const STRESS_SCHEMA_VERSION = 1;

/** In ms; null where nothing was measured. */
export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Of successful transactions, without --hold and --think. */
export interface Latencies {
  readonly write: Latency;
  readonly read: Latency;
  readonly writeWaiting: Latency;
  readonly writeWorking: Latency;
  readonly readWaiting: Latency;
  readonly readWorking: Latency;
}

/** `count` transactions took less than `belowMs`, and not less than the step before. Null: no upper limit. */
export interface HistogramStep {
  readonly belowMs: number | null;
  readonly count: number;
}

/** The failures with one code in one phase of a transaction. */
export interface Failures {
  readonly role: Role;
  readonly code: string;
  readonly phase: Phase;
  readonly count: number;
  /** Those that waited for the whole busy timeout. */
  readonly timedOut: number;
  /** The longest time of a statement that failed. */
  readonly longestMs: number;
}

export interface Second {
  /** From 0. In a matrix each combination counts its own time. */
  readonly second: number;
  readonly commits: number;
  readonly reads: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly write: Latency; readonly read: Latency };
  /** The size of the -wal at some moment of this second; null where there is none. */
  readonly walBytes: number | null;
}

export interface Fairness {
  /** Jain's index: 1 where all writers committed equally often, 1/writers where one made all; null without commits. */
  readonly jain: number | null;
  readonly leastCommits: number;
  readonly mostCommits: number;
}

export interface VerificationReport {
  /** Commits that the writers acknowledged, with those of `cure` and `comparison`. */
  readonly acknowledged: number;
  /** Acknowledged commits that are in the table. */
  readonly found: number;
  readonly lost: number;
  /** Rows that exist twice, were written twice, or were never written. */
  readonly duplicated: number;
  /** Unacknowledged transactions of killed writers that are in the table: at most one for each. */
  readonly inFlight: number;
  readonly integrity: "ok" | "corrupt" | "not-checked";
  /** Null where it is ok. */
  readonly integrityReason: string | null;
  /** The first few. */
  readonly differences: readonly string[];
}

/** One round: all workers start and end together. A matrix has several for each combination. */
export interface RoundReport {
  readonly durationMs: number;
  readonly commits: number;
  readonly reads: number;
  readonly errors: number;
  /** Of one attempt, also of one that the end of the round cut off. 0: there was none. */
  readonly longestWaitMs: Readonly<Record<Role, number>>;
  /** See {@link Fairness}. */
  readonly jain: number | null;
}

/** What is bad about a run, whether or not a transaction failed. */
export type Concern =
  /** At least half of the busy timeout. `p99Ms`: of those that succeeded; null: fewer than 100. */
  | {
      readonly kind: "long-wait";
      readonly role: Role;
      readonly longestMs: number;
      readonly p99Ms: number | null;
      readonly busyTimeoutMs: number;
    }
  | {
      readonly kind: "uneven-writers";
      readonly jain: number;
      readonly leastCommits: number;
      readonly mostCommits: number;
    };

export type Metric = "longest-write-wait" | "longest-read-wait" | "fairness" | "errors" | "commits" | "reads";

/** What the rounds with the settings as given had, and those with the other one. Commits and reads: per second. */
export interface MetricChange {
  readonly metric: Metric;
  /** Null: it was not measured (no commit in any round). */
  readonly before: Range | null;
  readonly after: Range | null;
  /** `lower` and `higher`: the ranges do not overlap. */
  readonly change: Change;
}

/** What may cure the concerns, measured: rounds with and without it, in turns, on the same database. */
export interface ComparisonReport {
  /** As typed. */
  readonly option: string;
  readonly before: readonly RoundReport[];
  readonly after: readonly RoundReport[];
  readonly metrics: readonly MetricChange[];
}

/**
 * Of a row of a matrix. `only`: no other row can be recommended. `no-difference`: to the first row that can be
 * recommended, none that counts. `faster-with-errors`: than that row, by more commits and more errors. `not-compared`:
 * there were too few rounds. `not-recommended`: for what `advisedAgainst` says, or because rows were lost.
 */
export type Standing =
  | "best"
  | "only"
  | "no-difference"
  | "faster-with-errors"
  | "worse"
  | "not-compared"
  | "not-recommended";

/** The same load for a short time with the recommended option. */
export interface TrialReport {
  /** As typed. */
  readonly option: string;
  /** Attempts to write, with those that failed. */
  readonly transactions: number;
  readonly errors: number;
  /** Successful ones. */
  readonly reads: number;
  readonly readErrors: number;
}

export interface RunReport {
  readonly settings: Omit<Settings, "journalMode"> & {
    /** As given; null: a throw-away database. */
    readonly database: string | null;
    readonly journalMode: JournalMode;
    readonly pageSize: number;
    readonly inPlace: boolean;
  };
  /** Run by root: the user as which all of it was done. Null: the caller. */
  readonly openedAs: OpenedAs | null;
  readonly commits: number;
  readonly reads: number;
  /** Attempts to write, with those that failed. */
  readonly transactions: number;
  readonly commitsPerSecond: number;
  readonly readsPerSecond: number;
  /** By extended code; SQLITE_BUSY counts those without an extension. */
  readonly errors: Readonly<Record<string, number>>;
  readonly failures: readonly Failures[];
  /** Repeated attempts of transactions that succeeded in the end. */
  readonly retries: number;
  /** Of one attempt, successful or not. */
  readonly longestWaitMs: number;
  readonly latencyMs: Latencies;
  readonly histogram: { readonly write: readonly HistogramStep[]; readonly read: readonly HistogramStep[] };
  readonly fairness: Fairness;
  /** The largest size seen. */
  readonly walBytes: number | null;
  readonly perSecond: readonly Second[];
  readonly rounds: readonly RoundReport[];
  /** Empty where nothing is bad but what failed. */
  readonly concerns: readonly Concern[];
  /** By --kill-every. */
  readonly workersKilled: number;
  /** By another process, by the kernel (no memory left), or by a crash. They were replaced. */
  readonly workersKilledByOthers: number;
  /** The names of those signals. */
  readonly signalsOfOthers: readonly string[];
  /** Killed because they were still running half a minute after the end (stopped, or waiting for the disk). */
  readonly workersStuck: number;
  readonly verification: VerificationReport;
  readonly cure: TrialReport | null;
  /** Null where nothing was tried for the concerns. */
  readonly comparison: ComparisonReport | null;
  /** Where the database is kept; null where nothing is wrong with it. */
  readonly evidence: string | null;
  readonly verdict: string;
}

export interface StressReport extends RunReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
}

/** The load could not be run. */
export interface FailedReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly error: PathError["error"];
}

export interface MatrixReport {
  readonly schemaVersion: typeof STRESS_SCHEMA_VERSION;
  readonly sqlock: string;
  /** Fewest errors first, then most commits. */
  readonly rows: readonly MatrixRow[];
  /** Which row is the best, or why none is named. */
  readonly verdict: string;
}

export interface MatrixRow extends RunReport {
  readonly standing: Standing;
  /** Why its settings are not recommended, whatever was measured; empty where nothing speaks against them. */
  readonly advisedAgainst: readonly Warning[];
}
