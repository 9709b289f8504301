/**
 * Whether it may do harm to open a database now, though no lock keeps anybody out: decided here alone, for every answer
 * after which somebody goes on with it (the exit codes of kill and of who-holds --wait). Pure.
 */
import type { DatabaseReport, Finding } from "../model/report.ts";
import { findingRecord } from "./index.ts";

/** The findings that say so; none of an ordinary database. */
export function unsafeToOpen({ findings, holders }: Pick<DatabaseReport, "findings" | "holders">): Finding[] {
  return findings.filter((finding) => {
    const itsHolders = holders.filter(({ pid }) => finding.pids.includes(pid));
    return findingRecord(finding.id)?.unsafeToOpen?.(finding, itsHolders) === true;
  });
}
