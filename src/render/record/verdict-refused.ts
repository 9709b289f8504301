/** Why calls were refused, where that is what dominates a recording: as a sentence. Pure. */
import type { RecordingVerdict, RefusalCause } from "../../recording/summary-line.ts";
import { count, grouped } from "../../text/list.ts";
import { atText } from "./call-site.ts";
import { heldText } from "./verdict-behind.ts";
import { subject, times, waitedText } from "./verdict-waiting.ts";
import { type Names, quotedSql, time, whoText } from "./words.ts";

/** More calls failed for another reason than a long wait than there were long waits. */
export function dominates({ exact, gaveUp, refusals, causes, longWaits }: RecordingVerdict): "waits" | "refusals" {
  if (!exact) return gaveUp + refusals === 0 ? "waits" : "refusals"; // of samples those that the programs tell of
  const timedOut = causes.find(({ cause }) => cause === "timeout")?.times ?? 0;
  return gaveUp + refusals - timedOut > longWaits ? "refusals" : "waits";
}

const REASONS: Readonly<Record<RefusalCause["cause"], string>> = {
  "read-then-write": "because a transaction had read before it wrote (a busy timeout does not help there)",
  "busy-snapshot": "because another connection had committed since the transaction had read (SQLITE_BUSY_SNAPSHOT)",
  "no-busy-timeout": "because a call gave up at the first refusal, without a busy timeout",
  "same-process-connections": "because of another connection of the same process",
  timeout: "because the lock did not become free while they waited",
  unknown: "for an unknown reason",
};

/** From this share of the calls on a cause is named. */
const WORTH_NAMING = 0.05;
const MOST_CAUSES = 3;

export function refusedText(verdict: RecordingVerdict, isAnyEndUnknown: boolean, names: Names): string {
  const { gaveUp, refusals, busy: refused, atLeast, causes } = verdict;
  const busy = gaveUp + refusals;
  const head = `${subject(refused)} got SQLITE_BUSY ${times(busy, atLeast || isAnyEndUnknown)}`;
  const sampled = verdict.exact ? "" : "; whether others had to wait, samples cannot show";
  return `${head}${reasons(causes, busy, names.folder)}${blockers(verdict, names)}${alsoWaited(verdict)}${sampled}`;
}

function reasons(causes: readonly RefusalCause[], busy: number, folder: string | null): string {
  const named = causes.filter(({ times: number }) => number >= busy * WORTH_NAMING).slice(0, MOST_CAUSES);
  const [only] = named;
  if (only !== undefined && only.times === busy) return `, ${reason(only, folder)}`;
  return named.map((each, n) => `${n === 0 ? ": " : "; "}${grouped(each.times)} ${reason(each, folder)}`).join("");
}

function reason({ cause, sure, longestMs, callSite }: RefusalCause, folder: string | null): string {
  const waited = longestMs === 0 ? "" : `, after up to ${time(longestMs)} inside SQLite`;
  const at = callSite === undefined ? "" : `,${atText(callSite, folder)}`;
  return `${REASONS[cause]}${waited}${at}${sure === "likely" ? " (likely)" : ""}`;
}

/** Only those that were refused at once are counted by their blocker. */
function blockers({ refusedBehind, atOnce, refusals, told }: RecordingVerdict, names: Names): string {
  const [first] = refusedBehind;
  const isTold = atOnce === 0 && told !== undefined && told.withBlocker > 0;
  const number = isTold ? refusals : atOnce;
  if (first === undefined || number === 0) return "";
  const all = first.processRefused >= number ? "all" : grouped(first.processRefused);
  const second = refusedBehind.find((each) => each.pid !== first.pid || each.startTicks !== first.startTicks);
  const also =
    second === undefined || second.processRefused < number / 4
      ? ""
      : `; ${grouped(second.processRefused)} behind ${whoText(second, names)}`;
  const sql = first.sql === null ? "" : ` (${quotedSql(first.sql)})`;
  const likely = isTold ? " (likely)" : "";
  return `; ${all} of them behind ${whoText(first, names)}${likely}, ${heldText(first, names.folder)}${sql}${also}`;
}

const NOTICED_MS = 10;

function alsoWaited(verdict: RecordingVerdict): string {
  const { waits, atOnce, waitedMs, runs } = verdict;
  const likely = verdict.exact ? "" : " (likely)";
  const waited = waits > atOnce && waitedMs >= NOTICED_MS ? `; besides, ${waitsText(verdict)}${likely}` : "";
  if (runs.times === 0) return waited;
  return `${waited}; ${count(runs.times, "run")} of refusals, ${time(runs.totalMs)} in all, may be several calls each`;
}

function waitsText(verdict: RecordingVerdict): string {
  const { waits, atOnce } = verdict;
  return waits - atOnce === 1 ? `a wait took ${waitedText(verdict)}` : `waits took ${waitedText(verdict)}`;
}
