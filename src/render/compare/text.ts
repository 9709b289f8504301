/** Before and after, as tables: what changed, and whether that is more than chance. Pure. */
import type { ComparedRecording, ComparisonResult } from "../../features/report/compare.ts";
import type { DatabaseComparison, MetricComparison, Value, Why } from "../../features/report/comparison/compare.ts";
import type { MetricId } from "../../features/report/comparison/metrics.ts";
import { duration, fineDuration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, list } from "../../text/list.ts";
import { rangeText } from "../advice/ranges.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

export function comparisonText(result: ComparisonResult, style: Style): string {
  const { before, after, databases } = result;
  const parts = [
    [recordingText("before", before, style), recordingText("after", after, style)].join("\n"),
    ...(databases.length === 0
      ? ["The recordings have no database in common: give recordings of the same one."]
      : databases.map((each) => databaseText(each, style))),
    ...notes(result).map((text) => paragraph(text, "", style)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function recordingText(name: string, recording: ComparedRecording, style: Style): string {
  const { paths, startedAt, watchedMs, source } = recording;
  const how = source === "sampled" ? ", sampled" : "";
  const text = `${name}: ${duration(watchedMs)} from ${startedAt}${how} (${list(paths.map(escapeText))})`;
  return paragraph(text, "  ", style);
}

function databaseText(comparison: DatabaseComparison, style: Style): string {
  const { path, afterPath, metrics, processes, moreProcesses, onlyBefore, onlyAfter } = comparison;
  const bold = (text: string) => style.chalk?.bold(text) ?? text;
  const name = path === afterPath ? escapeText(path) : `${escapeText(path)}, after: ${escapeText(afterPath)}`;
  const tables = processes
    .map((each) => ({ ...each, metrics: each.metrics.filter(hasValue) }))
    .filter((each) => each.metrics.length > 0)
    .map((each) => `${bold(cut(escapeText(each.name), style.width, style.ellipsis))}\n${table(each.metrics)}`);
  const only = (names: readonly string[], which: string) =>
    names.length === 0 ? [] : [paragraph(`Only ${which}: ${list(names.map(escapeText))}.`, "  ", style)];
  return [
    `${bold(paragraph(`${name}: ${verdictText(metrics)}`, "  ", style))}\n\n${table(metrics)}`,
    ...tables,
    ...(moreProcesses > 0 ? [`${count(moreProcesses, "more process", "more processes")}: --json has as many.`] : []),
    ...only(onlyBefore, "before"),
    ...only(onlyAfter, "after"),
  ].join("\n\n");
}

/** `better: fewer gave up, the write lock is held shorter (p95)`. */
export function verdictText(metrics: readonly MetricComparison[]): string {
  const changed = metrics.filter(({ isBetter }) => isBetter !== null);
  if (changed.length === 0)
    return metrics.some(({ change }) => change === "none")
      ? "no difference that is larger than chance"
      : "what differs may be chance: it cannot be told";
  const named = (isBetter: boolean) =>
    changed.filter((each) => each.isBetter === isBetter).map(({ metric, change }) => `${NAMES[metric]} ${change}`);
  const [better, worse] = [named(true), named(false)];
  return [
    ...(better.length > 0 ? [`better: ${list(better)}`] : []),
    ...(worse.length > 0 ? [`worse: ${list(worse)}`] : []),
  ].join("; ");
}

const NAMES: Readonly<Record<MetricId, string>> = {
  waits: "waits",
  "gave-up": "SQLITE_BUSY",
  commits: "commits",
  "hold-p50": "write lock held (p50)",
  "hold-p95": "write lock held (p95)",
  "hold-p99": "write lock held (p99)",
  "wait-p50": "waited (p50)",
  "wait-p95": "waited (p95)",
  "wait-p99": "waited (p99)",
};

function hasValue({ before, after }: MetricComparison): boolean {
  const isNothing = (value: Value | null) => value === null || ("perSecond" in value && value.perSecond === 0);
  return !(isNothing(before) && isNothing(after));
}

function table(metrics: readonly MetricComparison[]): string {
  const rows = [
    ["", "BEFORE", "AFTER", "DIFFERENCE"],
    ...metrics.map((each) => [
      NAMES[each.metric],
      valueText(each.before, each.metric),
      valueText(each.after, each.metric),
      changeText(each),
    ]),
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ""))));
  return rows
    .map(([name = "", before = "", after = "", change = ""]) => {
      const cells = [pad(name, widths[0], false), pad(before, widths[1], true), pad(after, widths[2], true), change];
      return `  ${cells.join("  ").trimEnd()}`;
    })
    .join("\n");
}

function pad(text: string, width = 0, isRight: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blanks + text : text + blanks;
}

/** Rare things by the minute or the hour. */
function valueText(value: Value | null, metric: MetricId): string {
  if (value === null) return metric === "waits" || metric === "gave-up" || metric === "commits" ? "?" : "-";
  if (!("perSecond" in value)) return rangeText(value);
  const { perSecond } = value;
  if (perSecond === 0) return "0";
  if (perSecond >= 1) return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
  if (perSecond >= 1 / 60) return `${(perSecond * 60).toFixed(perSecond * 60 < 10 ? 1 : 0)}/min`;
  return `${(perSecond * 3_600).toFixed(1)}/h`;
}

function changeText({ change, isBetter, why }: MetricComparison): string {
  if (change === "higher" || change === "lower") return `${change}, ${isBetter === true ? "better" : "worse"}`;
  return change === "none" ? "may be chance" : why === null ? "" : WHY[why];
}

const WHY: Readonly<Record<Why, string>> = {
  sampled: "not known (sampled)",
  "other-source": "not comparable: other source",
  "no-calls": "not known (no statements)",
  "no-lengths": "not known (no lengths)",
  "too-short": "too short to tell",
  unsteady: "too unsteady to tell",
  "few-events": "too few to tell",
  "no-events": "-",
};

function notes({ before, after, databases }: ComparisonResult): string[] {
  const all = databases.flatMap(({ metrics }) => metrics);
  const has = (why: Why) => all.some((each) => each.why === why);
  const lengths = all.flatMap(({ blocks }) => (blocks === undefined ? [] : [blocks.lengthMs]));
  return [
    ...(lengths.length > 0
      ? [
          `Chance: both recordings were cut into blocks of ${range(lengths)}, and these were dealt anew to "before" ` +
            'and "after". A difference counts where fewer than 1 of 100 such deals has one that is as large, of all ' +
            "lines of a table together.",
        ]
      : []),
    ...(has("too-short")
      ? ["Too short to tell: each recording needs eight blocks of a second or more, and as much as the other one."]
      : []),
    ...(has("other-source")
      ? ["One recording is a sample, which misses short holds of locks and all waits: record both in the same way."]
      : []),
    ...(before.source === "sampled" && after.source === "sampled"
      ? ["Both are samples: holds shorter than 2 ms may be missing in them."]
      : []),
  ];
}

function range(lengthsMs: readonly number[]): string {
  const [least, most] = [fineDuration(Math.min(...lengthsMs)), fineDuration(Math.max(...lengthsMs))];
  return least === most ? least : `${least} to ${most}`;
}
