/** Why calls returned SQLITE_BUSY: each call has one cause, and the counts are those of the patterns. Pure. */
import type { RefusalCause } from "../summary-line.ts";
import type { Pattern } from "./pattern.ts";

/** `busy`: all calls that returned SQLITE_BUSY. `timedOut`: those that had waited for another process. */
export function causesOf(patterns: readonly Pattern[], busy: number, timedOut: number): RefusalCause[] {
  const causes: RefusalCause[] = [];
  let known = 0;
  const add = (cause: RefusalCause["cause"], times: number, sure: RefusalCause["sure"], longestMs = 0) => {
    if (times === 0) return;
    known += times;
    const same = causes.findIndex((each) => each.cause === cause);
    const other = causes[same];
    if (other === undefined) causes.push({ cause, times, sure, longestMs });
    else {
      const least = sure === "likely" ? sure : other.sure;
      causes[same] = {
        cause,
        times: times + other.times,
        sure: least,
        longestMs: Math.max(longestMs, other.longestMs),
      };
    }
  };
  for (const pattern of patterns) {
    switch (pattern.id) {
      case "read-then-write":
      case "busy-snapshot":
      case "no-busy-timeout":
        add(pattern.id, pattern.evidence.refused, pattern.sure);
        break;
      case "same-process-connections":
        add(pattern.id, pattern.evidence.refused, pattern.sure, pattern.evidence.refusedLongestMs);
        break;
      default:
    }
  }
  add("timeout", timedOut, "proved");
  add("unknown", Math.max(0, busy - known), "proved");
  return causes.sort((a, b) => b.times - a.times);
}
