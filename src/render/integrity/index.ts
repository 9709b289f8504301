/** The reporters by the name that --reporter takes (reporter-names.ts). */
import type { IntegrityReport } from "../../features/integrity/report.ts";
import type { ReportContext } from "./context.ts";
import { renderGithub } from "./github.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderPretty } from "./pretty.ts";
import type { ReporterName } from "./reporter-names.ts";
import { renderSarif } from "./sarif.ts";

const RENDER: Record<ReporterName, (report: IntegrityReport, context: ReportContext) => string> = {
  pretty: renderPretty,
  json: renderJson,
  junit: renderJunit,
  github: renderGithub,
  sarif: renderSarif,
};

/** The text of a report, with a newline at its end. */
export function render(reporter: ReporterName, report: IntegrityReport, context: ReportContext): string {
  return RENDER[reporter](report, context);
}
