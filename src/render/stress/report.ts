/** The results of runs become the JSON document. Pure. */
import { warningsOf } from "../../features/stress/advised-against.ts";
import {
  type ComparisonReport,
  type MatrixReport,
  type MatrixRow,
  type RunReport,
  STRESS_SCHEMA_VERSION,
  type StressReport,
  type TrialReport,
} from "../../features/stress/report.ts";
import { type Comparison, isSound, type RunResult, type Trial } from "../../features/stress/result.ts";
import { standingsOf } from "../../features/stress/standings.ts";
import { VERSION } from "../../version.ts";
import { evidenceLocationText } from "./evidence.ts";
import { matrixVerdict } from "./matrix-verdict.ts";
import { recommendationText } from "./recommendation.ts";
import { runVerdict } from "./verdict.ts";
import { verificationReport } from "./verification.ts";

/** The beginning of every document. */
export const DOCUMENT_HEAD = { schemaVersion: STRESS_SCHEMA_VERSION, sqlock: VERSION } as const;

export function stressReport(result: RunResult): StressReport {
  return { ...DOCUMENT_HEAD, ...runReport(result) };
}

export function matrixReport(results: readonly RunResult[]): MatrixReport {
  const compared = results.map((result) => {
    const { settings, onNetwork, rounds } = result;
    const advisedAgainst = warningsOf(settings, { readThenWrite: settings.readThenWrite, onNetwork });
    return { result, advisedAgainst, rounds, isAdvisable: advisedAgainst.length === 0 && isSound(result) };
  });
  const standings = standingsOf(compared);
  const rows = compared.map(
    ({ result, advisedAgainst }, i): MatrixRow => ({
      ...runReport(result),
      standing: standings[i] ?? "not-compared",
      advisedAgainst,
    }),
  );
  return { ...DOCUMENT_HEAD, rows, verdict: matrixVerdict(rows).join(" ") };
}

function runReport(result: RunResult): RunReport {
  const { trial, comparison, evidence, verification, onNetwork: _, ...rest } = result;
  return {
    ...rest,
    verification: verificationReport(verification),
    cure: trial === null ? null : trialReport(trial),
    comparison: comparison === null ? null : comparisonReport(comparison),
    evidence: evidence === null ? null : evidenceLocationText(evidence),
    verdict: runVerdict(result),
  };
}

function trialReport({ change, ...counts }: Trial): TrialReport {
  return { option: recommendationText(change), ...counts };
}

function comparisonReport({ change, ...rest }: Comparison): ComparisonReport {
  return { option: recommendationText(change), ...rest };
}
