/** The verification of a run, as the JSON document has it. Pure. */
import type { VerificationReport } from "../../features/stress/report.ts";
import type { Verification } from "../../features/stress/result.ts";
import { differenceText } from "./difference.ts";

export function verificationReport(verification: Verification): VerificationReport {
  return { ...verification, differences: verification.differences.map(differenceText) };
}
