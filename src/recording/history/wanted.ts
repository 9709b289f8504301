/** Whether a line concerns a time. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { Span } from "./history.ts";
import { timesOf } from "./times.ts";

/** Counts belong to where most of their time is (after `folded` it is long), or to a moment in it. */
export function concerns(line: RecordingLine, { fromMs, toMs }: Span): boolean {
  const times = timesOf(line);
  if (times === null) return true;
  if (line.type !== "counts") return times.fromMs <= toMs && times.toMs >= fromMs;
  const middle = (times.fromMs + times.toMs) / 2;
  return (middle >= fromMs && middle <= toMs) || (times.fromMs <= fromMs && times.toMs > toMs);
}

const COUNTS = '{"type":"counts",';
const COUNTS_TIMES = /^\{"type":"counts","fromMs":(-?[\d.]+),"toMs":(-?[\d.]+),/;

/** By the text of a line alone: false only where it certainly does not. `span`: of counts. */
export function wantsText(json: string, span: Span): boolean {
  if (!json.startsWith(COUNTS)) return true;
  const [, fromMs, toMs] = COUNTS_TIMES.exec(json) ?? [];
  return fromMs === undefined || !(Number(fromMs) > span.toMs || Number(toMs) < span.fromMs);
}
