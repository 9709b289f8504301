/** The result of one run, for a person. Pure. */
import type { HistogramStep, Latency, RunReport, StressReport } from "../../features/stress/report.ts";
import { isSound } from "../../features/stress/result.ts";
import { durationAtMost, optionDuration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import { openerText } from "../opener-text.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { durationCell, numberTable, rateCell } from "./table.ts";

/** The bars of the histogram: as wide as the terminal allows, within these limits. */
const MAX_BAR_WIDTH = 40;
const MIN_BAR_WIDTH = 10;
/** The columns left of the bars. */
const WIDTH_BESIDE_BAR = 24;

export function renderRun(report: StressReport, style: Style): string {
  const blocks = [
    paragraph(escapeText(loadText(report)), "  ", style),
    latencyTable(report, style),
    failureTable(report, style),
    histogram(report.histogram.write, style),
    paragraph(factsText(report), "  ", style),
    verdict(report, style),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** What ran, on what: one line; not escaped. */
export function loadText({ settings, openedAs }: RunReport): string {
  const { database, inPlace, journalMode, pageSize, writers, readers, threads, transaction, readThenWrite } = settings;
  const { busyTimeoutMs, rows, holdMs, thinkMs, killEveryMs, durationMs, seed } = settings;
  const where =
    database === null ? "a throw-away database" : inPlace ? `${database}, in place` : `a copy of ${database}`;
  const load = [
    `${journalMode === "wal" ? "WAL mode" : "rollback journal"}, pages of ${pageSize}`,
    `${count(writers, "writer")}, ${count(readers, "reader")}${threads > 1 ? `, ${threads} per process` : ""}`,
    `${transaction}${readThenWrite ? ", reads and then writes" : ""}`,
    `busy timeout ${optionDuration(busyTimeoutMs)}`,
    ...(rows > 1 ? [`${rows} rows per transaction`] : []),
    ...(holdMs > 0 ? [`held for ${optionDuration(holdMs)}`] : []),
    ...(thinkMs > 0 ? [`pauses of ${optionDuration(thinkMs)}`] : []),
    ...(killEveryMs !== null ? [`a worker killed every ${optionDuration(killEveryMs)}`] : []),
    `${durationAtMost(durationMs)}, seed ${seed}`,
    ...(openedAs === null ? [] : [openerText(openedAs)]),
  ];
  return `${where}: ${load.join("; ")}`;
}

function latencyTable(report: StressReport, style: Style): string {
  return numberTable(LATENCY_HEADS, latencyRows(report), style);
}

export const LATENCY_HEADS = ["", "NUMBER", "PER SECOND", "P50", "P95", "P99", "MAX"];

export function latencyRows(report: RunReport): string[][] {
  const { latencyMs, commits, reads, commitsPerSecond, readsPerSecond } = report;
  const row = (name: string, latency: Latency, number = "", rate = "") => [
    name,
    number,
    rate,
    ...[latency.p50, latency.p95, latency.p99, latency.max].map(durationCell),
  ];
  const commitRows = [
    row("commits", latencyMs.write, grouped(commits), rateCell(commitsPerSecond)),
    row("  waiting", latencyMs.writeWaiting),
    row("  working", latencyMs.writeWorking),
  ];
  const readRows = [
    row("reads", latencyMs.read, grouped(reads), rateCell(readsPerSecond)),
    row("  waiting", latencyMs.readWaiting),
    row("  working", latencyMs.readWorking),
  ];
  return reads === 0 ? commitRows : [...commitRows, ...readRows];
}

function failureTable(report: StressReport, style: Style): string {
  return report.failures.length === 0 ? "" : numberTable(FAILURE_HEADS, failureRows(report), style);
}

export const FAILURE_HEADS = ["ERROR", "ROLE", "PHASE", "NUMBER", "TIMED OUT", "LONGEST"];

/** The most frequent first. */
export function failureRows({ failures }: RunReport): string[][] {
  return failures
    .toSorted((a, b) => b.count - a.count)
    .map(({ code, role, phase, count: number, timedOut, longestMs }) => [
      code,
      role,
      phase,
      grouped(number),
      grouped(timedOut),
      durationAtMost(longestMs),
    ]);
}

/** Of the latency of commits, without the empty steps at both ends. */
function histogram(steps: readonly HistogramStep[], style: Style): string {
  const first = steps.findIndex(({ count: number }) => number > 0);
  const last = steps.findLastIndex(({ count: number }) => number > 0);
  if (first < 0) return "";
  const max = Math.max(...steps.map(({ count: number }) => number));
  const width = Math.min(MAX_BAR_WIDTH, Math.max(MIN_BAR_WIDTH, style.width - WIDTH_BESIDE_BAR));
  const block = style.ellipsis === "…" ? "█" : "#";
  const rows = steps.slice(first, last + 1).map(({ belowMs, count: number }, i) => {
    const fromMs = steps[first + i - 1]?.belowMs ?? 0;
    const label = belowMs === null ? `${optionDuration(fromMs)} and more` : `< ${optionDuration(belowMs)}`;
    const length = number === 0 ? 0 : Math.max(1, Math.round((width * number) / max));
    return [label, grouped(number), block.repeat(length)];
  });
  return numberTable(["COMMIT TIME", "NUMBER", ""], rows, style);
}

export function factsText({
  retries,
  fairness: { jain, leastCommits, mostCommits },
  walBytes,
  longestWaitMs,
}: RunReport): string {
  return [
    `longest wait ${durationAtMost(longestWaitMs)}`,
    retries === 1 ? "1 retry" : `${grouped(retries)} retries`,
    ...(jain === null
      ? []
      : [`fairness ${jain.toFixed(2)} (each writer ${grouped(leastCommits)} to ${grouped(mostCommits)} commits)`]),
    ...(walBytes === null ? [] : [`WAL up to ${size(walBytes)}`]),
  ].join(", ");
}

function verdict(report: StressReport, style: Style): string {
  const text = paragraph(escapeText(report.verdict), "  ", style);
  if (style.chalk === null) return text;
  if (!isSound(report)) return style.chalk.red(text);
  return Object.keys(report.errors).length + report.concerns.length === 0
    ? style.chalk.green(text)
    : style.chalk.yellow(text);
}
