/** The list of events on the screen, one line for each. Pure. */
import { basename } from "node:path";
import type { LogRow } from "../../features/watch/live-log.ts";
import type { View } from "../../features/watch/state.ts";
import { escapeText } from "../../text/escape.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { shortAlertText } from "./alert.ts";
import { eventLockText } from "./lines.ts";
import { shortTime, timeOf } from "./times.ts";

/** `12:03:07 4242 took WRITE, held for 1.8 s`. */
export function logLine({ event, heldMs }: LogRow, view: View, width: number, style: Style): string {
  const where = view.databases.length > 1 ? `${escapeText(basename(event.path))}: ` : "";
  const most = Math.max(MIN_COMMAND, width - widthOf(where) - OTHER_WORDS);
  const name = event.name === null ? "" : ` (${cut(escapeText(event.name), most, style.ellipsis)})`;
  return cut(`${timeOf(event.at, 0)} ${where}${logSentence(event, heldMs, name)}`, width, style.ellipsis);
}

/** A command is cut, so that what has happened is in sight behind it. */
const MIN_COMMAND = 12;
const OTHER_WORDS = "12:03:07 4194304 () has ended".length;

function logSentence(event: LogRow["event"], heldMs: number | null, name: string): string {
  const { pid, finding } = event;
  switch (event.event) {
    case "alert":
      return shortAlertText(event);
    case "held": {
      const duration = heldMs === null ? "" : `, held for at least ${shortTime(heldMs)}`;
      return `${pid} already holds ${eventLockText(event)}${duration}`;
    }
    case "acquired":
    case "released":
      return (
        `${pid} took ${eventLockText(event)}` +
        (heldMs === null ? "" : `, held for ${event.atLeast === true ? "at least " : ""}${shortTime(heldMs)}`)
      );
    case "finding":
      return `${finding?.severity} ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "resolved":
      return `no longer ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "missing":
      return "the database does not exist yet";
    case "created":
    case "deleted":
      return `the database was ${event.event}`;
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
