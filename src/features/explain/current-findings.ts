/** The findings on the databases now, in the order in which to act on them. Pure. */
import { type FindingId, isPathError, type Report } from "../../model/report.ts";
import type { CurrentFinding } from "./explanation.ts";
import type { FoundNow, RankedCause } from "./rank.ts";

type Found = Omit<CurrentFinding, "cause">;

/** Each once for each database, in the order of the reports: the gravest first. */
export function findingsOn(report: Report | null): Found[] {
  return (report?.databases ?? []).flatMap((database) => {
    if (isPathError(database)) return [];
    const ids = new Set(database.findings.map((finding) => finding.id));
    return [...ids].map((finding) => ({ database: database.path, finding }));
  });
}

/** What all databases have, with its severity. */
export function foundNow(report: Report | null): FoundNow[] {
  return (report?.databases ?? []).flatMap((database) => (isPathError(database) ? [] : database.findings));
}

/**
 * First data that may be lost, then what shows the first cause, then the order of the reports; last what only says
 * which process to end.
 */
export function orderFindings(found: readonly Found[], ranked: readonly RankedCause[]): CurrentFinding[] {
  const has = (id: FindingId) => found.some(({ finding }) => finding === id);
  const causes = ranked.filter(({ likelihood }) => likelihood === "this-time").map(({ cause }) => cause);
  const causeShownBy = (id: FindingId) => causes.findIndex((cause) => cause.findings.includes(id));
  const position = (id: FindingId) => {
    if (id === "deleted-file") return -1;
    if (id === "orphaned-holder" && (has("deleted-file") || has("exclusive-locking-mode"))) return causes.length + 1;
    return causeShownBy(id) < 0 ? causes.length : causeShownBy(id);
  };
  return [...found]
    .sort((a, b) => position(a.finding) - position(b.finding))
    .map((each) => ({ ...each, cause: causes[causeShownBy(each.finding)]?.id ?? null }));
}
