/** The report for a person; paths that could not be looked at go to stderr. */
import { type DatabaseReport, isPathError, type PathError } from "../../../model/report.ts";
import { pathErrorLine } from "../../path-error.ts";
import { usualColumns } from "../column-choice.ts";
import { renderText } from "../text.ts";
import type { Reporter } from "./index.ts";

export const reportText: Reporter = async (report, { columns, lockWords, ownContainer, style }) => ({
  out: renderText(report, {
    columns: columns ?? usualColumns(report.source ?? "proc"),
    lockWords,
    ownContainer: report.databases.some(hasContainers) ? ownContainer() : null,
    style: await style(),
  }),
  err: report.databases.map((each) => (isPathError(each) ? pathErrorLine(each) : "")).join(""),
});

function hasContainers(entry: DatabaseReport | PathError): boolean {
  return !isPathError(entry) && entry.holders.some(({ container }) => container !== null);
}
