/** Phrases of more than one reporter. Pure. */

import type { Check, DatabaseCheck, IntegrityReport, ReasonCode } from "../../features/integrity/report.ts";
import { duration } from "../../text/duration.ts";
import { count, grouped } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import { openerText } from "../opener-text.ts";

/** `WAL mode, 48 KiB, 12 pages of 4096`; "" where nothing is known. */
export function factsOf({ verdict, journalMode, sizeBytes, pageSize, pageCount }: DatabaseCheck): string {
  if (sizeBytes === 0) return verdict === "ok" ? "empty: a valid database without pages" : "";
  return [
    ...(journalMode === "unknown" ? [] : [journalMode === "wal" ? "WAL mode" : "rollback journal"]),
    ...(sizeBytes === null ? [] : [size(sizeBytes)]),
    ...(pageCount === null || pageSize === null ? [] : [`${count(pageCount, "page")} of ${pageSize}`]),
  ].join(", ");
}

/** How it was opened, for how long, and what that blocked; null where it was not. */
export function methodOf(database: DatabaseCheck): string | null {
  const { method, methodReason, openedAs, durationMs } = database;
  if (method === null) return null;
  const where =
    method === "in-place"
      ? "in place"
      : method === "backup"
        ? "on a copy made by SQLite's backup API"
        : "on a private copy";
  const tried = database.checks.every(({ result }) => result === "not-checked");
  const done =
    `${tried ? "tried" : "checked"} ${where}${durationMs === null ? "" : ` in ${duration(durationMs)}`}` +
    (methodReason === null ? "" : `: ${methodReason}`) +
    (openedAs === null ? "" : `; ${openerText(openedAs)}`);
  const lock = readLock(database);
  return lock === null ? done : `${done}; ${lock}`;
}

/** Only where the check came to its end, and no process writes without locks, was the file seen to be unchanged. */
const UNPROVED: readonly (ReasonCode | null)[] = ["changed", "unlocked-writer", "timeout"];

function readLock({ readLockMs, journalMode, checks }: DatabaseCheck): string | null {
  if (readLockMs === null) return null;
  const commits = checks.some(({ reasonCode }) => UNPROVED.includes(reasonCode))
    ? "no commits with SQLite's default locking"
    : "no commits";
  const blocked = journalMode === "wal" ? "no checkpoint beyond its snapshot" : commits;
  return `read lock for ${readLockMs < 100 ? "less than 0.1 s" : duration(readLockMs)}: ${blocked} during that time`;
}

/** Of a check that found problems: what else of it could not be looked at. */
export function leftUnchecked(
  { name, result, reason }: Check,
  { problems }: Pick<DatabaseCheck, "problems">,
): string | null {
  if (result !== "failed" || reason === null) return null;
  return problems.some(({ check }) => check === name) ? reason : null;
}

/** `14 problems`; `100 problems or more` where the check stopped there. */
export function problemCount({ problems, truncated }: Pick<DatabaseCheck, "problems" | "truncated">): string {
  return truncated ? `${grouped(problems.length)} problems or more` : count(problems.length, "problem");
}

/** `4 databases: 2 ok, 1 corrupt, 1 not checked`. */
export function sumUp({ databases }: IntegrityReport): string {
  const tally = (["ok", "corrupt", "not-checked"] as const).flatMap((verdict) => {
    const number = databases.filter((database) => database.verdict === verdict).length;
    return number === 0 ? [] : [`${grouped(number)} ${verdict.replace("-", " ")}`];
  });
  return `${count(databases.length, "database")}: ${tally.join(", ") || "nothing to check"}`;
}
