/** The reporters by the name that --reporter takes. */
import type { IntegrityReport } from "../../features/integrity/report.ts";
import type { ReportContext } from "./context.ts";
import { renderGithub } from "./github.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderPretty } from "./pretty.ts";
import { renderSarif } from "./sarif.ts";

export const REPORTERS = ["pretty", "json", "junit", "github", "sarif"] as const;

export type Reporter = (typeof REPORTERS)[number];

export function isReporter(name: string): name is Reporter {
  return (REPORTERS as readonly string[]).includes(name);
}

const RENDER: Record<Reporter, (report: IntegrityReport, context: ReportContext) => string> = {
  pretty: renderPretty,
  json: renderJson,
  junit: renderJunit,
  github: renderGithub,
  sarif: renderSarif,
};

/** The text of a report, with a newline at its end. */
export function render(reporter: Reporter, report: IntegrityReport, context: ReportContext): string {
  return RENDER[reporter](report, context);
}
