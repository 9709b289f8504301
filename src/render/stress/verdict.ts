/** The verdict of a run, in sentences. Pure. */
import { type FailureCause, type FailureMessage, failureGroups } from "../../features/stress/failure-cause.ts";
import type { Failures } from "../../features/stress/report.ts";
import { failedReads, type RunResult } from "../../features/stress/result.ts";
import { durationAtMost } from "../../text/duration.ts";
import { count, grouped } from "../../text/list.ts";
import { mainReasonOf } from "../integrity/document.ts";
import { concernsText } from "./concerns.ts";
import { differenceText } from "./difference.ts";
import { evidenceLocationText } from "./evidence.ts";
import { remedyText } from "./remedy.ts";

export function runVerdict(result: RunResult): string {
  return [
    failuresText(result),
    concernsText(result.concerns, result.failures),
    remedyText(result),
    commitsText(result),
    killedText(result),
    integrityText(result),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** 312 of 4,000 transactions failed with 'database is locked', all within 3 ms: … */
function failuresText(result: RunResult): string {
  const { failures, transactions, reads, longestWaitMs } = result;
  const attempts = count(transactions, "transaction");
  const sentences = [
    ...groupTexts(result, "writer", attempts),
    ...groupTexts(result, "reader", count(reads + failedReads(failures), "read")),
  ];
  if (sentences.length > 0) return sentences.join(" ");
  const none = `None of the ${reads > 0 ? `${attempts} and ${count(reads, "read")}` : attempts}`;
  return `${none} failed; the longest wait for the lock took ${durationAtMost(longestWaitMs)}.`;
}

function groupTexts({ settings, failures }: RunResult, role: Failures["role"], attempts: string): string[] {
  return failureGroups(settings, failures, role).map(({ message, cause, count: number, longestMs }) => {
    const within = `${number === 1 ? "" : "all "}within ${durationAtMost(longestMs)}`;
    const why = CAUSES[cause](durationAtMost(settings.busyTimeoutMs));
    return `${grouped(number)} of ${attempts} failed with '${MESSAGES[message]}', ${within}: ${why}.`;
  });
}

/** SQLite's messages. */
const MESSAGES: Record<FailureMessage, string> = {
  "database-locked": "database is locked",
  "table-locked": "database table is locked",
  "locking-protocol": "locking protocol",
};

const CAUSES: Record<FailureCause, (busyTimeout: string) => string> = {
  "outdated-snapshot": () =>
    "read transactions tried to write after another connection had committed; no timeout helps them",
  recovery: () => "another connection was recovering the database after a crash",
  upgrade: () => "deferred transactions read and then tried to write; no timeout helps them",
  "not-busy": () => "another connection of the same process, or the locking protocol, refused them",
  "no-timeout": () => "with --busy-timeout 0, no connection waits for a lock",
  "timeout-used-up": (busyTimeout) => `the whole --busy-timeout of ${busyTimeout} was not enough`,
  "commit-blocked-readers": () => "a commit kept readers out",
  "opened-or-closed": () => "the database was being opened, closed or recovered",
  "readers-blocked-commit": () => "readers kept the commit from completing",
  "lock-held": () => "another connection held the lock",
};

function commitsText(result: RunResult): string {
  const { acknowledged, lost, duplicated, differences } = result.verification;
  if (lost === 0 && duplicated === 0)
    return acknowledged === 0
      ? ""
      : acknowledged === 1
        ? "The one acknowledged commit is in the table, once."
        : `All ${grouped(acknowledged)} acknowledged commits${moreRoundsText(result)} are in the table, each once.`;
  const wrong = [
    ...(lost > 0 ? [`${count(lost, "acknowledged commit")} of ${grouped(acknowledged)} lost`] : []),
    ...(duplicated > 0 ? [`${count(duplicated, "row")} too many`] : []),
  ].join(", ");
  const first = differences[0] === undefined ? "" : ` (${differenceText(differences[0])})`;
  return `WRONG: ${wrong}${first}. The evidence is kept: ${evidenceLocationText(result.evidence)}.`;
}

/** They are more than the transactions of the first sentence. */
function moreRoundsText({ trial, comparison }: RunResult): string {
  if (trial !== null) return " (with those of the trial)";
  return comparison === null ? "" : " (with those of the comparison)";
}

function killedText({
  workersKilled,
  workersKilledByOthers,
  signalsOfOthers,
  workersStuck,
  verification: { inFlight },
}: RunResult): string {
  const killed = (number: number) => `${count(number, "worker")} ${number === 1 ? "was" : "were"} killed`;
  const parts = [
    ...(workersKilled > 0 ? [killed(workersKilled)] : []),
    ...(workersKilledByOthers > 0
      ? [`${killed(workersKilledByOthers)} by another process (${signalsOfOthers.join(", ")}) and replaced`]
      : []),
    ...(workersStuck > 0 ? [`${killed(workersStuck)} 30 s after the end: stopped, or waiting for the disk`] : []),
  ];
  if (parts.length === 0) return "";
  if (inFlight === 0) return `${parts.join(", ")}.`;
  const were = inFlight === 1 ? "was" : "were";
  const inFlightText = `${count(inFlight, "transaction")} ${were} committed but not acknowledged`;
  return `${parts.join(", ")}; ${inFlightText}.`;
}

function integrityText({ verification: { integrity, check }, evidence }: RunResult): string {
  if (integrity === "ok") return "The database is intact.";
  const integrityReason = mainReasonOf(check);
  const reason = integrityReason === null ? "" : ` (${integrityReason})`;
  return integrity === "corrupt"
    ? `The database is CORRUPT${reason}; it is kept: ${evidenceLocationText(evidence)}.`
    : `Whether the database is intact was not checked${reason}.`;
}
