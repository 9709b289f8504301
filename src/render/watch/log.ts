/** The list of events on the screen, one line for each. Pure. */
import { basename } from "node:path";
import type { LogRow } from "../../features/watch/live-log.ts";
import type { View } from "../../features/watch/view.ts";
import { escapeText } from "../../text/escape.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { shortAlertText } from "./alert.ts";
import { eventLockText, gapText } from "./lines.ts";
import { shortTime, timeOf } from "./times.ts";

/** `12:03:07 4242 took WRITE, held for 1.8 s`. */
export function logLine(row: LogRow, view: View, width: number, style: Style): string {
  const { event } = row;
  const where = view.databases.length > 1 ? `${escapeText(basename(event.path))}: ` : "";
  const most = Math.max(MIN_COMMAND, width - widthOf(where) - OTHER_WORDS);
  const name = event.name === null ? "" : ` (${cut(escapeText(event.name), most, style.ellipsis)})`;
  return cut(`${timeOf(event.at, 0)} ${where}${logSentence(row, name)}`, width, style.ellipsis);
}

/** A command is cut, so that what has happened is in sight behind it. */
const MIN_COMMAND = 12;
const OTHER_WORDS = "12:03:07 4194304 () has ended".length;

function logSentence({ event, heldMs, atLeast }: LogRow, name: string): string {
  const { pid, finding } = event;
  const time = heldMs === null ? "" : `for ${atLeast === true ? "at least " : ""}${shortTime(heldMs)}`;
  const held = heldMs === null ? "" : `, held ${time}`;
  switch (event.event) {
    case "alert":
      return shortAlertText(event);
    case "gap":
      return gapText(event);
    case "held":
      return heldMs === null
        ? `${pid} already holds ${eventLockText(event)}`
        : `${pid} already held ${eventLockText(event)}, ${time}`;
    case "acquired":
      return `${pid} took ${eventLockText(event)}${held}`;
    case "released":
      return `${pid} released ${eventLockText(event)}${held}`;
    case "finding":
      return `${finding?.severity} ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "resolved":
      return `resolved: ${finding?.id}${pid === null ? "" : ` (${pid})`}`;
    case "missing":
      return "the database does not exist yet";
    case "created":
      return "the database was created";
    case "deleted":
      return "the database was deleted or moved away";
    case "returned":
      return "the database is back: the same file as before";
    case "replaced":
      return "the database was replaced by another file";
    case "closed":
    case "opened":
      return `${pid}${name} ${event.event} it`;
    case "ended":
      return `${pid}${name} has ended`;
    case "open":
    case "watching":
    case "wal-growth": // no rows of the list
      return event.event;
  }
}
