/** The report as its JSON document: docs/integrity.schema.json. */
import { renderJson as toJson } from "../../output/json.ts";
import type { IntegrityReport } from "../report.ts";

export function renderJson(report: IntegrityReport): string {
  return toJson(report);
}
