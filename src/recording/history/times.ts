/** When something was, of what a line tells. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { Span } from "./history.ts";

/** Null: it concerns no time of its own. Of what had not ended, `toMs` is infinite. */
export function timesOf(line: RecordingLine): Span | null {
  switch (line.type) {
    case "lock":
    case "transaction":
      return { fromMs: line.fromMs, toMs: line.toMs ?? Number.POSITIVE_INFINITY };
    case "wait":
      return { fromMs: line.fromMs, toMs: line.fromMs + line.waitedMs };
    case "gap":
    case "counts":
    case "folded":
      return { fromMs: line.fromMs, toMs: line.toMs };
    case "refusal":
    case "misuse":
    case "database":
    case "clock":
    case "open":
    case "wal":
      return { fromMs: line.atMs, toMs: line.atMs };
    case "connection":
      return { fromMs: line.openedMs, toMs: line.closedMs ?? Number.POSITIVE_INFINITY };
    default:
      return null;
  }
}
