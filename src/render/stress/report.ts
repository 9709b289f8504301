/** The results of runs become the JSON document. Pure. */
import {
  type MatrixReport,
  type RunReport,
  STRESS_SCHEMA_VERSION,
  type StressReport,
} from "../../features/stress/report.ts";
import type { RunResult } from "../../features/stress/result.ts";
import { VERSION } from "../../version.ts";
import { evidenceLocationText } from "./evidence.ts";
import { recommendationText } from "./recommendation.ts";
import { verdictOf } from "./verdict.ts";
import { verificationReport } from "./verification.ts";

/** The beginning of every document. */
export const DOCUMENT_HEAD = { schemaVersion: STRESS_SCHEMA_VERSION, sqlock: VERSION } as const;

export function stressReport(result: RunResult): StressReport {
  return { ...DOCUMENT_HEAD, ...runReport(result) };
}

export function matrixReport(results: readonly RunResult[]): MatrixReport {
  return { ...DOCUMENT_HEAD, rows: results.map(runReport) };
}

export function runReport(result: RunResult): RunReport {
  const { trial, evidence, verification, ...rest } = result;
  return {
    ...rest,
    verification: verificationReport(verification),
    cure:
      trial === null
        ? null
        : { option: recommendationText(trial.change), transactions: trial.transactions, errors: trial.errors },
    evidence: evidence === null ? null : evidenceLocationText(evidence),
    verdict: verdictOf(result),
  };
}
