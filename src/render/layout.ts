/** How wide each column of a table becomes, and how its text is broken into lines. Pure. */
import widthOf from "./width.ts";

export interface ColumnShape {
  readonly header: string;
  readonly texts: readonly string[];
  readonly cut: boolean;
}

/** How narrow a column that may be cut becomes: first, and where that is not enough. */
const MIN_CUT_WIDTH = 24;
const MIN_CUT_WIDTH_AT_LAST = 8;

/**
 * Widths that add up to `available` (without the gaps): first long columns that may be cut shrink, then lists break
 * into lines, then the cut ones shrink more. Nothing else is shortened: in too narrow a terminal the table is wider.
 */
export function fitColumns(columns: readonly ColumnShape[], available: number): number[] {
  const widths = columns.map(({ header, texts }) => Math.max(widthOf(header), ...texts.map(widthOf)));
  const minWidths = columns.map(({ header, texts }) =>
    Math.max(widthOf(header), ...texts.flatMap((text) => breakable(text).map(widthOf))),
  );
  const excess = () => widths.reduce((sum, width) => sum + width, 0) - available;
  const shrink = (floor: (i: number) => number) => {
    while (excess() > 0) {
      const widest = widths.reduce(
        (best, width, i) => (width > floor(i) && (best < 0 || width > (widths[best] ?? 0)) ? i : best),
        -1,
      );
      if (widest < 0) return;
      widths[widest] = Math.max(floor(widest), (widths[widest] ?? 0) - 1);
    }
  };
  const header = (i: number) => widthOf(columns[i]?.header ?? "");
  const width = (i: number) => widths[i] ?? 0;
  shrink((i) => (columns[i]?.cut === true ? Math.max(header(i), MIN_CUT_WIDTH) : width(i)));
  shrink((i) => (columns[i]?.cut === true ? width(i) : (minWidths[i] ?? 0)));
  shrink((i) => (columns[i]?.cut === true ? Math.max(header(i), MIN_CUT_WIDTH_AT_LAST) : width(i)));
  return widths;
}

/** After a comma, a hyphen or a space, but not between a number and its unit. */
const BREAKS = /(?<=[,-])|(?<= )(?!(?:s|m|h|d)\b)/;

/** The pieces of a text between which a line may end. */
function breakable(text: string): string[] {
  return text.split(BREAKS).map((piece) => piece.trimEnd());
}

/** Lines of at most `width` columns; a piece that is longer keeps its length. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(BREAKS)) {
    if (line !== "" && widthOf((line + piece).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  lines.push(line.trimEnd());
  return lines.join("\n");
}

/** At most `width` columns, with `ellipsis` at the end of what was cut. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (widthOf(short + segment) > width - widthOf(ellipsis)) break;
    short += segment;
  }
  return short + ellipsis;
}
