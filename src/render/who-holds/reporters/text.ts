/** The report for a person; paths that could not be looked at go to stderr. */
import { isPathError } from "../../../model/report.ts";
import { pathErrorLine } from "../../path-error.ts";
import { defaultColumns } from "../columns.ts";
import { renderText } from "../text.ts";
import type { Reporter } from "./index.ts";

export const report: Reporter = async (answer, { columns, locksOnly, style }) => ({
  out: renderText(answer, {
    columns: columns ?? defaultColumns(answer.source ?? "proc"),
    style: await style(),
    locksOnly,
  }),
  err: answer.databases.map((each) => (isPathError(each) ? pathErrorLine(each) : "")).join(""),
});
