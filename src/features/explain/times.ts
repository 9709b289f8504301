/** Times as logs write them, only where it is certain that a number is a time. Pure. */

export interface LogTime {
  readonly ms: number;
  /** The line that it was read from. */
  readonly line: number;
  /** It may have waited less: read from the times of two lines. */
  readonly atMost?: true;
}

export interface Numbered {
  readonly number: number;
  readonly text: string;
}

const UNIT_MS: Record<string, number | undefined> = { ms: 1, s: 1000, min: 60_000 };

export function toMs(number: string | undefined, unit: string | undefined): number | null {
  const short = unit
    ?.toLowerCase()
    .replace(/^(?:milliseconds?|msecs?)$/, "ms")
    .replace(/^(?:seconds?|secs?)$/, "s");
  const ms = Number(number) * (UNIT_MS[short ?? ""] ?? Number.NaN);
  return Number.isFinite(ms) && ms <= MAX_MS ? ms : null;
}

/** A day: nothing waits longer for a lock. */
export const MAX_MS = 86_400_000;

/** `after 5003ms`, `elapsed: 5.01s`, `waited for 5 seconds`; not `retrying after 5s`, nor `generated in 0.0001s`. */
export const SPOKEN = new RegExp(
  String.raw`(?<!\b(?:try|retry|retrying|again|wait) )` +
    String.raw`\b(?:after|took|elapsed|duration|latency|waited(?: for)?|failed in)\b` +
    String.raw`["']?[ =:]{1,3}["']?(\d{1,9}(?:\.\d{1,9})?) ?(ms|msecs?|milliseconds?|s|secs?|seconds?)\b`,
  "i",
);
