/** The result of a matrix, for a person. Pure. */
import type { MatrixReport, RunReport } from "../../features/stress/report.ts";
import { errorCount, isSound } from "../../features/stress/result.ts";
import { durationAtMost, optionDuration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { durationCell, numberTable, rateCell } from "./table.ts";

interface Column {
  readonly head: string;
  readonly cell: (row: RunReport, isBest: boolean) => string;
}

const COLUMNS: readonly Column[] = [
  { head: "", cell: (_, isBest) => (isBest ? "*" : "") },
  { head: "JOURNAL", cell: ({ settings }) => settings.journalMode },
  { head: "TRANSACTION", cell: ({ settings }) => settings.transaction },
  {
    head: "TIMEOUT",
    cell: ({ settings: { busyTimeoutMs } }) => (busyTimeoutMs === 0 ? "0" : durationAtMost(busyTimeoutMs)),
  },
  { head: "ERRORS", cell: (row) => grouped(errorCount(row)) },
  { head: "COMMITS/S", cell: ({ commitsPerSecond }) => rateCell(commitsPerSecond) },
  { head: "READS/S", cell: ({ readsPerSecond }) => rateCell(readsPerSecond) },
  { head: "WRITE P95", cell: ({ latencyMs }) => durationCell(latencyMs.write.p95) },
  { head: "WRITE MAX", cell: ({ latencyMs }) => durationCell(latencyMs.write.max) },
  { head: "LONGEST WAIT", cell: ({ longestWaitMs }) => durationAtMost(longestWaitMs) },
  { head: "LOST", cell: ({ verification: { lost, duplicated } }) => String(lost + duplicated) },
];

export function renderMatrix({ rows }: MatrixReport, style: Style): string {
  const [best] = rows;
  if (best === undefined) return "\n";
  const cells = rows.map((row) => COLUMNS.map(({ cell }) => cell(row, row === best)));
  const heads = COLUMNS.map(({ head }) => head);
  const unsound = rows.filter((row) => row !== best && !isSound(row)).map(({ verdict }) => verdict);
  const verdicts = [bestText(best), ...unsound].map((text) => paragraph(escapeText(text), "  ", style));
  return `${[headText(best, rows.length), numberTable(heads, cells, style, 0), ...verdicts].join("\n\n")}\n`;
}

function headText({ settings: { writers, readers, durationMs, seed } }: RunReport, combinations: number): string {
  const what = combinations === 1 ? "one combination" : `each of ${combinations} combinations in turn`;
  const load = `${count(writers, "writer")}, ${count(readers, "reader")}`;
  return `${load}, ${durationAtMost(durationMs)} for ${what}, seed ${seed}`;
}

function bestText({ settings: { journalMode, transaction, busyTimeoutMs }, verdict }: RunReport): string {
  const options = [
    `--journal-mode ${journalMode}`,
    `--transaction ${transaction}`,
    `--busy-timeout ${optionDuration(busyTimeoutMs)}`,
  ];
  return `Best (*): ${options.join(" ")}. ${verdict}`;
}
