/** What was tried against failures and long waits, with what it changed; and what else may help. Pure. */
import { MIN_DURATION_MS } from "../../features/stress/comparison.ts";
import { cureFor } from "../../features/stress/recommendation.ts";
import { failedReads, failedWrites, type RunResult, type Trial } from "../../features/stress/result.ts";
import { optionDuration } from "../../text/duration.ts";
import { alternatives, count, grouped } from "../../text/list.ts";
import { comparisonText, effectOf } from "./comparison.ts";
import { recommendationText } from "./recommendation.ts";

/** Where fewer failures were to be expected in the trial anyway, none of them proves nothing (5 %: 3). */
const TOO_FEW = 5;

/** "" where nothing is bad. */
export function remedyText(result: RunResult): string {
  const { trial, comparison, concerns } = result;
  if (trial !== null) return joined([trialText(trial, result), concerns.length > 0 ? adviceText(result) : ""]);
  if (comparison === null) return adviceText(result);
  return joined([
    comparisonText(comparison, concerns),
    effectOf(comparison, concerns) === "helps" ? "" : adviceText(result),
  ]);
}

/** `With --transaction immediate 0 of 800 transactions failed.` */
function trialText(trial: Trial, result: RunResult): string {
  const { change, errors, transactions, readErrors, reads } = trial;
  const { failures } = result;
  const parts = [`${grouped(errors)} of ${count(transactions, "transaction")}`];
  if (failedReads(failures) > 0 || readErrors > 0)
    parts.push(`${grouped(readErrors)} of ${count(reads + readErrors, "read")}`);
  const text = `With ${recommendationText(change)} ${parts.join(" and ")} failed`;
  return isTooShort(trial, result) ? `${text}: too few to tell whether it helps.` : `${text}.`;
}

/** Without the change so few would have failed as well. */
function isTooShort(trial: Trial, { failures, transactions, reads }: RunResult): boolean {
  const [writes, readFailures] = [failedWrites(failures), failedReads(failures)];
  const expectedWrites = (writes / Math.max(1, transactions)) * trial.transactions;
  const expectedReads = (readFailures / Math.max(1, reads + readFailures)) * (trial.reads + trial.readErrors);
  return Math.max(expectedWrites, expectedReads) < TOO_FEW;
}

/** What may help where no single option does, without what was tried. */
function adviceText(result: RunResult): string {
  const { settings, failures, concerns, comparison, onNetwork } = result;
  if (!failures.some(({ timedOut }) => timedOut > 0) && concerns.length === 0) return "";
  const tried: object = comparison?.change ?? {};
  const { journalMode, holdMs, thinkMs } = settings;
  const items = [
    ...(journalMode === "delete" && !onNetwork && !("journalMode" in tried) ? ["--journal-mode wal"] : []),
    ...(thinkMs === 0 && !("thinkMs" in tried) ? ["pauses between transactions (--think)"] : []),
    holdMs > 0 ? "shorter transactions (--hold)" : "fewer or shorter transactions",
  ];
  const effect = comparison === null ? "none" : effectOf(comparison, concerns);
  const what = effect === "elsewhere" || effect === "mixed" ? "What else may help" : "What may help";
  return `${what}: ${alternatives(items)}${tooShortText(result)}.`;
}

function tooShortText(result: RunResult): string {
  const { settings, trial, comparison } = result;
  if (trial !== null || comparison !== null || settings.durationMs >= MIN_DURATION_MS) return "";
  const isCurable = !settings.inPlace && cureFor(result) !== null;
  return isCurable ? ` (not tried: that takes --duration ${optionDuration(MIN_DURATION_MS)} or longer)` : "";
}

function joined(sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== "").join(" ");
}
