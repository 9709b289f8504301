/** Phrases of more than one reporter. Pure. */

import type { Check, DatabaseCheck, IntegrityReport, NotMerged, ReasonCode } from "../../features/integrity/report.ts";
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
  return [done, wayText(database), readLock(database)].filter((text) => text !== null).join("; ");
}

/** How the indexes were compared with their tables, where that is not the usual way for its size; null else. */
function wayText({ checks }: DatabaseCheck): string | null {
  const way = checks.find(({ name }) => name === "structure")?.way ?? null;
  if (way === null || way.way === "quick_check") return null;
  const missing = way.notMerged.flatMap((why) => {
    const text = NOT_MERGED[why];
    return text === null ? [] : [text];
  });
  const because = missing.length === 0 ? "" : ` (${missing.join(", ")})`;
  if (way.way === "integrity_check") return missing.length === 0 ? null : `by integrity_check${because}`;
  const table = way.mergedIndexes === 1 ? "its table" : "their tables";
  const processes = way.processes === 1 ? "" : ` by ${way.processes} processes`;
  const others = way.otherTables === 0 ? "" : `, ${count(way.otherTables, "table")} by integrity_check${because}`;
  if (way.mergedIndexes === 0) return others === "" ? null : `quick_check${others}`;
  return `${count(way.mergedIndexes, "index", "indexes")} merged with ${table}${processes}${others}`;
}

/** Null: nothing that a reader would miss. */
const NOT_MERGED: Record<NotMerged, string | null> = {
  asked: "--exact",
  "as-fast": null,
  differs: "where something differs",
  unproved: null,
  "no-room": "no room to sort the rows on the disk with the temporary files",
  "unknown-state": null,
};

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
