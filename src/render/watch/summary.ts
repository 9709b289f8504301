/** The summary at the end, for a person. Pure. */
import { basename } from "node:path";
import type { HolderSummary, WalSummary, WatchSummary } from "../../features/watch/event.ts";
import { isConnectionLock } from "../../features/watch/held-lock.ts";
import { unseenMatters } from "../../model/unseen-processes.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { size } from "../../text/size.ts";
import { commandAgain } from "../again.ts";
import { unseenLine } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import { PLAIN, type Style } from "../style.ts";
import { DATABASE_COLUMN, SUMMARY_COLUMNS } from "./columns.ts";
import { tableLines } from "./table.ts";
import { shortTime } from "./times.ts";
import { growthText } from "./wal.ts";

const SAMPLED_NOTE =
  "Two holds with a pause between them that is shorter than the time between two readings count as one. BLOCKED: " +
  "how often another process was seen waiting for the lock; short waits leave no trace, so there may have been more.";

const KERNEL_NOTE = "BLOCKED: how many waits of other processes the lock has caused.";

/** A table: for each process and lock, how often, how long in all, the longest, the share of the time. */
export function summaryText(summary: WatchSummary, style: Style = PLAIN): string {
  const { watchedMs, holders, paths, unseen, wal, source } = summary;
  const sizes = wal.map((each) => `${paragraph(walLine(each, paths.length > 1), "  ", style)}\n`).join("");
  const again = commandAgain("watch", paths);
  const hidden = `${sizes}${unseenMatters(unseen, []) ? `${unseenLine(unseen, style, again)}\n` : ""}`;
  const head = `${paragraph(`Watched for ${shortTime(watchedMs)}.${sourceClause(summary)}`, "", style)}\n`;
  const shown = holders.filter((each) => !isOfOpenDatabase(each, holders));
  if (shown.length === 0) return `${head}No process was seen to take a lock.\n${hidden}`;
  const columns = paths.length > 1 ? [DATABASE_COLUMN, ...SUMMARY_COLUMNS] : SUMMARY_COLUMNS;
  const table = tableLines(columns, shown, style);
  const text = [table.header, ...table.lines].join("\n");
  return `${head}\n${text}\n\n${paragraph(source === "kernel" ? KERNEL_NOTE : SAMPLED_NOTE, "  ", style)}\n${hidden}`;
}

/** How complete it is. */
function sourceClause({ source, watchedMs, readings, longestGapMs }: WatchSummary): string {
  const longest = shortTime(longestGapMs);
  if (source === "kernel")
    return longestGapMs === 0
      ? " Every lock was counted, from the kernel's events."
      : ` Locks are from the kernel's events, of which some were lost (for ${longest} at most): there may be more.`;
  if (readings === 0) return "";
  return ` /proc/locks was read every ${(watchedMs / readings).toFixed(1)} ms; the longest gap was ${longest}.`;
}

/** `WAL: 4 MiB at the start, 12 MiB at the end; in the last 1 m 0 s it grew by 1.2 MiB per minute.` */
function walLine(wal: WalSummary, several: boolean): string {
  const { path, sizeAtStartBytes, sizeBytes, largestBytes, perMinuteBytes, measuredMs } = wal;
  const name = several ? `${escapeText(basename(path))}: ` : "";
  const most = largestBytes > Math.max(sizeAtStartBytes, sizeBytes) ? `, ${size(largestBytes)} at most` : "";
  const rate = (perMinuteBytes ?? 0) > 0 ? `; in the last ${duration(measuredMs)} it grew by ${growthText(wal)}` : "";
  return `${name}WAL: ${size(sizeAtStartBytes)} at the start, ${size(sizeBytes)} at the end${most}${rate}.`;
}

/**
 * In WAL mode a process has some locks as long as it has the database open: a person has no use for them. In rollback
 * mode the same lock is a transaction's.
 */
function isOfOpenDatabase({ lock, pid, path }: HolderSummary, all: readonly HolderSummary[]): boolean {
  const isOfWal = all.some((other) => other.role === "shm" && other.pid === pid && other.path === path);
  return isOfWal && isConnectionLock(lock);
}
