/** Events and the summary as lines: of JSON, or for people. Pure. */
import { basename } from "node:path";
import type { HolderSummary, WatchEvent, WatchSummary } from "../../features/watch/event.ts";
import { tenths } from "../../features/watch/summary.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { grouped } from "../../text/list.ts";
import { unseenLine } from "../finding.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import { PLAIN, type Style } from "../style.ts";
import widthOf from "../width.ts";

export function jsonLine(line: WatchEvent | WatchSummary): string {
  return (
    `${JSON.stringify(line, (key, value: unknown) => (key === "heldMs" && typeof value === "number" ? tenths(value) : value))}` +
    "\n"
  );
}

/**
 * `12:03:07.214 4242 (python manage.py shell) acquired WRITE`; with the name of the database where there are several.
 */
export function textLine(event: WatchEvent, several: boolean): string {
  const where = several ? `${escapeText(basename(event.path))}: ` : "";
  return `${timeOf(event.at)} ${where}${sentence(event, several)}\n`;
}

/** In the time zone of this machine. */
export function timeOf(at: Date, digits: 0 | 3 = 3): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return digits === 0 ? seconds : `${seconds}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** `20 ms`, `1.8 s`, `4 m 12 s`: as exact as the readings are. */
export function shortTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

const MOST_CHARACTERS = 60;

function sentence(event: WatchEvent, several: boolean): string {
  const { pid, heldMs, finding } = event;
  const name = event.name === null ? "" : ` (${cut(escapeText(event.name), MOST_CHARACTERS, "...")})`;
  const who = `${pid}${name}`;
  switch (event.event) {
    case "watching":
      return several ? "watching" : `watching ${escapeText(event.path)}`;
    case "missing":
      return "there is no such file yet";
    case "created":
      return "the database was created";
    case "deleted":
      return "the database was deleted";
    case "replaced":
      return "the database was replaced by another file";
    case "open":
      return `${who} has it open`;
    case "opened":
      return `${who} opened it`;
    case "closed":
      return `${who} closed it`;
    case "ended":
      return `${who} has ended`;
    case "held":
      return `${who} holds ${lockText(event)} already`;
    case "acquired":
      return `${who} took ${lockText(event)}`;
    case "released":
      return (
        `${who} released ${lockText(event)}, held ${event.atLeast === true ? "at least " : ""}` + shortTime(heldMs ?? 0)
      );
    case "finding":
      return `${finding?.severity} ${finding?.id}: ${escapeText(finding?.summary ?? "")}`;
    case "resolved":
      return (
        `no longer ${finding?.id}` +
        (finding === null || finding.pids.length === 0 ? "" : ` (${finding.pids.join(", ")})`)
      );
  }
}

/** As the table of who-holds has it. */
export function lockText({ lock, role, type, api }: Pick<WatchEvent, "lock" | "role" | "type" | "api">): string {
  const how = api === null || api === "posix" ? "" : `(${api})`;
  const more =
    type === "write" && lock?.startsWith("READ") === true ? "(write)" : lock === "FOREIGN" ? `(${role})` : "";
  return `${lock}${how}${more}`;
}

const BLOCKED_NOTE =
  "Holds with a pause between them that is shorter than the time between two readings count as one, and as long " +
  "as both. BLOCKED: attempts of others seen waiting for it; short waits leave no trace, so there may have been " +
  "more.";

/** A table: for each process and lock, how often, how long in all, the longest, the share of the time. */
export function summaryText(summary: WatchSummary, style: Style = PLAIN): string {
  const { watchedMs, readings, longestGapMs, holders, paths, unseen } = summary;
  const hidden = unseen === null ? "" : `${unseenLine(unseen, style)}\n`;
  const every =
    readings === 0
      ? ""
      : ` /proc/locks was read every ${(watchedMs / readings).toFixed(1)} ms, at worst after ` +
        `${shortTime(longestGapMs)}.`;
  const head = `Watched for ${shortTime(watchedMs)}.${every}\n`;
  const shown = holders.filter((each) => !isOfConnection(each, holders));
  if (shown.length === 0) return `${head}Nobody was seen to take a lock.\n${hidden}`;
  const several = paths.length > 1;
  const rows = shown.map((each) => [
    ...(several ? [escapeText(basename(each.path))] : []),
    String(each.pid),
    cut(escapeText(each.name ?? "?"), 32, "..."),
    each.lock === "FOREIGN" ? `FOREIGN(${each.role})` : each.lock,
    grouped(each.times),
    `${each.cutOff ? ">= " : ""}${shortTime(each.totalMs)}`,
    shortTime(each.longestMs),
    `${(each.share * 100).toFixed(each.share < 0.1 ? 1 : 0)} %`,
    grouped(each.blockedAttempts),
  ]);
  const heads = [
    ...(several ? ["DATABASE"] : []),
    "PID",
    "COMMAND",
    "LOCK",
    "TIMES",
    "TOTAL",
    "LONGEST",
    "SHARE",
    "BLOCKED",
  ];
  return `${head}\n${columns(heads, rows, several ? 3 : 2, style)}\n${paragraph(BLOCKED_NOTE, "  ", style)}\n${hidden}`;
}

/**
 * In WAL mode a process holds DMS and SHARED as long as it has the database open: the document has them, a person has
 * no use for them.
 */
function isOfConnection({ lock, pid, path }: HolderSummary, all: readonly HolderSummary[]): boolean {
  return (
    lock === "DMS" ||
    (lock === "SHARED" && all.some((other) => other.lock === "DMS" && other.pid === pid && other.path === path))
  );
}

/** No narrower than this gets a command. */
const LEAST_COMMAND = 8;

/**
 * Text to the left up to column `leftUpTo`, numbers to the right. Each has one line; what does not fit is taken from
 * the commands.
 */
function columns(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  leftUpTo: number,
  { width, ellipsis }: Style,
): string {
  const natural = heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const over = Math.max(0, natural.reduce((sum, each) => sum + each + 2, -2) - width);
  const widths = natural.map((each, i) =>
    heads[i] === "COMMAND" ? Math.max(Math.min(each, LEAST_COMMAND), each - over) : each,
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => {
        const cell = cut(text, widths[i] ?? 0, ellipsis);
        const space = " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)));
        return i <= leftUpTo && heads[i] !== "PID" ? cell + space : space + cell;
      })
      .join("  ")
      .trimEnd();
  return [heads, ...rows].map((row) => `${line(row)}\n`).join("");
}
