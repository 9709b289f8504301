/** Every column of the screen and of the summary of watch. Pure. */
import { basename } from "node:path";
import type { HolderSummary } from "../../features/watch/event.ts";
import { isConnectionLock } from "../../features/watch/held-lock.ts";
import type { HolderView } from "../../features/watch/holder-view.ts";
import type { FiguresOf, ProcessFigures } from "../../features/watch/process-figures.ts";
import { escapeText } from "../../text/escape.ts";
import { grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { locksText } from "../lock-text.ts";
import type { FixedColumn } from "./fixed-table.ts";
import type { Column } from "./table.ts";
import { shortTime } from "./times.ts";

const NONE = "-";
const UNKNOWN = "?";

/**
 * The processes of the screen. 80 columns have room for a table of 77. The command is the last, as in top: it gets what
 * the others leave.
 */
export const SCREEN_COLUMNS: readonly FixedColumn<HolderView>[] = [
  { name: "PID", value: ({ pid }) => String(pid), right: true, width: 7 },
  { name: "ACTIVITY", value: activityText, width: 10, wide: { from: 97, width: 13 } },
  {
    name: "LOCKS",
    value: ({ locks }) => locksText(locks),
    width: 20,
    wide: { from: 150, width: 34 },
    minTableWidth: 114,
  },
  { name: "HELD-FOR", value: heldText, right: true, width: 12 },
  {
    name: "BLOCKS",
    value: ({ blocks }) => blocks.filter((block) => block !== "journal-mode").join(", ") || NONE,
    width: 21,
    wide: { from: 160, width: 29 },
    minTableWidth: 137,
  },
  { name: "TIMES", value: figure(timesText), right: true, width: 11, minTableWidth: 70 },
  { name: "TOTAL", value: figure(({ totalMs }) => shortTime(totalMs)), right: true, width: 9, minTableWidth: 90 },
  { name: "LONGEST", value: figure(longestText), right: true, width: 12, minTableWidth: 70 },
  { name: "SHARE", value: figure(({ share }) => shareText(share)), right: true, width: 5, minTableWidth: 50 },
  { name: "COMMAND", value: ({ command }) => escapeText(command) },
];

function activityText({ activity, stale, gone }: HolderView): string {
  if (gone !== null) return gone.how ?? "gone";
  return stale.includes("stopped") ? "stopped" : activity;
}

/** That an idle process has the database open is no news. */
function heldText({ activity, heldMs, atLeast, locks }: HolderView): string {
  if (activity === "idle" && locks.every(({ name }) => isConnectionLock(name))) return NONE;
  if (heldMs === null) return locks.length === 0 ? NONE : UNKNOWN;
  return `${atLeast ? ">= " : ""}${shortTime(Math.floor(heldMs / 100) * 100)}`;
}

function figure(text: (figures: ProcessFigures) => string): (holder: HolderView) => string {
  return ({ figures }) => (figures === null ? NONE : text(figures));
}

const UNITS: Readonly<Record<FiguresOf, readonly [string, string]>> = {
  writes: ["write", "writes"],
  checkpoints: ["ckpt", "ckpts"],
  locks: ["lock", "locks"],
  reads: ["read", "reads"],
};

/** `1 write`, `9999 writes`, `12k reads`. */
function timesText({ times, of }: ProcessFigures): string {
  const number =
    times < 10_000 ? String(times) : times < 1e6 ? `${Math.floor(times / 1000)}k` : `${Math.floor(times / 1e6)}M`;
  return `${number} ${UNITS[of][times === 1 ? 0 : 1]}`;
}

function longestText({ longestMs, atLeast }: ProcessFigures): string {
  return `${atLeast ? ">= " : ""}${shortTime(longestMs)}`;
}

function shareText(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** Of the summary, where several databases are watched. */
export const DATABASE_COLUMN: Column<HolderSummary> = {
  name: "DATABASE",
  value: ({ path }) => escapeText(basename(path)),
};

const MAX_COMMAND = 32;

/** The locks of the summary. */
export const SUMMARY_COLUMNS: readonly Column<HolderSummary>[] = [
  { name: "PID", value: ({ pid }) => String(pid), right: true },
  { name: "COMMAND", value: ({ name }) => cut(escapeText(name ?? UNKNOWN), MAX_COMMAND, "..."), cut: true },
  { name: "LOCK", value: ({ lock, role }) => (lock === "FOREIGN" ? `FOREIGN(${role})` : lock) },
  { name: "TIMES", value: ({ times }) => grouped(times), right: true },
  { name: "TOTAL", value: ({ totalMs, cutOff }) => `${cutOff ? ">= " : ""}${shortTime(totalMs)}`, right: true },
  { name: "LONGEST", value: ({ longestMs }) => shortTime(longestMs), right: true },
  { name: "SHARE", value: ({ share }) => shareText(share), right: true },
  { name: "BLOCKED", value: ({ blockedAttempts }) => grouped(blockedAttempts), right: true },
];
