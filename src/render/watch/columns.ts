/** Every column of the screen and of the summary of watch. Pure. */
import { basename } from "node:path";
import type { HolderSummary } from "../../features/watch/event.ts";
import type { HolderView } from "../../features/watch/holder-view.ts";
import { escapeText } from "../../text/escape.ts";
import { grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { locksText } from "../lock-text.ts";
import type { Column } from "./table.ts";
import { shortTime } from "./times.ts";

const NONE = "-";
const UNKNOWN = "?";

/** The holders of the screen. */
export const SCREEN_COLUMNS: readonly Column<HolderView>[] = [
  { name: "PID", value: ({ pid }) => String(pid), right: true },
  { name: "COMMAND", value: ({ command }) => escapeText(command), cut: true },
  {
    name: "ACTIVITY",
    value: ({ activity, stale }) => (stale.includes("stopped") ? "stopped" : activity),
    minTableWidth: 58,
  },
  { name: "LOCKS", value: ({ locks }) => locksText(locks), cut: true },
  { name: "HELD", value: heldText },
  {
    name: "BLOCKS",
    value: ({ blocks }) => blocks.filter((block) => block !== "journal-mode").join(", ") || NONE,
    cut: true,
    minTableWidth: 74,
  },
];

function heldText({ heldMs, atLeast, locks }: HolderView): string {
  if (heldMs === null) return locks.length === 0 ? NONE : UNKNOWN;
  return `${atLeast ? ">= " : ""}${shortTime(Math.floor(heldMs / 100) * 100)}`;
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
  { name: "SHARE", value: ({ share }) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`, right: true },
  { name: "BLOCKED", value: ({ blockedAttempts }) => grouped(blockedAttempts), right: true },
];
