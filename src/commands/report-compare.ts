/** `sqlock report --compare OTHER`: prints it. */
import { compareReports } from "../features/report/compare.ts";
import type { ReportInput } from "../features/report/input.ts";
import { comparisonDocument } from "../render/compare/json.ts";
import { comparisonText } from "../render/compare/text.ts";
import { renderJson } from "../render/json.ts";
import { styleOf, writeOut } from "../terminal.ts";
import type { Printed } from "./report-advice.ts";

/** @returns the exit code. @throws UserError */
export async function reportCompare(
  before: ReportInput,
  after: ReportInput,
  { json, color }: Printed,
): Promise<number> {
  const result = await compareReports(before, after);
  writeOut(json ? renderJson(comparisonDocument(result)) : comparisonText(result, await styleOf(color)));
  return 0;
}
