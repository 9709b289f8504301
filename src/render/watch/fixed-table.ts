/**
 * A table whose columns are as wide as the terminal alone determines: nothing in it moves from one drawing to the next.
 * Pure.
 */
import type { TableColumn } from "../column.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

export interface FixedColumn<Row> extends TableColumn<Row> {
  /** The last column has none: it gets what is left. */
  readonly width?: number;
  /** From this width of the table on: more room for it. */
  readonly wide?: { readonly from: number; readonly width: number };
  /** Left out of a table that is narrower. */
  readonly minTableWidth?: number;
}

const GAP = " ";

export function fixedTable<Row>(
  columns: readonly FixedColumn<Row>[],
  rows: readonly Row[],
  { width, ellipsis }: Pick<Style, "width" | "ellipsis">,
): { readonly header: string; readonly lines: readonly string[] } {
  const shown = columns.filter(({ minTableWidth = 0 }) => width >= minTableWidth);
  const widths = widthsOf(shown, width);
  const lineOf = (cells: readonly string[]) => {
    const line = cells.map((cell, i) => padded(cell, widths[i] ?? 0, shown[i]?.right === true, ellipsis)).join(GAP);
    return cut(line.trimEnd(), width, ellipsis);
  };
  return {
    header: lineOf(shown.map(({ name }) => name)),
    lines: rows.map((row) => lineOf(shown.map(({ value }) => value(row)))),
  };
}

function widthsOf<Row>(columns: readonly FixedColumn<Row>[], width: number): number[] {
  const fixed = columns.map(({ width: usual = 0, wide }) =>
    wide !== undefined && width >= wide.from ? wide.width : usual,
  );
  const used = fixed.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  return columns.map((column, i) => (column.width === undefined ? Math.max(1, width - used) : (fixed[i] ?? 0)));
}

function padded(cell: string, width: number, right: boolean, ellipsis: string): string {
  const text = cut(cell, width, ellipsis);
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : text + space;
}
