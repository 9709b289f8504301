/** For a person. Pure. */

import {
  isSound,
  type Latency,
  type MatrixReport,
  type RunReport,
  type Step,
  type StressReport,
} from "../../features/stress/report.ts";
import { time } from "../../features/stress/verdict.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

const GAP = 2;
/** In a narrow terminal what is left beside the numbers, but not less than the second. */
const MOST_BAR_WIDTH = 40;
const LEAST_BAR_WIDTH = 10;
const BESIDE_BAR = 24;
const NONE = "-";

export function renderRun(report: StressReport, style: Style): string {
  const blocks = [
    paragraph(escapeText(headOf(report)), "  ", style),
    latencyTable(report, style),
    errorTable(report, style),
    histogram(report.histogram.write, style),
    facts(report, style),
    coloured(report, style),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

export function renderMatrix({ rows }: MatrixReport, style: Style): string {
  const [best] = rows;
  if (best === undefined) return "\n";
  const heads = [
    "",
    "JOURNAL",
    "TRANSACTION",
    "TIMEOUT",
    "ERRORS",
    "COMMITS/S",
    "READS/S",
    "WRITE P95",
    "WRITE MAX",
    "LONGEST WAIT",
    "LOST",
  ];
  const cells = rows.map((row) => [
    row === best ? "*" : "",
    row.settings.journalMode,
    row.settings.transaction,
    time(row.settings.busyTimeoutMs).replace("0.0 ms", "0"),
    errorsText(row),
    perSecond(row.commitsPerSecond),
    perSecond(row.readsPerSecond),
    ms(row.latencyMs.write.p95),
    ms(row.latencyMs.write.max),
    time(row.longestWaitMs),
    String(row.verification.lost + row.verification.duplicated),
  ]);
  const { journalMode, transaction, busyTimeoutMs, seed, durationMs, writers, readers } = best.settings;
  const what =
    `${count(writers, "writer")}, ${count(readers, "reader")}, ${time(durationMs)} for ` +
    `${rows.length === 1 ? "one combination" : `each of ${rows.length} combinations in turn`}, seed ${seed}`;
  const verdict =
    `Best (*): --journal-mode ${journalMode} --transaction ${transaction} --busy-timeout ` +
    `${optionTime(busyTimeoutMs)}. ${best.verdict}`;
  const wrong = rows
    .filter((row) => row !== best && !isSound(row))
    .map((row) => paragraph(escapeText(row.verdict), "  ", style));
  return (
    `${[what, table(heads, cells, style, best), paragraph(escapeText(verdict), "  ", style), ...wrong].join("\n\n")}` +
    "\n"
  );
}

function headOf({ settings }: StressReport): string {
  const {
    database,
    journalMode,
    pageSize,
    writers,
    readers,
    durationMs,
    transaction,
    readThenWrite,
    threads,
    inPlace,
  } = settings;
  const where =
    database === null ? "a throw-away database" : inPlace ? `${database}, in place` : `a copy of ${database}`;
  const how = [
    `${journalMode === "wal" ? "WAL mode" : "rollback journal"}, pages of ${pageSize}`,
    `${count(writers, "writer")}, ${count(readers, "reader")}${threads > 1 ? `, ${threads} in a process` : ""}`,
    `${transaction}${readThenWrite ? ", reads and then writes" : ""}`,
    `busy timeout ${optionTime(settings.busyTimeoutMs)}`,
    ...(settings.rows > 1 ? [`${settings.rows} rows a transaction`] : []),
    ...(settings.holdMs > 0 ? [`held for ${optionTime(settings.holdMs)}`] : []),
    ...(settings.thinkMs > 0 ? [`pauses of ${optionTime(settings.thinkMs)}`] : []),
    ...(settings.killEveryMs !== null ? [`one killed every ${optionTime(settings.killEveryMs)}`] : []),
    `${time(durationMs)}, seed ${settings.seed}`,
  ];
  return `${where}: ${how.join("; ")}`;
}

function latencyTable(report: StressReport, style: Style): string {
  const { latencyMs, commits, reads } = report;
  const row = (name: string, number: string, rate: string, latency: Latency) => [
    name,
    number,
    rate,
    ms(latency.p50),
    ms(latency.p95),
    ms(latency.p99),
    ms(latency.max),
  ];
  const rows = [
    row("commits", grouped(commits), perSecond(report.commitsPerSecond), latencyMs.write),
    row("  waiting", "", "", latencyMs.writeWaiting),
    row("  working", "", "", latencyMs.writeWorking),
    ...(reads === 0
      ? []
      : [
          row("reads", grouped(reads), perSecond(report.readsPerSecond), latencyMs.read),
          row("  waiting", "", "", latencyMs.readWaiting),
          row("  working", "", "", latencyMs.readWorking),
        ]),
  ];
  return table(["", "NUMBER", "A SECOND", "P50", "P95", "P99", "MAX"], rows, style, null);
}

function errorTable({ failures }: StressReport, style: Style): string {
  if (failures.length === 0) return "";
  const rows = failures
    .toSorted((a, b) => b.count - a.count)
    .map(({ role, code, phase, count: number, timedOut, longestMs }) => [
      code,
      role,
      phase,
      grouped(number),
      grouped(timedOut),
      time(longestMs),
    ]);
  return table(["ERROR", "WHO", "WHERE", "NUMBER", "TIMEOUT USED UP", "LONGEST"], rows, style, null);
}

/** Of the latency of commits. */
function histogram(steps: readonly Step[], style: Style): string {
  const first = steps.findIndex(({ count: number }) => number > 0);
  const last = steps.findLastIndex(({ count: number }) => number > 0);
  if (first < 0) return "";
  const most = Math.max(...steps.map(({ count: number }) => number));
  const width = Math.min(MOST_BAR_WIDTH, Math.max(LEAST_BAR_WIDTH, style.width - BESIDE_BAR));
  const block = style.ellipsis === "…" ? "█" : "#";
  const rows = steps.slice(first, last + 1).map(({ belowMs, count: number }, i) => {
    const before = steps[first + i - 1]?.belowMs ?? 0;
    const label = belowMs === null ? `${optionTime(before)} and more` : `< ${optionTime(belowMs)}`;
    return [label, grouped(number), block.repeat(number === 0 ? 0 : Math.max(1, Math.round((width * number) / most)))];
  });
  return table(["COMMITTED IN", "NUMBER", ""], rows, style, null);
}

function facts({ retries, fairness, walBytes, longestWaitMs }: StressReport, style: Style): string {
  const share =
    fairness.jain === null
      ? []
      : [
          `fairness ${fairness.jain.toFixed(2)} (each writer ${grouped(fairness.leastCommits)} to ` +
            `${grouped(fairness.mostCommits)} commits)`,
        ];
  const wal = walBytes === null ? [] : [`WAL up to ${size(walBytes)}`];
  return paragraph(
    [
      `longest wait ${time(longestWaitMs)}`,
      retries === 1 ? "1 retry" : `${grouped(retries)} retries`,
      ...share,
      ...wal,
    ].join(", "),
    "  ",
    style,
  );
}

function coloured(report: StressReport, style: Style): string {
  const text = paragraph(escapeText(report.verdict), "  ", style);
  if (style.chalk === null) return text;
  if (!isSound(report)) return style.chalk.red(text);
  return Object.keys(report.errors).length === 0 ? style.chalk.green(text) : style.chalk.yellow(text);
}

function errorsText({ errors }: RunReport): string {
  return grouped(Object.values(errors).reduce((sum, number) => sum + number, 0));
}

function perSecond(number: number): string {
  return number < 10 ? number.toFixed(1) : grouped(Math.round(number));
}

/** `0.12 ms`, `1.5 s`. */
function ms(value: number | null): string {
  if (value === null) return NONE;
  if (value < 10) return `${value.toFixed(2)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : value < 60_000 ? `${(value / 1000).toFixed(1)} s` : duration(value);
}

/** As an option takes it: `0`, `0.3ms`, `5s`. */
function optionTime(value: number): string {
  return value === 0 ? "0" : value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
}

/** Columns of numbers stand to the right. `best`: not null where the first row is the best one. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  best: RunReport | null,
): string {
  const widths = heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const isNumber = (i: number) => i > 0 && rows.every((row) => /^[\d,.]+(?: m?s)?$|^-?$/.test(row[i] ?? ""));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const padding = " ".repeat((widths[i] ?? 0) - widthOf(cell));
        return (isNumber(i) ? padding + cell : cell + padding) + " ".repeat(GAP);
      })
      .join("")
      .trimEnd();
  const head = line(heads);
  const lines = rows.map((row, i) =>
    best !== null && i === 0 ? (style.chalk?.bold(line(row)) ?? line(row)) : line(row),
  );
  return [style.chalk?.dim(head) ?? head, ...lines].join("\n");
}
