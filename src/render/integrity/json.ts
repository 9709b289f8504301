/** The report as its JSON document: docs/integrity.schema.json. */

import type { IntegrityReport } from "../../features/integrity/report.ts";
import { renderJson as toJson } from "../json.ts";

export function renderJson(report: IntegrityReport): string {
  return toJson(report);
}
