/** A look at one database, for commands that work on one. */

import type { DatabaseReport, PathError, Report } from "../model/report.ts";
import type { FileIdentity } from "../observe/same-file.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "./inspect.ts";

/**
 * With the whole report, which says who could not be seen. A folder of several databases is an error, and so is another
 * file than `pinned` (null: there was none).
 */
export async function inspectOne(
  givenAs: string,
  staleAfterMs = DEFAULT_STALE_AFTER_MS,
  pinned?: FileIdentity | null,
): Promise<{ readonly report: Report; readonly database: DatabaseReport | PathError }> {
  const report = await inspect([givenAs], {
    locksOnly: false,
    staleAfterMs,
    ...(pinned === undefined ? {} : { pinned, opens: true }),
  });
  const [database, ...more] = report.databases;
  if (database !== undefined && more.length === 0) return { report, database };
  const message = `${givenAs} is a folder of ${report.databases.length} databases`;
  return { report, database: { givenAs, error: { code: "usage", message, hint: "give the path of one database" } } };
}
