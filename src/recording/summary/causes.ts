/** Why calls returned SQLITE_BUSY: each call has one cause, and the counts are those of the patterns. Pure. */

import type { CallSite } from "../lines.ts";
import type { RefusalCause } from "../summary-line.ts";
import type { Pattern } from "./pattern.ts";
import { Sites } from "./sites.ts";

/** Calls that had waited for another process. `sure`: `likely` where only the program tells of them. */
export interface TimedOut {
  readonly times: number;
  readonly sure: RefusalCause["sure"];
  readonly longestMs: number;
  readonly callSite: CallSite | null;
}

/** `busy`: all calls that returned SQLITE_BUSY. */
export function causesOf(patterns: readonly Pattern[], busy: number, timedOut: readonly TimedOut[]): RefusalCause[] {
  const causes: RefusalCause[] = [];
  let known = 0;
  const add = (
    cause: RefusalCause["cause"],
    times: number,
    sure: RefusalCause["sure"],
    longestMs = 0,
    callSite: CallSite | null = null,
  ) => {
    if (times === 0) return;
    known += times;
    const same = causes.findIndex((each) => each.cause === cause);
    const other = causes[same];
    const where = other === undefined ? callSite : mostOf(other, { times, callSite });
    const at = where === null ? {} : { callSite: where };
    if (other === undefined) causes.push({ cause, times, sure, longestMs, ...at });
    else {
      const least = sure === "likely" ? sure : other.sure;
      causes[same] = {
        cause,
        times: times + other.times,
        sure: least,
        longestMs: Math.max(longestMs, other.longestMs),
        ...at,
      };
    }
  };
  for (const pattern of patterns) {
    switch (pattern.id) {
      case "read-then-write":
      case "busy-snapshot":
        add(pattern.id, pattern.evidence.refused, pattern.sure, 0, pattern.evidence.wroteAt);
        break;
      case "no-busy-timeout":
        add(pattern.id, pattern.evidence.refused, pattern.sure, 0, pattern.evidence.refusedAt);
        break;
      case "same-process-connections": {
        const { refused, refusedLongestMs, usedAt } = pattern.evidence;
        add(pattern.id, refused, pattern.sure, refusedLongestMs, usedAt);
        break;
      }
      default:
    }
  }
  for (const { times, sure, longestMs, callSite } of timedOut) add("timeout", times, sure, longestMs, callSite);
  add("unknown", Math.max(0, busy - known), "proved");
  return causes.sort((a, b) => b.times - a.times);
}

/** Of the same cause in two databases. */
function mostOf(
  one: Pick<RefusalCause, "times" | "callSite">,
  other: { readonly times: number; readonly callSite: CallSite | null },
): CallSite | null {
  const sites = new Sites();
  for (const { times, callSite } of [one, other]) sites.add(callSite, times);
  return sites.most;
}
