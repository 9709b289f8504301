/** How long a message waited, and what that means, in sentences. Pure. */
import { libraryName } from "../../features/explain/libraries.ts";
import type { Verdict, Waited } from "../../features/explain/waited.ts";
import { duration } from "../../text/duration.ts";

const BOTH_MEANINGS =
  "a time far below it means that SQLite did not let the transaction wait; the whole timeout means that the lock was " +
  "held for longer than that.";

export function waitedSentence(waited: Waited): string {
  const { basis } = waited;
  const failed = failedAfter(waited);
  const against = timeoutText(waited);
  switch (basis.kind) {
    case "both":
      return (
        `Line ${basis.first.line}: ${waitText(basis.first.verdict)}; line ${basis.second.line}: ` +
        `${waitText(basis.second.verdict)}. Some failed at once and some after the whole timeout: there are at least ` +
        "two causes."
      );
    case "elapsed-unknown":
      return unknownText(waited, against);
    case "timeout-unknown":
      return `${failed}. The busy timeout is not known (give it with --busy-timeout): ${BOTH_MEANINGS}`;
    case "waited-without-default":
      return (
        `${failed}, although ${timeoutText({ ...waited, timeoutMs: 0, timeoutFrom: "default" })}: so the program ` +
        "sets one (give it with --busy-timeout)."
      );
    case "no-timeout":
      return (
        `${failed}, and ${against}: then every lock fails at once, so the time says nothing about the cause. Set a ` +
        "busy timeout first."
      );
    case "library-retries":
      return (
        `${failed}, and ${against}: the whole timeout. This library also retries what SQLite refuses at once, so the ` +
        "time says nothing about the cause."
      );
    case "whole-timeout":
      return (
        `${failed}, and ${against}: it waited the whole timeout. The lock was held for longer than that: ` +
        "by another program, or by another connection of the same process."
      );
    case "refused-at-once":
      return (
        `${failed}, and ${against}: it did not wait. SQLite refuses at once where waiting could deadlock, for ` +
        "example when a read transaction tries to write; a longer timeout does not help then."
      );
    case "in-between":
      return (
        `${failed}, and ${against}: neither at once nor the whole timeout, which says nothing about the cause` +
        (waited.timeoutFrom === "default" ? ". If the program sets another timeout, give it with --busy-timeout" : "") +
        ". The time may include more than one wait: slow statements before it, or several waits."
      );
  }
}

/** `It failed after at most 0.1 s (line 3)`. */
function failedAfter({ elapsedMs, elapsedLine, atMost }: Waited): string {
  const line = elapsedLine === null ? "" : ` (line ${elapsedLine})`;
  return `It failed after ${atMost ? "at most " : ""}${seconds(elapsedMs ?? 0)}${line}`;
}

function unknownText({ timeoutMs, timeoutFrom }: Waited, against: string): string {
  if (timeoutMs === 0 && timeoutFrom !== "default")
    return `Unknown, and it would say nothing here: ${against}, so every lock fails at once. Set a busy timeout first.`;
  const here = timeoutMs === null ? "" : ` Here ${against}.`;
  return (
    "Unknown, but it would tell the causes apart: a time far below the busy timeout means that SQLite did not " +
    "let the transaction wait; the whole timeout means that the lock was held for longer than that." +
    `${here} Give both with --elapsed and --busy-timeout.`
  );
}

/** `the busy timeout is 20 s (line 3)`. */
function timeoutText({ timeoutMs, timeoutFrom, timeoutLine, library }: Waited): string {
  if (timeoutMs === null) return "the busy timeout is not known";
  if (timeoutFrom === "default" && library !== null) {
    const name = libraryName(library);
    return timeoutMs === 0
      ? `${name} sets no busy timeout by default`
      : `${name} waits ${seconds(timeoutMs)} by default`;
  }
  const line = timeoutLine === null ? "" : ` (line ${timeoutLine})`;
  return timeoutMs === 0 ? `no busy timeout is set${line}` : `the busy timeout is ${seconds(timeoutMs)}${line}`;
}

function waitText(verdict: Verdict): string {
  return verdict === "at-once" ? "at once" : "the whole timeout";
}

/** `0.02 s`, `5.0 s`: short times matter here. */
function seconds(ms: number): string {
  if (ms < 1) return "less than 0.001 s";
  if (ms >= 60_000) return duration(ms);
  return `${ms < 1000 ? String(Number((ms / 1000).toFixed(3))) : String(Number((ms / 1000).toFixed(1)))} s`;
}
