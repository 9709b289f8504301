/** How long the message waited, and what that proves. SQLite waits the whole busy timeout or not at all. Pure. */
import type { Cause } from "./entry.ts";
import { type LibraryId, libraryOf } from "./libraries.ts";
import type { Reading } from "./reading.ts";
import type { LogTime } from "./times.ts";

export type Verdict = "at-once" | "whole-timeout" | "unclear" | "unknown";

export interface Waited {
  readonly elapsedMs: number | null;
  readonly elapsedFrom: "option" | "text" | null;
  readonly elapsedLine: number | null;
  readonly timeoutMs: number | null;
  readonly timeoutFrom: "option" | "text" | "default" | null;
  readonly timeoutLine: number | null;
  readonly verdict: Verdict;
  /**
   * False: likely only, since the timeout is the library's default, which the program may have changed, or the time is
   * read from two lines.
   */
  readonly sure: boolean;
  readonly basis: Basis;
  /** It may have waited less: the time is read from two lines. */
  readonly atMost: boolean;
  /** Its default timeout applies where the program sets none. */
  readonly library: LibraryId | null;
}

/** What the verdict rests on. */
export type Basis =
  | {
      readonly kind:
        | "elapsed-unknown"
        | "timeout-unknown"
        /** The library sets no timeout, but it did wait. */
        | "waited-without-default"
        | "no-timeout"
        /** The library retries what SQLite refuses at once. */
        | "library-retries"
        | "whole-timeout"
        | "refused-at-once"
        /** Neither at once nor the whole timeout. */
        | "in-between";
    }
  | { readonly kind: "both"; readonly first: TimedLine; readonly second: TimedLine };

/** A line that failed at once, or after the whole timeout. */
interface TimedLine {
  readonly line: number | null;
  readonly verdict: Verdict;
}

/** The times of the command line; each takes precedence over that of the text. */
export interface Timing {
  readonly elapsedMs: number | null;
  readonly timeoutMs: number | null;
}

/** A time of at least this share of the timeout counts as the whole timeout. */
const WHOLE_SHARE = 0.9;

/** SQLite refuses without any wait, but a short statement takes some time as well. */
const AT_ONCE_SHARE = 0.1;
const AT_ONCE_MS = 250;

/** For the library's default: the program may have set a shorter timeout, and waited all of it. */
const AT_ONCE_SHARE_OF_DEFAULT = 0.05;

/** No statement takes this long without a wait. */
const NOTICED_MS = 1000;

/** Null: it does not distinguish these causes. */
export function waitedOf(
  causes: readonly Cause[],
  library: LibraryId | null,
  readings: readonly Reading[],
  timing: Timing,
): Waited | null {
  if (new Set(causes.map((cause) => cause.waited)).size < 2) return null;
  const timeout = timeoutOf(library, readings, timing);
  const elapsed: (LogTime | null)[] =
    timing.elapsedMs === null
      ? readings.flatMap((reading) => reading.elapsed ?? [])
      : [{ ms: timing.elapsedMs, line: 0 }];
  const judged = (elapsed.length === 0 ? [null] : elapsed).map((time) => judge(time, timeout, library));
  const first = judged[0] ?? judge(null, timeout, library);
  const second = judged.find(
    (each) => each.verdict !== first.verdict && each.verdict !== "unclear" && first.verdict !== "unclear",
  );
  const elapsedFrom = first.elapsedMs === null ? null : timing.elapsedMs === null ? "text" : "option";
  if (second === undefined) return { ...first, elapsedFrom };
  const lineOf = ({ elapsedLine, verdict }: Judged): TimedLine => ({ line: elapsedLine, verdict });
  return {
    ...first,
    elapsedFrom,
    verdict: "unclear",
    sure: false,
    basis: { kind: "both", first: lineOf(first), second: lineOf(second) },
  };
}

type Judged = Omit<Waited, "elapsedFrom">;
type Timeout = Pick<Waited, "timeoutMs" | "timeoutFrom" | "timeoutLine">;

function timeoutOf(library: LibraryId | null, readings: readonly Reading[], timing: Timing): Timeout {
  if (timing.timeoutMs !== null) return { timeoutMs: timing.timeoutMs, timeoutFrom: "option", timeoutLine: null };
  const read = readings.flatMap((reading) => reading.timeout ?? [])[0];
  if (read !== undefined) return { timeoutMs: read.ms, timeoutFrom: "text", timeoutLine: read.line };
  const byDefault = library === null ? null : libraryOf(library).defaultTimeoutMs;
  return { timeoutMs: byDefault, timeoutFrom: byDefault === null ? null : "default", timeoutLine: null };
}

function judge(elapsed: LogTime | null, timeout: Timeout, library: LibraryId | null): Judged {
  const { timeoutMs, timeoutFrom } = timeout;
  const atMost = elapsed?.atMost === true;
  const answer = (verdict: Verdict, sure: boolean, kind: Exclude<Basis["kind"], "both">): Judged => ({
    elapsedMs: elapsed?.ms ?? null,
    elapsedLine: elapsed === null || elapsed.line === 0 ? null : elapsed.line,
    ...timeout,
    verdict,
    sure,
    basis: { kind },
    atMost,
    library,
  });
  if (elapsed === null) return answer("unknown", false, "elapsed-unknown");
  if (timeoutMs === null) return answer("unclear", false, "timeout-unknown");
  if (timeoutMs === 0 && timeoutFrom === "default" && elapsed.ms >= NOTICED_MS && !atMost)
    return { ...answer("unclear", false, "waited-without-default"), timeoutMs: null, timeoutFrom: null };
  if (timeoutMs === 0) return answer("unclear", false, "no-timeout");
  const known = timeoutFrom !== "default";
  if (elapsed.ms >= WHOLE_SHARE * timeoutMs) {
    const retries = library !== null && libraryOf(library).retries === true;
    return retries
      ? answer("unclear", false, "library-retries")
      : answer("whole-timeout", known && !atMost, "whole-timeout");
  }
  const share = known ? AT_ONCE_SHARE : AT_ONCE_SHARE_OF_DEFAULT;
  return elapsed.ms < Math.min(AT_ONCE_MS, share * timeoutMs)
    ? answer("at-once", known, "refused-at-once")
    : answer("unclear", false, "in-between");
}
