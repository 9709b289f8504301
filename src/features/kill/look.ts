/** Who holds the database at this moment, and what ending each holder does. */
import { inspectOne } from "../../inspect/one.ts";
import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";

export interface LookResult {
  readonly report: Report;
  readonly database: DatabaseReport;
  readonly candidates: readonly Candidate[];
}

export async function look(givenAs: string, staleAfterMs?: number): Promise<LookResult | PathError> {
  const { report, database } = await inspectOne(givenAs, staleAfterMs);
  if (isPathError(database)) return database;
  const containerInits = new Set(database.holders.map(({ pid }) => pid).filter(isContainerInit));
  return { report, database, candidates: candidatesOf(database, containerInits) };
}

/** Pid 1 of a pid namespace below this one: a container's first process. Source: proc_pid_status(5), NSpid. */
function isContainerInit(pid: number): boolean {
  const pids = /^NSpid:\s+(.*)$/m.exec(valueOr(readText(`/proc/${pid}/status`), ""))?.[1]?.split(/\s+/) ?? [];
  return pids.length > 1 && pids.at(-1) === "1";
}
