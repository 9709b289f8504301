/** The result of a matrix, for a person. Pure. */
import type { MatrixReport, MatrixRow } from "../../features/stress/report.ts";
import { errorCount, isSound } from "../../features/stress/result.ts";
import { rangeOf } from "../../features/stress/spread.ts";
import { durationAtMost } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { MARKS, matrixVerdict } from "./matrix-verdict.ts";
import { durationCell, numberTable, rateCell, widthOfTable } from "./table.ts";

export interface Column {
  readonly head: string;
  readonly cell: (row: MatrixRow) => string;
  /** On a narrow terminal the columns with the highest number are left out first. */
  readonly leftOut?: number;
}

export const MATRIX_COLUMNS: readonly Column[] = [
  { head: "", cell: ({ standing }) => MARKS[standing] },
  { head: "JOURNAL", cell: ({ settings }) => settings.journalMode },
  { head: "TRANSACTION", cell: ({ settings }) => settings.transaction },
  {
    head: "TIMEOUT",
    cell: ({ settings: { busyTimeoutMs } }) => (busyTimeoutMs === 0 ? "0" : durationAtMost(busyTimeoutMs)),
  },
  { head: "ERRORS", cell: (row) => grouped(errorCount(row)) },
  { head: "COMMITS/S", cell: ({ commitsPerSecond }) => rateCell(commitsPerSecond) },
  { head: "LOWEST", cell: (row) => rateCell(ratesOf(row)?.min ?? 0) },
  { head: "HIGHEST", cell: (row) => rateCell(ratesOf(row)?.max ?? 0) },
  { head: "READS/S", cell: ({ readsPerSecond }) => rateCell(readsPerSecond), leftOut: 1 },
  { head: "WRITE P95", cell: ({ latencyMs }) => durationCell(latencyMs.write.p95), leftOut: 3 },
  { head: "WRITE MAX", cell: ({ latencyMs }) => durationCell(latencyMs.write.max), leftOut: 4 },
  { head: "LONGEST WAIT", cell: ({ longestWaitMs }) => durationAtMost(longestWaitMs), leftOut: 2 },
  { head: "LOST", cell: ({ verification: { lost, duplicated } }) => String(lost + duplicated) },
];

export function renderMatrix({ rows }: MatrixReport, style: Style): string {
  const [first] = rows;
  if (first === undefined) return "\n";
  const ordered = inOrder(rows);
  const best = ordered.findIndex(({ standing }) => standing === "best");
  const unsound = ordered.filter((row) => !isSound(row)).map((row) => row.verdict);
  const texts = [...matrixVerdict(rows), ...unsound].map((text) => paragraph(escapeText(text), "  ", style));
  const table = tableOf(ordered, best < 0 ? null : best, style);
  return `${[paragraph(matrixHeadText(first, rows.length), "  ", style), table, ...texts].join("\n\n")}\n`;
}

/** Those that can be recommended first. */
export function inOrder(rows: readonly MatrixRow[]): MatrixRow[] {
  return [...rows].sort((a, b) => Number(isAdvisable(b)) - Number(isAdvisable(a)));
}

function isAdvisable({ standing }: MatrixRow): boolean {
  return standing !== "not-recommended";
}

function tableOf(rows: readonly MatrixRow[], best: number | null, style: Style): string {
  let columns = MATRIX_COLUMNS;
  for (;;) {
    const heads = columns.map(({ head }) => head);
    const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
    const last = Math.max(...columns.map(({ leftOut }) => leftOut ?? 0));
    if (last === 0 || widthOfTable(heads, cells) <= style.width) return numberTable(heads, cells, style, best);
    columns = columns.filter(({ leftOut }) => leftOut !== last);
  }
}

/** Commits per second of its rounds. */
export function ratesOf({ rounds }: MatrixRow) {
  return rangeOf(rounds.map(({ commits, durationMs }) => (commits * 1000) / durationMs));
}

/** What ran. */
export function matrixHeadText({ settings, rounds }: MatrixRow, combinations: number): string {
  const { writers, readers, durationMs, seed } = settings;
  const what = combinations === 1 ? "" : ` for each of ${combinations} combinations`;
  const load = `${count(writers, "writer")}, ${count(readers, "reader")}`;
  const each = durationAtMost(durationMs / Math.max(1, rounds.length));
  const turns = rounds.length === 1 ? "" : ` in ${rounds.length} rounds of ${each}, in turns`;
  const spread = "LOWEST and HIGHEST: commits per second in a round";
  return `${load}; ${durationAtMost(durationMs)}${what}${turns}; seed ${seed}; ${spread}`;
}
