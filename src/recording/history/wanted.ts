/** Whether a line concerns a time. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { Span } from "./history.ts";
import { timesOf } from "./times.ts";

/** Counts belong to where most of their time is (after `folded` it is long), or to a moment in it. */
export function concerns(line: RecordingLine, { fromMs, toMs }: Span): boolean {
  const times = timesOf(line);
  if (times === null) return true;
  // what it says holds until the next one
  if (line.type === "wal") return line.atMs <= toMs;
  if (line.type === "counts") return countsConcern(times, { fromMs, toMs });
  return times.fromMs <= toMs && times.toMs >= fromMs;
}

export function countsConcern(counts: Span, { fromMs, toMs }: Span): boolean {
  const middle = (counts.fromMs + counts.toMs) / 2;
  return (middle >= fromMs && middle <= toMs) || (counts.fromMs <= fromMs && counts.toMs > toMs);
}

const COUNTS = '{"type":"counts",';
const COUNTS_TIMES = /^\{"type":"counts","fromMs":(-?[\d.]+),"toMs":(-?[\d.]+),/;

/** By the text of a line alone: false only where it certainly does not. `span`: of counts. */
export function wantsText(json: string, span: Span): boolean {
  if (!json.startsWith(COUNTS)) return true;
  const [, fromMs, toMs] = COUNTS_TIMES.exec(json) ?? [];
  return fromMs === undefined || !(Number(fromMs) > span.toMs || Number(toMs) < span.fromMs);
}
