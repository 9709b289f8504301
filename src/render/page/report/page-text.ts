/** The page of a recording, made while it is read. Pure. */
import type { PageFiles } from "../../../features/output/page-files.ts";
import type { PageText } from "../../../features/report/html.ts";
import type { ReportInput } from "../../../features/report/input.ts";
import { VERSION } from "../../../version.ts";
import { PageCollector } from "../collect/collector.ts";
import { reportPage } from "./report-page.ts";

export function pageText({ facts, span, meta }: ReportInput, files: PageFiles): PageText {
  const collector = new PageCollector(facts, span);
  return {
    add: (line) => collector.take(line),
    end: ({ facts: all, summary }) => {
      const collected = collector.finish(all, summary.processes);
      return reportPage({ collected, meta, summary, facts: all, span, folder: null, version: VERSION, files });
    },
  };
}
