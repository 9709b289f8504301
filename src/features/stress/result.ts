/** The result of a run as data; src/render/stress/ makes the report of it. Pure. */
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { CheckResult } from "../integrity/result.ts";
import { uncheckedParts } from "../integrity/verdict.ts";
import type { Comparison as RowComparison, WriterCommits } from "./compare.ts";
import type { KilledWorkers } from "./killed-workers.ts";
import type { Measurement } from "./measurement.ts";
import type { Recommendation } from "./recommendation.ts";
import type { ComparisonReport, Concern, Failures, RunReport, VerificationReport } from "./report.ts";
import type { JournalMode, Settings } from "./settings.ts";

export interface Verification extends RowComparison {
  readonly integrity: VerificationReport["integrity"];
  /** By integrity, of the whole database. */
  readonly check: CheckResult;
}

/** The same load for a short time with the recommended setting. */
export interface Trial {
  readonly change: Recommendation;
  /** Attempts to write, with those that failed. */
  readonly transactions: number;
  readonly errors: number;
  readonly reads: number;
  readonly readErrors: number;
}

/** Rounds with and without what may cure the concerns, in turns. */
export interface Comparison extends Omit<ComparisonReport, "option"> {
  readonly change: Recommendation;
}

/** Where a database is kept that lost something. */
export type EvidenceLocation =
  | { readonly kind: "folder"; readonly path: string }
  /** --in-place: the table stays in the database. */
  | { readonly kind: "table"; readonly table: string; readonly path: string };

/** What a kept database is to be compared with. */
export interface Evidence {
  readonly seed: number;
  readonly rows: number;
  readonly database: string;
  readonly writers: readonly WriterCommits[];
  readonly verification: Verification;
}

export type RunResult = Omit<RunReport, "verification" | "cure" | "comparison" | "evidence" | "verdict"> & {
  /** The given database is on a network file system. */
  readonly onNetwork: boolean;
  readonly verification: Verification;
  readonly trial: Trial | null;
  readonly comparison: Comparison | null;
  readonly evidence: EvidenceLocation | null;
};

export interface RunFacts {
  /** As given; null: a throw-away database. */
  readonly database: string | null;
  readonly inPlace: boolean;
  readonly onNetwork: boolean;
  readonly openedAs: OpenedAs | null;
  readonly settings: Settings;
  readonly journalMode: JournalMode;
  readonly pageSize: number;
  readonly measurement: Measurement;
  readonly concerns: readonly Concern[];
  readonly killed: KilledWorkers;
  readonly verification: Verification;
  readonly trial: Trial | null;
  readonly comparison: Comparison | null;
}

export function resultOf(facts: RunFacts): Omit<RunResult, "evidence"> {
  const { database, inPlace, settings, journalMode, pageSize, measurement, killed } = facts;
  const { onNetwork, openedAs, concerns, verification, trial, comparison } = facts;
  const { commits, reads, failures } = measurement;
  const seconds = settings.durationMs / 1000;
  return {
    settings: { database, ...settings, journalMode, pageSize, inPlace },
    openedAs,
    onNetwork,
    commits,
    reads,
    transactions: commits + failedWrites(failures),
    commitsPerSecond: roundedToTenth(commits / seconds),
    readsPerSecond: roundedToTenth(reads / seconds),
    errors: errorsByCode(failures),
    failures,
    retries: measurement.retries,
    longestWaitMs: measurement.longestWaitMs,
    latencyMs: measurement.latencies,
    histogram: measurement.histograms,
    fairness: measurement.fairness(settings.writers),
    walBytes: measurement.maxWalBytes,
    perSecond: measurement.seconds,
    rounds: measurement.rounds(settings.writers),
    concerns,
    workersKilled: killed.byUs,
    workersKilledByOthers: killed.byOthers,
    signalsOfOthers: killed.signals,
    workersStuck: killed.stuck,
    verification,
    trial,
    comparison,
  };
}

export function failedWrites(failures: readonly Failures[]): number {
  return failed(failures, "writer");
}

export function failedReads(failures: readonly Failures[]): number {
  return failed(failures, "reader");
}

function failed(failures: readonly Failures[], of: Failures["role"]): number {
  return failures.filter(({ role }) => role === of).reduce((sum, { count }) => sum + count, 0);
}

/** Fewest errors first, then most commits. */
export function compareResults(a: RunResult, b: RunResult): number {
  return errorCount(a) - errorCount(b) || b.commitsPerSecond - a.commitsPerSecond;
}

export function errorCount({ errors }: Pick<RunReport, "errors">): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** Every acknowledged commit is in the table once, nothing else is, and the database is not corrupt. */
export function isSound({
  verification: { lost, duplicated, integrity },
}: {
  readonly verification: Pick<VerificationReport, "lost" | "duplicated" | "integrity">;
}): boolean {
  return lost === 0 && duplicated === 0 && integrity !== "corrupt";
}

/** Whether the database is whole is not known: the check took too long. */
export function isOutOfTime({ verdict, checks }: CheckResult): boolean {
  return (
    verdict === "not-checked" &&
    uncheckedParts(checks).some((reasons) => reasons.some(({ kind }) => kind === "timeout"))
  );
}

function roundedToTenth(number: number): number {
  return Math.round(number * 10) / 10;
}

function errorsByCode(failures: readonly Failures[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const { code, count } of failures) errors[code] = (errors[code] ?? 0) + count;
  return errors;
}
