/** The summary at the end, for a person. Pure. */
import type { HolderSummary, WatchSummary } from "../../features/watch/event.ts";
import { isConnectionLock } from "../../features/watch/held-lock.ts";
import { unseenMatters } from "../../model/unseen-matters.ts";
import { unseenLine } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import { PLAIN, type Style } from "../style.ts";
import { DATABASE_COLUMN, SUMMARY_COLUMNS } from "./columns.ts";
import { tableLines } from "./table.ts";
import { shortTime } from "./times.ts";

const BLOCKED_NOTE =
  "Holds with a pause between them that is shorter than the time between two readings count as one, and as long " +
  "as both. BLOCKED: attempts of others seen waiting for it; short waits leave no trace, so there may have been " +
  "more.";

/** A table: for each process and lock, how often, how long in all, the longest, the share of the time. */
export function summaryText(summary: WatchSummary, style: Style = PLAIN): string {
  const { watchedMs, readings, longestGapMs, holders, paths, unseen } = summary;
  const hidden = unseenMatters(unseen, []) ? `${unseenLine(unseen, style)}\n` : "";
  const every =
    readings === 0
      ? ""
      : ` /proc/locks was read every ${(watchedMs / readings).toFixed(1)} ms, at worst after ` +
        `${shortTime(longestGapMs)}.`;
  const head = `Watched for ${shortTime(watchedMs)}.${every}\n`;
  const shown = holders.filter((each) => !isOfOpenDatabase(each, holders));
  if (shown.length === 0) return `${head}Nobody was seen to take a lock.\n${hidden}`;
  const columns = paths.length > 1 ? [DATABASE_COLUMN, ...SUMMARY_COLUMNS] : SUMMARY_COLUMNS;
  const table = tableLines(columns, shown, style);
  const text = [table.header, ...table.lines].join("\n");
  return `${head}\n${text}\n\n${paragraph(BLOCKED_NOTE, "  ", style)}\n${hidden}`;
}

/**
 * In WAL mode a process has some locks as long as it has the database open: a person has no use for them. In rollback
 * mode the same lock is a transaction's.
 */
function isOfOpenDatabase({ lock, pid, path }: HolderSummary, all: readonly HolderSummary[]): boolean {
  const isOfWal = all.some((other) => other.role === "shm" && other.pid === pid && other.path === path);
  return isOfWal && isConnectionLock(lock);
}
