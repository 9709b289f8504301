/** Runs of `sqlock stress --json`. */
import type { MatrixReport, StressReport } from "../../src/features/stress/report.ts";
import { expectToFit } from "./schema.ts";
import { type RunOptions, sqlock } from "./sqlock.ts";

export type StressAnswer = StressReport & { readonly code: number | undefined };

export async function stressJson(args: readonly string[], options: RunOptions = {}): Promise<StressAnswer> {
  const { code, report } = await documentOf(args, options);
  return { ...(report as StressReport), code };
}

export async function matrixJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<MatrixReport & { readonly code: number | undefined }> {
  const { code, report } = await documentOf(["--matrix", ...args], options);
  return { ...(report as MatrixReport), code };
}

async function documentOf(args: readonly string[], options: RunOptions) {
  const { code, stdout, stderr } = await sqlock(["stress", "--json", ...args], options);
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  const report: unknown = JSON.parse(stdout);
  expectToFit("stress", report);
  return { code, report };
}

/** Nothing was lost, nothing was duplicated, and the database is not corrupt. */
export const SOUND = { lost: 0, duplicated: 0, integrity: "ok", differences: [] };
