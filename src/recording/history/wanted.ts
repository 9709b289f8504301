/** Whether a line concerns a time. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { Span } from "./history.ts";
import { timesOf } from "./times.ts";

/** Counts of long times (after `folded`) belong to where most of them is. */
export function concerns(line: RecordingLine, { fromMs, toMs }: Span): boolean {
  const times = timesOf(line);
  if (times === null) return true;
  if (line.type !== "counts") return times.fromMs <= toMs && times.toMs >= fromMs;
  const middle = (times.fromMs + times.toMs) / 2;
  return middle >= fromMs && middle <= toMs;
}

const COUNTS = '{"type":"counts",';
const COUNTS_FROM = '{"type":"counts","fromMs":';
/** Lines of counts are of a second, or of a minute. */
const LONGEST_MS = 3_600_000;

/** By the text of a line alone: false only where it certainly does not. */
export function wantsText(json: string, span: Span, withoutCounts: boolean): boolean {
  if (!json.startsWith(COUNTS)) return true;
  if (withoutCounts) return false;
  if (!json.startsWith(COUNTS_FROM)) return true;
  const fromMs = Number.parseFloat(json.slice(COUNTS_FROM.length, COUNTS_FROM.length + 24));
  return !(fromMs > span.toMs || fromMs < span.fromMs - LONGEST_MS);
}
