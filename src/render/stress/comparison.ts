/** What the tried setting changed, in a sentence; only differences that count are called so. Pure. */
import { isBetter, isWorse, metricOf } from "../../features/stress/comparison.ts";
import type { Concern, Metric, MetricChange } from "../../features/stress/report.ts";
import type { Comparison } from "../../features/stress/result.ts";
import { fineDuration } from "../../text/duration.ts";
import { count } from "../../text/list.ts";
import { rangeText } from "./range.ts";
import { recommendationText } from "./recommendation.ts";
import { rateCell } from "./table.ts";

const NAMES: Record<Metric, { readonly name: string; readonly value: (value: number) => string }> = {
  "longest-write-wait": { name: "the longest wait of a writer", value: fineDuration },
  "longest-read-wait": { name: "the longest wait of a reader", value: fineDuration },
  fairness: { name: "fairness", value: (value) => value.toFixed(2) },
  errors: { name: "errors", value: String },
  commits: { name: "commits per second", value: rateCell },
  reads: { name: "reads per second", value: rateCell },
};

/**
 * `--journal-mode wal helps (4 rounds with it and 4 without, in turns): the longest wait of a reader 2 ms to 9 ms
 * instead of 0.9 s to 1.3 s; …`
 */
export function comparisonText(comparison: Comparison, concerns: readonly Concern[]): string {
  const { change, before, after } = comparison;
  const explanation = "thinkMs" in change ? " (a pause after each transaction)" : "";
  const option = `${recommendationText(change)}${explanation}`;
  const rounds = `${count(after.length, "round")} with it and ${before.length} without, in turns`;
  const metrics = mentionedOf(comparison, concerns);
  return `${option} ${outcomeText(comparison, concerns)} (${rounds}): ${metrics.map(metricText).join("; ")}.`;
}

/** It helps with one of the concerns, and does no worse with the others and with errors. */
export function helps({ metrics }: Comparison, concerns: readonly Concern[]): boolean {
  const measured = concerns.map(metricOf);
  const relevant = metrics.filter(({ metric }) => metric === "errors" || measured.includes(metric));
  return relevant.some(isBetter) && !relevant.some(isWorse);
}

function outcomeText(comparison: Comparison, concerns: readonly Concern[]): string {
  if (helps(comparison, concerns)) return "helps";
  const measured: readonly Metric[] = ["errors", ...concerns.map(metricOf)];
  const relevant = comparison.metrics.filter(({ metric }) => measured.includes(metric));
  if (!relevant.some(isWorse)) return "makes no difference that counts";
  return relevant.some(isBetter) ? "helps in one way and harms in another" : "makes it worse";
}

/** Those of the concerns, and the commits; of the others those that differ. */
function mentionedOf({ metrics }: Comparison, concerns: readonly Concern[]): MetricChange[] {
  const always: readonly Metric[] = [...concerns.map(metricOf), "commits"];
  return metrics.filter((each) => always.includes(each.metric) || isBetter(each) || isWorse(each));
}

function metricText({ metric, before, after, change }: MetricChange): string {
  const { name, value } = NAMES[metric];
  if (before === null || after === null) return `${name} was not measured`;
  const [without, withIt] = [rangeText(before, value), rangeText(after, value)];
  return change === "none" || change === "too-few"
    ? `no difference that counts in ${name} (${withIt} with it, ${without} without)`
    : `${name} ${withIt} instead of ${without}`;
}
