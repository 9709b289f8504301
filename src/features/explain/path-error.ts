/** The errors of a path that speak for a cause of a message. Pure. */
import { isPathError, type Report } from "../../model/report.ts";

export const PATH_ERROR_CODES = ["permission-denied", "no-such-file"] as const;

export type PathErrorCode = (typeof PATH_ERROR_CODES)[number];

export function pathErrorsOf(report: Report | null): PathErrorCode[] {
  const codes = (report?.databases ?? []).flatMap((each) => (isPathError(each) ? [each.error.code] : []));
  return PATH_ERROR_CODES.filter((code) => codes.includes(code));
}
