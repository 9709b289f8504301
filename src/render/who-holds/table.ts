/** The holders as tables. */
import Table from "cli-table3";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { type ColumnShape, cut, fitColumns, naturalWidth, wrap } from "../layout.ts";
import type { Style } from "../style.ts";
import { type ChosenColumn, fittingColumns, neededColumns } from "./column-choice.ts";
import type { Column, Detail } from "./columns.ts";

/** What a table shows of a database. */
export type DatabaseHolders = Pick<DatabaseReport, "holders" | "unownedLocks"> &
  Partial<Pick<DatabaseReport, "blockers">>;

const GAP = 2;
const NARROW_GAP = 1;

/**
 * A table for each database, with the same columns at the same places; "" for one that nobody holds. No newline at the
 * end. cli-table3 gets all lines of a column as one cell, as its time goes into the number of cells; the tables are
 * taken apart again afterwards.
 */
export function holdersTables(
  databases: readonly DatabaseHolders[],
  chosen: readonly ChosenColumn[],
  style: Style,
  ownContainer: string | null = null,
): string[] {
  const rows = databases.map((database) => rowsOf(database, style));
  const all = rows.flat();
  if (all.length === 0) return databases.map(() => "");
  const texts = new ColumnTexts(all);
  const needed = neededColumns(
    chosen,
    databases.flatMap(({ holders }) => holders),
    ownContainer,
  );
  const fitted = fittingColumns(needed, (column, detail) => texts.of(column, detail).natural, style.width, NARROW_GAP);
  const columns = fitted.map(({ column }) => column);
  const shapes = fitted.map(({ column, detail }) => texts.of(column, detail));
  const natural = shapes.reduce((sum, shape) => sum + shape.natural, 0);
  const gap = natural + GAP * (columns.length - 1) <= style.width ? GAP : NARROW_GAP;
  const widths = fitColumns(shapes, style.width - gap * (columns.length - 1));
  let done = 0;
  const blocks = rows.map((each) =>
    each.map(({ paint }) => {
      const row = done++;
      const cells = shapes.map((shape) => shape.texts[row] ?? "");
      return linesOfRow(cells, paint, columns, widths, style);
    }),
  );
  const [head = "", ...lines] = draw(columns, widths, gap, blocks.flat(2), style);
  return blocks.map((block) => {
    const height = block.reduce((sum, row) => sum + row.length, 0);
    return height === 0 ? "" : [head, ...lines.splice(0, height)].join("\n");
  });
}

interface Row {
  readonly text: (column: Column, detail: Detail) => string;
  readonly paint: (text: string) => string;
}

function rowsOf({ holders, unownedLocks, blockers }: DatabaseHolders, style: Style): Row[] {
  const rows: Row[] = holders.map((holder) => ({
    text: (column, detail) => column.value(holder, detail),
    paint: paintOf(holder, style),
  }));
  const blocks = blockers?.filter(({ pid }) => pid === null).map(({ effect }) => effect) ?? null;
  if (unownedLocks.length > 0)
    rows.push({
      text: (column, detail) => column.unowned?.(unownedLocks, blocks, detail) ?? "?",
      paint: (text) => text,
    });
  return rows;
}

/** The texts of each column, made and measured once. */
class ColumnTexts {
  readonly #rows: readonly Row[];
  readonly #shapes = new Map<string, ColumnShape & { readonly natural: number }>();

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  of(column: Column, detail: Detail): ColumnShape & { readonly natural: number } {
    const key = column.hasDetail === true ? `${column.name} ${detail}` : column.name;
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const header = column.name;
    const texts = this.#rows.map((row) => row.text(column, detail));
    const shape = {
      header,
      texts,
      cut: column.cut === true,
      natural: naturalWidth({ header, texts }),
      ...(column.least === undefined ? {} : { least: column.least }),
    };
    this.#shapes.set(key, shape);
    return shape;
  }
}

/** The cells of each line of a row. */
function linesOfRow(
  texts: readonly string[],
  paint: Row["paint"],
  columns: readonly Column[],
  widths: readonly number[],
  style: Style,
): string[][] {
  const cells = texts.map((text, i) => {
    const width = widths[i] ?? 0;
    return columns[i]?.cut === true ? [cut(text, width, style.ellipsis)] : wrap(text, width).split("\n");
  });
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells.map((cell, i) => {
      const text = cell[line] ?? "";
      return text !== "" && columns[i]?.painted === true ? paint(text) : text;
    }),
  );
}

/** The line of the head and all others, as cli-table3 aligns them. */
function draw(
  columns: readonly Column[],
  widths: readonly number[],
  gap: number,
  lines: readonly string[][],
  style: Style,
): string[] {
  const last = columns.length - 1;
  const right = (i: number) => columns[i]?.right === true;
  const padded = (text: string, i: number) => (right(i) && i < last ? text + " ".repeat(gap) : text);
  const table = new Table({
    head: columns.map(({ name }, i) => padded(style.chalk?.dim(name) ?? name, i)),
    colAligns: columns.map((_, i) => (right(i) ? "right" : "left")),
    colWidths: widths.map((width, i) => width + (i < last ? gap : 0)),
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    chars: NO_LINES,
  });
  table.push(columns.map((_, i) => lines.map((line) => padded(line[i] ?? "", i)).join("\n")));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid", "middle"].flatMap((side) => [
    [side, ""],
    [`${side}-mid`, ""],
    [`${side}-left`, ""],
    [`${side}-right`, ""],
    [`mid-${side}`, ""],
  ]),
);

/** Red: others cannot read or write. Yellow: they cannot commit or checkpoint. */
function paintOf(holder: Holder, { chalk }: Style): (text: string) => string {
  if (chalk === null) return (text) => text;
  if (holder.blocks.includes("readers") || holder.blocks.includes("writers")) return chalk.red;
  if (holder.blocks.includes("commits") || holder.blocks.includes("checkpoints")) return chalk.yellow;
  return (text) => text;
}
