/** Tables of numbers. Pure. */
import { fineDuration } from "../../text/duration.ts";
import { grouped } from "../../text/list.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

const GAP = 2;

/** Nothing was measured. */
const NONE = "-";

const NUMBER = /^[\d,.]+(?: m?s)?$|^-?$/;

/** Columns of numbers are aligned to the right. `emphasized`: the index of a row in bold. */
export function numberTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  emphasized: number | null = null,
): string {
  const widths = widthsOf(heads, rows);
  const isNumeric = heads.map((_, i) => i > 0 && rows.every((row) => NUMBER.test(row[i] ?? "")));
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const padding = " ".repeat((widths[i] ?? 0) - widthOf(cell));
        return isNumeric[i] === true ? padding + cell : cell + padding;
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  const head = lineOf(heads);
  const lines = rows.map((row, i) => {
    const line = lineOf(row);
    return i === emphasized ? (style.chalk?.bold(line) ?? line) : line;
  });
  return [style.chalk?.dim(head) ?? head, ...lines].join("\n");
}

/** In columns of the terminal. */
export function widthOfTable(heads: readonly string[], rows: readonly (readonly string[])[]): number {
  return widthsOf(heads, rows).reduce((sum, width) => sum + width, GAP * (heads.length - 1));
}

function widthsOf(heads: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return heads.map((head, i) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[i] ?? ""))));
}

export function durationCell(ms: number | null): string {
  return ms === null ? NONE : fineDuration(ms);
}

/** A number per second. */
export function rateCell(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate));
}
