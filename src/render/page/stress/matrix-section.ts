/** The combinations of a matrix: a table, and their commits per second as bars. Pure. */
import { scaleLinear } from "d3-scale";
import type { MatrixRow } from "../../../features/stress/report.ts";
import { errorCount } from "../../../features/stress/result.ts";
import { durationAtMost } from "../../../text/duration.ts";
import { grouped } from "../../../text/list.ts";
import { MATRIX_COLUMNS, ratesOf } from "../../stress/matrix.ts";
import { rateCell } from "../../stress/table.ts";
import { type Element, el } from "../element.ts";
import { type Column, section, table } from "../table.ts";

const WIDTH = 1_160;
const ROW = 24;
const LEFT = 300;
const RIGHT = 190;

export function matrixSections(rows: readonly MatrixRow[]): Element[] {
  const columns = MATRIX_COLUMNS.map(
    ({ head, cell }, i): Column<MatrixRow> => ({
      name: head.charAt(0) + head.slice(1).toLowerCase(),
      cell,
      right: i >= 4,
    }),
  );
  return [
    section("rates", "Commits per second, lowest and highest round", bars(rows)),
    section("matrix", "All combinations", table(columns, rows, { caption: "All combinations" }), legend()),
  ];
}

function legend(): Element {
  return el(
    "p",
    { class: "note" },
    "* is the best, = is not different from the first in what counts, + has more commits and more errors, ",
    "! is not recommended, whatever was measured.",
  );
}

/** Rows that failed are hatched by their words: the number of errors stands beside each bar. */
function bars(rows: readonly MatrixRow[]): Element {
  const most = rows.reduce((max, row) => Math.max(max, ratesOf(row)?.max ?? row.commitsPerSecond), 1);
  const x = scaleLinear([0, most], [LEFT, WIDTH - RIGHT]);
  return el(
    "svg",
    {
      ...{ class: "plot rates", viewBox: `0 0 ${WIDTH} ${rows.length * ROW + 4}`, role: "img" },
      "aria-label": "Commits per second of each combination; the table below has the same",
    },
    ...rows.map((row, i) => {
      const top = i * ROW + 4;
      const range = ratesOf(row);
      const errors = errorCount(row);
      const end = `${rateCell(row.commitsPerSecond)}${errors === 0 ? "" : `; ${grouped(errors)} errors`}`;
      return el(
        "g",
        {},
        el("text", { x: LEFT - 8, y: top + 14, "text-anchor": "end" }, nameOf(row)),
        el("rect", {
          ...{ class: errors === 0 ? "series-1" : "series-3", x: LEFT, y: top + 3 },
          ...{ width: Math.max(1, x(row.commitsPerSecond) - LEFT), height: ROW - 10 },
        }),
        range === null
          ? null
          : el("line", { class: "range", x1: x(range.min), x2: x(range.max), y1: top + 10, y2: top + 10 }),
        el("text", { x: x(Math.max(row.commitsPerSecond, range?.max ?? 0)) + 8, y: top + 14 }, end),
      );
    }),
  );
}

function nameOf({ settings: { journalMode, transaction, busyTimeoutMs } }: MatrixRow): string {
  const timeout = busyTimeoutMs === 0 ? "no timeout" : durationAtMost(busyTimeoutMs);
  return `${journalMode}, ${transaction}, ${timeout}`;
}
