/**
 * Which columns a table has: those that were asked for by name, and of the usual ones those for which there is room.
 * Pure.
 */
import type { Holder } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { COLUMNS, type Column, type Detail, findColumn, isDefault } from "./columns.ts";

export interface ChosenColumn {
  readonly column: Column;
  /** It was asked for by name: it stays, and says everything. */
  readonly named: boolean;
}

/** Those that were asked for by name. */
export function namedColumns(columns: readonly Column[]): ChosenColumn[] {
  return columns.map((column) => ({ column, named: true }));
}

/** Those that are shown without --columns. */
export function usualColumns(source: Source = "proc"): ChosenColumn[] {
  // what lsof knows is little, so that none of it is left out
  return COLUMNS.filter((column) => isDefault(column, source)).map((column) => ({ column, named: source === "lsof" }));
}

/** The same, of which those with these names are asked for. */
export function usualColumnsWith(...names: readonly string[]): ChosenColumn[] {
  return usualColumns().map(({ column }) => ({ column, named: names.includes(column.name) }));
}

/** `PID,LOCKS` selects these, `+TTY,UNIT` adds to the usual ones. @returns also a name that is no column's */
export function selectColumns(text: string, source: Source): ChosenColumn[] | { readonly unknown: string } {
  const adds = text.startsWith("+");
  const named: Column[] = [];
  for (const name of text.slice(adds ? 1 : 0).split(",")) {
    const column = findColumn(name);
    if (column === undefined) return { unknown: name.trim() };
    if (!named.includes(column)) named.push(column);
  }
  const usual = adds ? usualColumns(source) : [];
  const added = named.filter((column) => !usual.some((each) => each.column === column));
  return [
    ...usual.map((each) => ({ ...each, named: each.named || named.includes(each.column) })),
    ...namedColumns(added),
  ];
}

/** Without the usual columns that no holder needs. `ownContainer`: that of sqlock itself; null: none, or not known. */
export function neededColumns(
  chosen: readonly ChosenColumn[],
  holders: readonly Holder[],
  ownContainer: string | null,
): ChosenColumn[] {
  return chosen.filter(
    ({ column: { neededFor }, named }) =>
      named || neededFor === undefined || holders.some((holder) => neededFor(holder, ownContainer)),
  );
}

/** A way to show the usual columns. */
interface Step {
  /** Columns that are left out. */
  readonly without: readonly string[];
  readonly detail: Detail;
  /** It is taken where a command has this width, or all that it needs, with each holder on one line. */
  readonly command: number;
}

/** The first for which there is room is taken; else the last. */
const STEPS: readonly Step[] = [
  { without: [], detail: "usual", command: 40 },
  { without: ["HANDLES"], detail: "usual", command: 40 },
  { without: ["HANDLES", "STATE"], detail: "usual", command: 24 },
  { without: ["HANDLES", "STATE"], detail: "brief", command: 16 },
  { without: ["HANDLES", "STATE", "USER"], detail: "brief", command: 0 },
];

export interface FittedColumn extends ChosenColumn {
  readonly detail: Detail;
}

/** `widthOf`: what a column needs; `available`: columns of the terminal; `gap`: between two columns. */
export function fittingColumns(
  chosen: readonly ChosenColumn[],
  widthOf: (column: Column, detail: Detail) => number,
  available: number,
  gap: number,
): FittedColumn[] {
  const shownBy = ({ without, detail }: Step): FittedColumn[] =>
    chosen
      .filter(({ column, named }) => named || !without.includes(column.name))
      .map((each) => ({ ...each, detail: each.named ? "full" : detail }));
  for (const step of STEPS) {
    const shown = shownBy(step);
    const needed = shown.map(({ column, detail }) => {
      const width = widthOf(column, detail);
      const least = column.name === "COMMAND" ? step.command : column.least;
      return column.cut === true && least !== undefined ? Math.min(width, least) : width;
    });
    if (needed.reduce((sum, width) => sum + width, gap * (shown.length - 1)) <= available) return shown;
  }
  return shownBy(STEPS[STEPS.length - 1] as Step);
}
