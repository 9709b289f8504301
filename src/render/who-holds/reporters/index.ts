/** The reporters of who-holds by name; each is loaded when it is used. */
import type { Report } from "../../../model/report.ts";
import type { Style } from "../../style.ts";
import type { Column } from "../columns.ts";

/** What a reporter needs beside the report. */
export interface ReportContext {
  /** Null: the default ones of the source. */
  readonly columns: readonly Column[] | null;
  /** Only the owners of locks were looked for. */
  readonly locksOnly: boolean;
  readonly style: () => Promise<Style>;
}

/** What goes to stdout and to stderr, each with a newline at its end, or "". */
export interface Output {
  readonly out: string;
  readonly err: string;
}

export type Reporter = (report: Report, context: ReportContext) => Promise<Output>;

export type ReporterName = "text" | "json";

const REPORTERS: Readonly<Record<ReporterName, () => Promise<{ readonly report: Reporter }>>> = {
  text: () => import("./text.ts"),
  json: () => import("./json.ts"),
};

export async function render(name: ReporterName, report: Report, context: ReportContext): Promise<Output> {
  const reporter = await REPORTERS[name]();
  return reporter.report(report, context);
}
