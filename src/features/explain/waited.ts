/** How long the message waited, and what that proves. SQLite waits the whole busy timeout or not at all. Pure. */
import { duration } from "../../text/duration.ts";
import type { Cause } from "./entry.ts";
import { type LibraryId, libraryName, libraryOf } from "./libraries.ts";
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
  /** What that means. */
  readonly sentence: string;
}

/** What the command line says; each goes before what the text says. */
export interface Timing {
  readonly elapsedMs: number | null;
  readonly timeoutMs: number | null;
}

const WHOLE = 0.9;

/** SQLite refuses at once, without any wait; what a short statement takes besides is allowed for. */
const AT_ONCE = 0.1;
const AT_ONCE_MS = 250;

/**
 * Where the timeout is only the library's default, the program may have set a shorter one: who waited for that did not
 * fail at once.
 */
const SURELY_AT_ONCE = 0.05;

/** Null: it does not tell these causes apart. */
export function waitedOf(
  causes: readonly Cause[],
  library: LibraryId | null,
  readings: readonly Reading[],
  timing: Timing,
): Waited | null {
  if (new Set(causes.map((cause) => cause.waited)).size < 2) return null;
  const timeout = timeoutOf(library, readings, timing);
  const told: (LogTime | null)[] =
    timing.elapsedMs === null
      ? readings.flatMap((reading) => reading.elapsed ?? [])
      : [{ ms: timing.elapsedMs, line: 0 }];
  const each = (told.length === 0 ? [null] : told).map((elapsed) => judge(elapsed, timeout, library));
  const first = each[0] ?? judge(null, timeout, library);
  const other = each.find(
    (one) => one.verdict !== first.verdict && one.verdict !== "unclear" && first.verdict !== "unclear",
  );
  const from = {
    elapsedFrom: first.elapsedMs === null ? null : timing.elapsedMs === null ? ("text" as const) : ("option" as const),
  };
  if (other === undefined) return { ...first, ...from };
  const both = "Some failed at once and some after the whole timeout: there are at least two causes.";
  return {
    ...first,
    ...from,
    verdict: "unclear",
    sure: false,
    sentence: `Line ${first.elapsedLine}: ${wait(first)}; line ${other.elapsedLine}: ${wait(other)}. ${both}`,
  };
}

/** No statement fails so late that does not wait. */
const NOTICED_MS = 1000;

type Judged = Omit<Waited, "elapsedFrom">;
type Timeout = Pick<Waited, "timeoutMs" | "timeoutFrom" | "timeoutLine">;

function timeoutOf(library: LibraryId | null, readings: readonly Reading[], timing: Timing): Timeout {
  if (timing.timeoutMs !== null) return { timeoutMs: timing.timeoutMs, timeoutFrom: "option", timeoutLine: null };
  const told = readings.flatMap((reading) => reading.timeout ?? [])[0];
  if (told !== undefined) return { timeoutMs: told.ms, timeoutFrom: "text", timeoutLine: told.line };
  const usual = library === null ? null : libraryOf(library).defaultTimeoutMs;
  return { timeoutMs: usual, timeoutFrom: usual === null ? null : "default", timeoutLine: null };
}

function judge(elapsed: LogTime | null, timeout: Timeout, library: LibraryId | null): Judged {
  const { timeoutMs } = timeout;
  const facts = {
    elapsedMs: elapsed?.ms ?? null,
    elapsedLine: elapsed === null || elapsed.line === 0 ? null : elapsed.line,
    ...timeout,
  };
  const answer = (verdict: Verdict, sure: boolean, sentence: string): Judged => ({ ...facts, verdict, sure, sentence });
  const against = againstText(timeout, library);
  if (elapsed === null) return answer("unknown", false, unknownText(timeout, against));
  const did =
    `It failed after ${elapsed.atMost ? "at most " : ""}${seconds(elapsed.ms)}` +
    (facts.elapsedLine === null ? "" : ` (line ${facts.elapsedLine})`);
  if (timeoutMs === null)
    return answer("unclear", false, `${did}; what the busy timeout was is not known (--busy-timeout): ${BOTH}`);
  if (timeoutMs === 0 && timeout.timeoutFrom === "default" && elapsed.ms >= NOTICED_MS && elapsed.atMost !== true) {
    const judged = answer(
      "unclear",
      false,
      `${did}, though ${against}: so the program sets one (--busy-timeout says which).`,
    );
    return { ...judged, timeoutMs: null, timeoutFrom: null };
  }
  if (timeoutMs === 0) {
    return answer(
      "unclear",
      false,
      `${did}, and ${against}: then every lock fails at once, so that this tells nothing. Set a busy timeout first.`,
    );
  }
  const known = timeout.timeoutFrom !== "default";
  const retries = library !== null && libraryOf(library).retries === true;
  if (elapsed.ms >= WHOLE * timeoutMs) {
    if (retries)
      return answer(
        "unclear",
        false,
        `${did}, and ${against}: the whole timeout. It repeats by itself what SQLite refuses at once, so that ` +
          "this tells nothing.",
      );
    return answer(
      "whole-timeout",
      known && elapsed.atMost !== true,
      `${did}, and ${against}: it waited the whole timeout. Somebody held the lock for longer than that: another ` +
        "program, or another connection of the same process.",
    );
  }
  if (elapsed.ms < Math.min(AT_ONCE_MS, (known ? AT_ONCE : SURELY_AT_ONCE) * timeoutMs)) {
    return answer(
      "at-once",
      known,
      `${did}, and ${against}: it did not wait. SQLite refuses at once where waiting could deadlock, as when a ` +
        "read transaction wants to write; no longer timeout helps then.",
    );
  }
  return answer(
    "unclear",
    false,
    `${did}, and ${against}: neither at once nor the whole timeout, which tells nothing` +
      `${known ? "" : " unless --busy-timeout says that the program has set another one"}. Perhaps the time has ` +
      "more in it than one wait: slow statements before it, or several waits.",
  );
}

const BOTH =
  "far below it means a transaction that SQLite does not let wait; all of it means a holder that stayed longer.";

function unknownText(timeout: Timeout, against: string): string {
  if (timeout.timeoutMs === 0 && timeout.timeoutFrom !== "default") {
    return (
      `Not known, and it tells nothing here: ${against}, so that every lock fails at once. Set a busy timeout ` +
      "first."
    );
  }
  const usual = timeout.timeoutMs === null ? "" : ` Here ${against}.`;
  return (
    "Not known, and it decides between the causes: far below the busy timeout means a transaction that SQLite does " +
    `not let wait; all of it means a holder that stayed longer.${usual} Tell it with --elapsed and --busy-timeout.`
  );
}

/** `the timeout is 20 s (line 3)`. */
function againstText({ timeoutMs, timeoutFrom, timeoutLine }: Timeout, library: LibraryId | null): string {
  if (timeoutMs === null) return "the busy timeout is not known";
  if (timeoutFrom === "default" && library !== null) {
    const who = libraryName(library);
    return timeoutMs === 0
      ? `${who} sets no busy timeout unless told to`
      : `${who} waits ${seconds(timeoutMs)} unless told otherwise`;
  }
  const where = timeoutLine === null ? "" : ` (line ${timeoutLine})`;
  return timeoutMs === 0 ? `no busy timeout is set${where}` : `the busy timeout is ${seconds(timeoutMs)}${where}`;
}

function wait({ verdict }: Judged): string {
  return verdict === "at-once" ? "at once" : "the whole timeout";
}

/** `0.02 s`, `5.0 s`: short times matter here. */
function seconds(ms: number): string {
  if (ms < 1) return "less than 0.001 s";
  if (ms >= 60_000) return duration(ms);
  return `${ms < 1000 ? String(Number((ms / 1000).toFixed(3))) : String(Number((ms / 1000).toFixed(1)))} s`;
}
