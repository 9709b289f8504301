/** Plots of a run: over its seconds, and of its commit times. Pure. */
import type { HistogramStep, Latency, RunReport, Second } from "../../../features/stress/report.ts";
import { grouped } from "../../../text/list.ts";
import { size } from "../../../text/size.ts";
import { type Element, el } from "../element.ts";
import { type HistogramBar, histogram } from "../histogram.ts";
import { lengthText } from "../length-text.ts";
import { type PlotSeries, seriesPlot } from "../series-plot.ts";
import { section } from "../table.ts";
import { ZoneClock } from "../zone-clock.ts";

const WIDTH = 1_160;
const SECOND_MS = 1_000;
const MIB = 1_024 * 1_024;

/** Times are those since the start of the load. */
const SINCE_START = new ZoneClock([{ atMs: 0, utcMs: 0 }], "UTC");

/** Solid, dashed and dotted. */
const CLASSES = ["series-1", "series-3", "series-4"];

type Value = readonly [name: string, of: (second: Second) => number | null];

export function overTimeSections(seconds: readonly Second[]): Element[] {
  if (seconds.length < 2) return [];
  const at = seconds.map(({ second }) => second * SECOND_MS);
  const series = (values: readonly Value[]): PlotSeries[] =>
    values.map(([name, of], i) => ({
      ...{ name, className: CLASSES[i] ?? "series-1", at },
      values: seconds.map((each) => of(each) ?? Number.NaN),
    }));
  const common = { clock: SINCE_START, fromMs: 0, toMs: ((at.at(-1) ?? 0) + SECOND_MS) as number, width: WIDTH };
  const errors = (second: Second) => Object.values(second.errors).reduce((sum, each) => sum + each, 0);
  const hasReads = seconds.some(({ reads }) => reads > 0);
  const hasErrors = seconds.some((second) => errors(second) > 0);
  const hasWal = seconds.some(({ walBytes }) => walBytes !== null);
  const plot = (title: string, values: readonly Value[], valueText: (value: number) => string, base?: number) =>
    seriesPlot(series(values), { ...common, label: title, title, valueText, ...(base !== undefined && { base }) });
  const number = (value: number) => grouped(Math.round(value));
  return [
    section(
      "over-time",
      "Over time",
      plot("Commits per second", [["commits", ({ commits }) => commits]], number),
      hasReads ? plot("Reads per second", [["reads", ({ reads }) => reads]], number) : null,
      hasErrors ? plot("Errors per second", [["errors", errors]], number) : null,
      plot(
        "Commit time: solid p50, dashed p99, dotted the longest",
        [
          ["p50", ({ latencyMs }) => latencyMs.write.p50],
          ["p99", ({ latencyMs }) => latencyMs.write.p99],
          ["longest", ({ latencyMs }) => latencyMs.write.max],
        ],
        lengthText,
      ),
      hasWal ? plot("Size of the -wal file", [["size", ({ walBytes }) => walBytes]], size, MIB) : null,
    ),
  ];
}

export function commitTimeSection({ histogram: { write, read }, latencyMs }: RunReport): Element {
  const parts = [
    { name: "Commits", className: "series-1", bars: barsOf(write, latencyMs.write.max), latency: latencyMs.write },
    { name: "Reads", className: "series-2", bars: barsOf(read, latencyMs.read.max), latency: latencyMs.read },
  ].filter(({ bars }) => bars.length > 0);
  return section(
    "lengths",
    "How many took how long",
    parts.length === 0 ? el("p", {}, "No transaction succeeded.") : null,
    el(
      "div",
      { class: "plots" },
      ...parts.map((each) =>
        el(
          "figure",
          {},
          el("figcaption", {}, el("b", {}, each.name), latencyText(each.latency)),
          histogram({ ...each, ...(each.latency.max !== null && { longestMs: each.latency.max }) }),
        ),
      ),
    ),
    el("p", { class: "note" }, "Both axes are logarithmic: from left to right the length, upwards how many."),
  );
}

/** Exactly: the bars have only their bounds. */
function latencyText({ p50, p99 }: Latency): string {
  return p50 === null || p99 === null
    ? ""
    : `; half of them up to ${lengthText(p50)}, 99 of 100 up to ${lengthText(p99)}`;
}

/** `longestMs` ends the last step, which has no limit. */
function barsOf(steps: readonly HistogramStep[], longestMs: number | null): HistogramBar[] {
  return steps.flatMap(({ belowMs, count }, i) => {
    if (count === 0) return [];
    const toMs = belowMs ?? Math.max(longestMs ?? 0, 3_001);
    return [{ fromMs: steps[i - 1]?.belowMs ?? toMs / 3, toMs, times: count }];
  });
}
