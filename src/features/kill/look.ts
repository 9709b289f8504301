/** Who holds the database at this moment, and what ending each would mean. */
import { inspectOne } from "../../inspect/one.ts";
import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";

export interface Seen {
  readonly report: Report;
  readonly database: DatabaseReport;
  readonly candidates: readonly Candidate[];
}

export async function look(givenAs: string, staleAfterMs?: number): Promise<Seen | PathError> {
  const { report, database } = await inspectOne(givenAs, staleAfterMs);
  if (isPathError(database)) return database;
  const inits = new Set(database.holders.map(({ pid }) => pid).filter(isInitOfNamespace));
  return { report, database, candidates: candidatesOf(database, inits) };
}

/** Pid 1 of a pid namespace below this one: a container's first process. Source: proc_pid_status(5), NSpid. */
function isInitOfNamespace(pid: number): boolean {
  const pids = /^NSpid:\s+(.*)$/m.exec(valueOr(readText(`/proc/${pid}/status`), ""))?.[1]?.split(/\s+/) ?? [];
  return pids.length > 1 && pids.at(-1) === "1";
}
