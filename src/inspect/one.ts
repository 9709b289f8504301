/** A look at one database, for commands that work on one. */

import type { DatabaseReport, PathError, Report } from "../model/report.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "./inspect.ts";

/** With the whole report, which says who could not be seen. A folder of several databases is an error. */
export async function inspectOne(
  givenAs: string,
  staleAfterMs = DEFAULT_STALE_AFTER_MS,
): Promise<{ readonly report: Report; readonly database: DatabaseReport | PathError }> {
  const report = await inspect([givenAs], { locksOnly: false, staleAfterMs });
  const [database, ...more] = report.databases;
  if (database !== undefined && more.length === 0) return { report, database };
  const message = `${givenAs} is a folder of ${report.databases.length} databases`;
  return { report, database: { givenAs, error: { code: "usage", message, hint: "give the path of one database" } } };
}
