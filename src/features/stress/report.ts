/** The JSON document of stress (docs/stress.schema.json). Its texts are made in src/render/stress/. */
import type { PathError } from "../../model/report.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { Phase, Role } from "./records.ts";
import type { JournalMode, Settings } from "./settings.ts";

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
  /** Commits that the writers acknowledged, with those of `cure`. */
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

/** The same load for a short time with the recommended option. */
export interface TrialReport {
  /** As typed. */
  readonly option: string;
  /** Attempts to write, with those that failed. */
  readonly transactions: number;
  readonly errors: number;
}

export interface RunReport {
  readonly settings: Omit<Settings, "journalMode"> & {
    /** As given; null: a throw-away database. */
    readonly database: string | null;
    readonly journalMode: JournalMode;
    readonly pageSize: number;
    readonly inPlace: boolean;
  };
  /** Run by root: the user as whom all of it was done. Null: the caller. */
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
  /** The best first: fewest errors, then most commits. */
  readonly rows: readonly RunReport[];
}
