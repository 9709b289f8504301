/** The list of events on the screen, a line each. Pure. */
import { basename } from "node:path";
import type { LogRow, View } from "../../features/watch/state.ts";
import { escapeText } from "../../text/escape.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import { alertText } from "./alert.ts";
import { eventLockText } from "./lines.ts";
import { shortTime, timeOf } from "./times.ts";

/** `12:03:07 4242 took WRITE, held 1.8 s`. */
export function logLine({ event, heldMs }: LogRow, view: View, width: number, style: Style): string {
  const where = view.databases.length > 1 ? `${escapeText(basename(event.path))}: ` : "";
  return cut(`${timeOf(event.at, 0)} ${where}${logSentence(event, heldMs)}`, width, style.ellipsis);
}

function logSentence(event: LogRow["event"], heldMs: number | null): string {
  const { pid, finding } = event;
  const name = event.name === null ? "" : ` (${escapeText(event.name)})`;
  switch (event.event) {
    case "alert":
      return alertText(event);
    case "held": {
      const duration = heldMs === null ? " already" : `, held at least ${shortTime(heldMs)}`;
      return `${pid} has ${eventLockText(event)}${duration}`;
    }
    case "acquired":
    case "released":
      return (
        `${pid} took ${eventLockText(event)}` +
        (heldMs === null ? "" : `, held ${event.atLeast === true ? "at least " : ""}${shortTime(heldMs)}`)
      );
    case "finding":
      return `${finding?.severity} ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "resolved":
      return `no longer ${finding?.id}${pid === null ? "" : `: ${pid}`}`;
    case "missing":
      return "no such file yet";
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
      return event.event;
  }
}
