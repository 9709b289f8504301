/** A table whose rows have one line each, however narrow the terminal is. Pure. */
import type { TableColumn } from "../column.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

/** Its text is on one line. */
export interface Column<Row> extends TableColumn<Row> {
  /** Left out where the table may not be this wide. */
  readonly minTableWidth?: number;
}

const GAP = "  ";

/** No column is cut to less. */
const MIN_CUT_WIDTH = 5;

/** The header and a line for each row. Columns that may be cut give way first, the widest of them before the others. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, ellipsis }: Pick<Style, "width" | "ellipsis">,
): { readonly header: string; readonly lines: readonly string[] } {
  const shown = columns.filter(({ minTableWidth = 0 }) => width >= minTableWidth);
  const texts = rows.map((row) => shown.map(({ value }) => value(row)));
  const widths = fittedWidths(shown, texts, width - GAP.length * (shown.length - 1));
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const text = cut(cell, widths[i] ?? 0, ellipsis);
        const space = " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
        return shown[i]?.right === true ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd();
  return { header: lineOf(shown.map(({ name }) => name)), lines: texts.map(lineOf) };
}

function fittedWidths<Row>(
  columns: readonly Column<Row>[],
  texts: readonly (readonly string[])[],
  available: number,
): readonly number[] {
  const widths = columns.map(({ name }, i) =>
    Math.max(widthOf(name), ...texts.map((cells) => widthOf(cells[i] ?? ""))),
  );
  const sum = () => widths.reduce((all, width) => all + width, 0);
  while (sum() > available) {
    const widest = widths.reduce(
      (best, width, i) => (columns[i]?.cut === true && width > Math.max(MIN_CUT_WIDTH, widths[best] ?? 0) ? i : best),
      -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
