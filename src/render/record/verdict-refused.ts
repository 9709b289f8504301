/** Why calls were refused, where that is what dominates a recording: as a sentence. Pure. */
import type { Behind, RecordingVerdict, RefusalCause } from "../../recording/summary-line.ts";
import { count, grouped } from "../../text/list.ts";
import { heldText } from "./verdict-behind.ts";
import { subject, times, waitedText } from "./verdict-waiting.ts";
import { type Names, quotedSql, time, whoText } from "./words.ts";

/** More calls failed for another reason than a long wait than there were long waits. */
export function dominates({ gaveUp, refusals, causes, longWaits }: RecordingVerdict): "waits" | "refusals" {
  const timedOut = causes.find(({ cause }) => cause === "timeout")?.times ?? 0;
  return gaveUp + refusals - timedOut > longWaits ? "refusals" : "waits";
}

const REASONS: Readonly<Record<RefusalCause["cause"], string>> = {
  "read-then-write": "their transactions read first and wrote later (no busy timeout helps there)",
  "busy-snapshot": "another one committed after their transactions had read (SQLITE_BUSY_SNAPSHOT)",
  "no-busy-timeout": "they gave up at the first refusal: no busy timeout",
  "same-process-connections": "another connection of the same process was in the way",
  timeout: "the lock did not become free while they waited",
  unknown: "the reason is not known",
};

/** From this share of the calls on a cause is named. */
const WORTH_NAMING = 0.05;
const MOST_CAUSES = 3;

export function refusedText(verdict: RecordingVerdict, isAnyEndUnknown: boolean, names: Names): string {
  const { gaveUp, refusals, waiting, atLeast, causes } = verdict;
  const busy = gaveUp + refusals;
  const head = `${subject(waiting)} got SQLITE_BUSY ${times(busy, atLeast || isAnyEndUnknown)}`;
  return `${head}${reasons(causes, busy)}${blockers(verdict, names)}${alsoWaited(verdict)}`;
}

function reasons(causes: readonly RefusalCause[], busy: number): string {
  const named = causes.filter(({ times: number }) => number >= busy * WORTH_NAMING).slice(0, MOST_CAUSES);
  const sure = ({ sure: how }: RefusalCause) => (how === "likely" ? " (likely)" : "");
  const [only] = named;
  if (only !== undefined && only.times === busy) return `: ${REASONS[only.cause]}${sure(only)}`;
  return named
    .map((each, n) => `${n === 0 ? ": " : "; "}${grouped(each.times)}, because ${REASONS[each.cause]}${sure(each)}`)
    .join("")
    .replaceAll("because the reason is not known", "for an unknown reason");
}

/** Only those that were refused at once are counted by their blocker. */
function blockers({ refusedBehind, atOnce }: RecordingVerdict, names: Names): string {
  const [first] = refusedBehind;
  if (first === undefined || atOnce === 0) return "";
  const of = (each: Behind) =>
    refusedBehind.reduce((sum, other) => (isSame(each, other) ? sum + other.refused : sum), 0);
  const all = of(first) >= atOnce ? "all" : grouped(of(first));
  const second = refusedBehind.find((each) => !isSame(each, first));
  const also =
    second === undefined || of(second) < atOnce / 4 ? "" : `, ${grouped(of(second))} behind ${whoText(second, names)}`;
  const sql = first.sql === null ? "" : ` with ${quotedSql(first.sql)}`;
  return `; ${all} of these behind ${whoText(first, names)}, ${heldText(first)}${sql}${also}`;
}

function isSame(one: Behind, other: Behind): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

const NOTICED_MS = 10;

function alsoWaited(verdict: RecordingVerdict): string {
  const { waits, atOnce, waitedMs, runs } = verdict;
  const waited = waits > atOnce && waitedMs >= NOTICED_MS ? `; others waited ${waitedText(verdict)}` : "";
  if (runs.times === 0) return waited;
  return `${waited}; ${count(runs.times, "run")} of refusals, of ${time(runs.totalMs)} in all, may be several calls each`;
}
