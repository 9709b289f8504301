/** Events as lines: of JSON, or for a person. Pure. */
import { basename } from "node:path";
import type { WatchEvent, WatchSummary } from "../../features/watch/event.ts";
import { lockOfEvent } from "../../features/watch/held-lock.ts";
import { tenths } from "../../features/watch/hold-totals.ts";
import { escapeText } from "../../text/escape.ts";
import { size as sizeText } from "../../text/size.ts";
import { renderJsonLine } from "../json.ts";
import { cut } from "../layout.ts";
import { lockText } from "../lock-text.ts";
import { alertText } from "./alert.ts";
import { shortTime, timeOf } from "./times.ts";
import { growthText } from "./wal.ts";

export function jsonLine(line: WatchEvent | WatchSummary): string {
  const held = "heldMs" in line ? line.heldMs : undefined;
  const gap = "gapMs" in line ? line.gapMs : undefined;
  return renderJsonLine({
    ...line,
    ...(typeof held === "number" ? { heldMs: tenths(held) } : {}),
    ...(gap === undefined ? {} : { gapMs: tenths(gap) }),
  });
}

/**
 * `12:03:07.214 4242 (python manage.py shell) acquired WRITE`; with the name of the database where there are several.
 */
export function textLine(event: WatchEvent, several: boolean): string {
  const where = several ? `${escapeText(basename(event.path))}: ` : "";
  return `${timeOf(event.at)} ${where}${sentence(event, several)}\n`;
}

const MAX_COMMAND = 60;

function sentence(event: WatchEvent, several: boolean): string {
  const { pid, heldMs, finding } = event;
  const name = event.name === null ? "" : ` (${cut(escapeText(event.name), MAX_COMMAND, "...")})`;
  const who = `${pid}${name}`;
  switch (event.event) {
    case "alert":
      return alertText(event);
    case "watching":
      return watchingText(event, several);
    case "missing":
      return "the database does not exist yet";
    case "created":
      return "the database was created";
    case "deleted":
      return "the database was deleted or moved away";
    case "replaced":
      return "the database was replaced by another file";
    case "returned":
      return "the database is back: the same file as before";
    case "open":
      return `${who} has it open`;
    case "opened":
      return `${who} opened it`;
    case "closed":
      return `${who} closed it`;
    case "ended":
      return `${who} has ended`;
    case "held":
      return `${who} already holds ${eventLockText(event)}`;
    case "acquired":
      return `${who} took ${eventLockText(event)}`;
    case "released":
      return (
        `${who} released ${eventLockText(event)}, held for ${event.atLeast === true ? "at least " : ""}` +
        shortTime(heldMs ?? 0)
      );
    case "gap":
      return gapText(event);
    case "finding":
      return `${finding?.severity} ${finding?.id}: ${escapeText(finding?.summary ?? "")}`;
    case "resolved":
      return (
        `resolved: ${finding?.id}` +
        (finding === null || finding.pids.length === 0 ? "" : ` (${finding.pids.join(", ")})`)
      );
    case "wal-growth":
      return event.wal === undefined
        ? "the WAL grows"
        : `the WAL has grown to ${sizeText(event.wal.sizeBytes)}, by ${growthText(event.wal)}`;
  }
}

function watchingText({ path, source }: WatchEvent, several: boolean): string {
  const what = several ? "watching" : `watching ${escapeText(path)}`;
  return source === "kernel" ? `${what}: every lock, from the kernel` : what;
}

/** Of the event `gap`. */
export function gapText({ gapMs = 0, source }: WatchEvent): string {
  const what = source === "kernel" ? "events of the kernel were lost for" : "no reading for";
  return `${what} ${shortTime(gapMs)}: what happened meanwhile is unknown`;
}

/** Of an event of a lock. */
export function eventLockText(event: WatchEvent): string {
  const lock = lockOfEvent(event);
  if (lock === null) return "?";
  return event.formerFile === true ? `${lockText(lock)} on the file that is no longer there` : lockText(lock);
}
