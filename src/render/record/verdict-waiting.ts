/** Who waited, how long, and how it ended: as a part of a sentence. Pure. */
import type { RecordingVerdict, WaitingCounts } from "../../recording/summary-line.ts";
import { count, list } from "../../text/list.ts";
import { time } from "./words.ts";

/**
 * `14 writers waited 58 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY once`.
 * `isAnyEndUnknown`: of some waits it is not known whether they got the lock.
 */
export function waitingText(verdict: RecordingVerdict, isAnyEndUnknown: boolean): string {
  const { waits, waitedMs, refusedAttempts, waiting, atLeast, runs } = verdict;
  const who = subject(waiting);
  const refused = refusedAttempts === 0 ? [] : [`${were(waiting)} refused ${times(refusedAttempts, atLeast)}`];
  if (runs.totalMs > waitedMs) {
    const several = runs.times === 1 ? "perhaps several calls" : "each perhaps several calls";
    const all =
      runs.times === 1
        ? ` (${several})`
        : ` in all (${count(runs.times, "run")} of refusals${longestText(runs.longestMs)}, ${several})`;
    const clear = waits === 0 ? [] : [`waited ${waitedText(verdict)}`];
    const unknown = verdict.gaveUp + verdict.refusals === 0 ? "; whether a call got SQLITE_BUSY is not known" : "";
    // A run is known from its first refusal to its last one.
    return `${list([
      `${who} ${were(waiting)} kept from the lock for ${time(runs.totalMs, true)}${all}`,
      ...refused,
      ...clear,
      ...busyTexts(verdict, true),
    ])}${unknown}`;
  }
  // of samples: a call took so long while others had the lock
  const verb = verdict.exact ? "waited" : "likely waited";
  return `${list([
    `${who} ${verb} ${waitedText(verdict)}`,
    ...refused,
    ...busyTexts(verdict, isAnyEndUnknown),
    ...allGranted(verdict),
  ])}${endsText(verdict)}`;
}

/** `58 s in all (14 waits, the longest 5.9 s)`: those that were refused at once did not wait. */
export function waitedText({ waits, atOnce, waitedMs, longestWaitMs, atLeast }: RecordingVerdict): string {
  const number = waits - atOnce;
  const all = number === 1 ? "" : ` in all (${count(number, "wait")}${longestText(longestWaitMs)})`;
  return `${time(waitedMs, atLeast)}${all}`;
}

/** 0: of waits that were only counted, by an earlier version, it is not known. */
function longestText(ms: number): string {
  return ms === 0 ? "" : `, the longest ${time(ms)}`;
}

function busyTexts(
  { gaveUp, refusals, atOnce, causes, atLeast, told }: RecordingVerdict,
  isAnyEndUnknown: boolean,
): string[] {
  const busy = gaveUp + refusals;
  if (busy === 0) return [];
  const without = atOnce + refusals - (told?.timedOut ?? 0);
  // A call may have waited for another connection of its process, which no lock of the kernel shows.
  const wait = refusals === 0 ? "without a wait" : "without a wait for another process";
  const named = causes.find(({ cause }) => cause !== "timeout" && cause !== "unknown");
  const why = named === undefined ? "" : `: ${SHORT_CAUSES[named.cause]}`;
  const some = without === 0 ? "" : without === busy ? ` ${wait}${why}` : ` (${without} of them ${wait}${why})`;
  return [`got SQLITE_BUSY ${times(busy, atLeast || isAnyEndUnknown)}${some}`];
}

const SHORT_CAUSES: Readonly<Record<RecordingVerdict["causes"][number]["cause"], string>> = {
  "read-then-write": "they had read before they wrote",
  "busy-snapshot": "another one had committed since they read",
  "no-busy-timeout": "likely no busy timeout",
  "same-process-connections": "another connection of the same process",
  timeout: "the lock did not become free",
  unknown: "the reason is not known",
};

/** That all got the lock: only where it is known of all. */
function allGranted({ waits, gaveUp, refusals, ended }: RecordingVerdict): string[] {
  if (gaveUp + refusals > 0 || ended.granted !== waits) return [];
  return [waits === 1 ? "got the lock" : "got the lock each time"];
}

/** Where some ended neither with the lock nor with SQLITE_BUSY: how all of them ended. */
function endsText({ ended, runs, waits }: RecordingVerdict): string {
  const { granted, busy, locked, unfinished, killed, still } = ended;
  const others: [number, string][] = [
    [locked, "with SQLITE_LOCKED"],
    [unfinished, "without the lock, but without an error"],
    [killed, "with the end of its process"],
    [still, "only with the recording"],
  ];
  const named = others.filter(([number]) => number > 0);
  if (named.length === 0 || runs.times > 0) return "";
  if (waits === 1) return `; it ended ${named.map(([, how]) => how).join("")}`;
  const all: [number, string][] = [[granted, "with the lock"], [busy, "with SQLITE_BUSY"], ...others];
  const parts = all.filter(([number]) => number > 0);
  return `; ${list(parts.map(([number, how], n) => `${number}${n === 0 ? " ended" : ""} ${how}`))}`;
}

export function times(number: number, atLeast: boolean): string {
  return `${atLeast ? "at least " : ""}${number === 1 ? "once" : count(number, "time")}`;
}

/** `14 writers`, `3 writers and 2 readers`, `4 threads of one process`. */
export function subject({ processes, threads, writers, readers, checkpointers }: WaitingCounts): string {
  if (processes === 0) return "a process";
  if (processes === 1 && threads > 1) return `${count(threads, "thread")} of one process`;
  const kinds = [
    ...(writers > 0 ? [count(writers, "writer")] : []),
    ...(readers > 0 ? [count(readers, "reader")] : []),
    ...(checkpointers > 0 ? [count(checkpointers, "checkpoint")] : []),
  ];
  return kinds.length === 0 || writers + readers + checkpointers !== processes
    ? count(processes, "process", "processes")
    : list(kinds);
}

function were({ processes, threads }: WaitingCounts): string {
  return processes > 1 || threads > 1 ? "were" : "was";
}
