/** The holders as tables. */
import Table from "cli-table3";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { cut, fitColumns, wrap } from "../layout.ts";
import type { Style } from "../style.ts";
import { type Column, locksText } from "./columns.ts";

/** What a table shows of a database. */
export type Held = Pick<DatabaseReport, "holders" | "unownedLocks">;

const GAP = 2;
const NARROW_GAP = 1;

/**
 * A table for each database, with the same columns at the same places; "" for one that nobody holds. No newline at the
 * end. All are one cell a column to cli-table3, cut apart again: it takes longer over a cell than sqlock over a
 * database.
 */
export function holdersTables(databases: readonly Held[], columns: readonly Column[], style: Style): string[] {
  const rows = databases.map((database) => rowsOf(database, columns, style));
  const all = rows.flat();
  if (all.length === 0) return databases.map(() => "");
  const shapes = columns.map((column, i) => ({
    header: column.name,
    texts: all.map((row) => row.texts[i] ?? ""),
    cut: column.cut === true,
  }));
  const natural = fitColumns(shapes, Number.POSITIVE_INFINITY).reduce((sum, width) => sum + width, 0);
  const gap = natural + GAP * (columns.length - 1) <= style.width ? GAP : NARROW_GAP;
  const widths = fitColumns(shapes, style.width - gap * (columns.length - 1));
  const blocks = rows.map((each) => each.map((row) => linesOfRow(row, columns, widths, style)));
  const [head = "", ...lines] = draw(columns, widths, gap, blocks.flat(2), style);
  return blocks.map((block) => {
    const height = block.reduce((sum, row) => sum + row.length, 0);
    return height === 0 ? "" : [head, ...lines.splice(0, height)].join("\n");
  });
}

interface Row {
  readonly texts: readonly string[];
  readonly paint: (text: string) => string;
}

function rowsOf(database: Held, columns: readonly Column[], style: Style): Row[] {
  const rows: Row[] = database.holders.map((holder) => ({
    texts: columns.map((column) => column.value(holder)),
    paint: paintOf(holder, style),
  }));
  if (database.unownedLocks.length > 0) {
    const own: Record<string, string> = { PID: "?", COMMAND: "owner unknown", LOCKS: locksText(database.unownedLocks) };
    rows.push({ texts: columns.map((column) => own[column.name] ?? "?"), paint: (text) => text });
  }
  return rows;
}

const PAINTED = ["ACTIVITY", "LOCKS", "BLOCKS"];

/** The cells of each line that a row takes. */
function linesOfRow(
  { texts, paint }: Row,
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
      return text !== "" && PAINTED.includes(columns[i]?.name ?? "") ? paint(text) : text;
    }),
  );
}

/** The head's line and all others, as cli-table3 sets them. */
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

/** Red keeps others out, yellow is in the way of something; idle is plain. */
function paintOf(holder: Holder, { chalk }: Style): (text: string) => string {
  if (chalk === null) return (text) => text;
  if (holder.blocks.includes("readers") || holder.blocks.includes("writers")) return chalk.red;
  if (holder.blocks.includes("commits") || holder.blocks.includes("checkpoints")) return chalk.yellow;
  return (text) => text;
}
