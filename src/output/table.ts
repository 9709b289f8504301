/** The holders of one database as a table. */
import Table from "cli-table3";
import type { DatabaseReport, Holder } from "../inspect/report.ts";
import { type Column, locksText } from "./columns.ts";
import { cut, fitColumns, wrap } from "./layout.ts";
import type { Style } from "./style.ts";

const GAP = 2;
const NARROW_GAP = 1;

/** Lines without a newline at the end; "" when there is no holder. */
export function holdersTable(database: DatabaseReport, columns: readonly Column[], style: Style): string {
  const rows: { texts: string[]; paint: (text: string) => string }[] = database.holders.map((holder) => ({
    texts: columns.map((column) => column.value(holder, database)),
    paint: paintOf(holder, style),
  }));
  if (database.unownedLocks.length > 0) {
    const own: Record<string, string> = { PID: "?", COMMAND: "owner unknown", LOCKS: locksText(database.unownedLocks) };
    rows.push({ texts: columns.map((column) => own[column.name] ?? "-"), paint: (text) => text });
  }
  if (rows.length === 0) return "";
  const shapes = columns.map((column, i) => ({ header: column.name, texts: rows.map((row) => row.texts[i] ?? ""), cut: column.cut === true }));
  const natural = fitColumns(shapes, Number.POSITIVE_INFINITY).reduce((sum, width) => sum + width, 0);
  const gap = natural + GAP * (columns.length - 1) <= style.width ? GAP : NARROW_GAP;
  const widths = fitColumns(shapes, style.width - gap * (columns.length - 1));
  const table = new Table({
    head: columns.map((column, i) => {
      const name = column.right === true && i < columns.length - 1 ? column.name + " ".repeat(gap) : column.name;
      return style.chalk?.dim(name) ?? name;
    }),
    colAligns: columns.map((column) => (column.right === true ? "right" : "left")),
    colWidths: widths.map((width, i) => width + (i < widths.length - 1 ? gap : 0)),
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    chars: NO_LINES,
  });
  for (const { texts, paint } of rows) {
    table.push(
      texts.map((text, i) => {
        const width = widths[i] ?? 0;
        const shown = columns[i]?.cut === true ? cut(text, width, style.ellipsis) : wrap(text, width);
        const padded = columns[i]?.right === true && i < widths.length - 1 ? shown + " ".repeat(gap) : shown;
        return columns[i]?.name === "ACTIVITY" || columns[i]?.name === "LOCKS" || columns[i]?.name === "BLOCKS" ? paint(padded) : padded;
      }),
    );
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
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
  const lines = (paint: (text: string) => string) => (text: string) => text.split("\n").map(paint).join("\n");
  if (holder.blocks.includes("readers") || holder.blocks.includes("writers")) return lines(chalk.red);
  if (holder.blocks.includes("commits") || holder.blocks.includes("checkpoints")) return lines(chalk.yellow);
  return (text) => text;
}
