/** The verification of a run, as the JSON document has it. Pure. */
import type { VerificationReport } from "../../features/stress/report.ts";
import type { Verification } from "../../features/stress/result.ts";
import { mainReasonOf } from "../integrity/document.ts";
import { differenceText } from "./difference.ts";

export function verificationReport({ check, differences, integrity, ...counts }: Verification): VerificationReport {
  return {
    ...counts,
    differences: differences.map(differenceText),
    integrity,
    integrityReason: mainReasonOf(check),
  };
}
