/** The reporters of who-holds by name. */
import type { Report } from "../../../model/report.ts";
import type { Style } from "../../style.ts";
import type { ChosenColumn } from "../column-choice.ts";
import type { LockWords } from "../lock-legend.ts";
import { reportJson } from "./json.ts";
import { reportText } from "./text.ts";

/** What a reporter needs beside the report. */
export interface ReportContext {
  /** Null: the usual ones of the source. */
  readonly columns: readonly ChosenColumn[] | null;
  readonly lockWords: LockWords;
  /** That of sqlock itself. A function, since it is asked only where a holder is in a container. */
  readonly ownContainer: () => string | null;
  /** A function, since colours take time to load, and not every reporter needs them. */
  readonly style: () => Promise<Style>;
}

/** What goes to stdout and to stderr, each with a newline at its end, or "". */
export interface Output {
  readonly out: string;
  readonly err: string;
}

export type Reporter = (report: Report, context: ReportContext) => Promise<Output>;

/** By the name of the option that chooses it; text without one. */
const REPORTERS = { text: reportText, json: reportJson } as const satisfies Record<string, Reporter>;

export type ReporterName = keyof typeof REPORTERS;

/** What was given of the options that choose a reporter. */
export type ReporterOptions = { readonly [Name in Exclude<ReporterName, "text">]?: boolean };

/** The first of those that were chosen. */
export function chosenReporter(options: ReporterOptions): ReporterName {
  const chosen: Partial<Record<ReporterName, boolean>> = options;
  return (Object.keys(REPORTERS) as ReporterName[]).find((name) => chosen[name] === true) ?? "text";
}

export async function render(name: ReporterName, report: Report, context: ReportContext): Promise<Output> {
  return REPORTERS[name](report, context);
}
