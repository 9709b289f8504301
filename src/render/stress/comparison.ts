/** What the tried setting changed, in a sentence; only differences that count are called so. Pure. */
import { isBetter, isWorse, metricOf } from "../../features/stress/comparison.ts";
import type { Concern, Metric, MetricChange } from "../../features/stress/report.ts";
import type { Comparison } from "../../features/stress/result.ts";
import { fineDuration } from "../../text/duration.ts";
import { alternatives, count } from "../../text/list.ts";
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
  const effect = effectOf(comparison, concerns);
  const metrics = metricsText(comparison, concerns, effect);
  return `${option} ${EFFECTS[effect](concerns)} (${rounds}): ${metrics}.`;
}

/**
 * `helps`: with one of the concerns, and does no worse with the others and with errors. `elsewhere`: with none of them,
 * but something else is better and nothing is worse. `mixed`: some of it is better and some worse.
 */
export type Effect = "helps" | "elsewhere" | "mixed" | "worse" | "no-help" | "none";

export function effectOf({ metrics }: Comparison, concerns: readonly Concern[]): Effect {
  const measured: readonly Metric[] = ["errors", ...concerns.map(metricOf)];
  const relevant = metrics.filter(({ metric }) => measured.includes(metric));
  if (relevant.some(isWorse)) return relevant.some(isBetter) ? "mixed" : "worse";
  if (relevant.some(isBetter)) return "helps";
  if (metrics.some(isBetter)) return metrics.some(isWorse) ? "mixed" : "elsewhere";
  return metrics.some(isWorse) ? "no-help" : "none";
}

const EFFECTS: Record<Effect, (concerns: readonly Concern[]) => string> = {
  helps: () => "helps",
  elsewhere: (concerns) =>
    `helps, but not with ${alternatives([...new Set(concerns.map((concern) => NAMES[metricOf(concern)].name))])}`,
  mixed: () => "helps in one way and harms in another",
  worse: () => "makes it worse",
  "no-help": () => "does not help",
  none: () => "makes no difference that counts",
};

/** What is better and what is worse, with a "but" between them; then the concerns and the commits that are alike. */
function metricsText({ metrics }: Comparison, concerns: readonly Concern[], effect: Effect): string {
  const always: readonly Metric[] = [...concerns.map(metricOf), "commits"];
  const better = metrics.filter(isBetter);
  const worse = metrics.filter(isWorse);
  const alike = metrics.filter((each) => always.includes(each.metric) && !isBetter(each) && !isWorse(each));
  const [first, second] = effect === "worse" ? [worse, better] : [better, worse];
  const differ = [first, second].filter((some) => some.length > 0).map((some) => some.map(metricText).join("; "));
  return [differ.join("; but "), ...alike.map(metricText)].filter((text) => text !== "").join("; ");
}

function metricText({ metric, before, after, change }: MetricChange): string {
  const { name, value } = NAMES[metric];
  if (before === null || after === null) return `${name} was not measured`;
  const [without, withIt] = [rangeText(before, value), rangeText(after, value)];
  return change === "none" || change === "too-few"
    ? `no difference that counts in ${name} (${withIt} with it, ${without} without)`
    : `${name} ${withIt} instead of ${without}`;
}
