/** How wide each column of a table becomes, and how its text is broken into lines. Pure. */
import { LineFiller } from "./line-filler.ts";
import widthOf from "./width.ts";

export interface ColumnShape {
  readonly header: string;
  readonly texts: readonly string[];
  readonly cut: boolean;
  /** See {@link naturalWidth}, where it is known already. */
  readonly natural?: number;
  /** Of a column that may be cut: how narrow it becomes where no list then has to break into lines. */
  readonly least?: number;
}

/** How narrow a column that may be cut becomes: first, and where that is not enough. */
const MIN_CUT_WIDTH = 24;
const MIN_CUT_WIDTH_AT_LAST = 8;

/**
 * Widths that add up to `available` (without the gaps): first long columns that may be cut shrink, then lists break
 * into lines, then the cut ones shrink more. Nothing else is shortened: in a terminal that is too narrow, the table is
 * wider than it.
 */
export function fitColumns(columns: readonly ColumnShape[], available: number): number[] {
  const widths = columns.map((column) => column.natural ?? naturalWidth(column));
  const excess = () => widths.reduce((sum, width) => sum + width, 0) - available;
  const shrink = (floor: (i: number) => number) => {
    const floors = widths.map((_, i) => floor(i));
    while (excess() > 0) {
      const open = widths.flatMap((width, i) => (width > (floors[i] ?? 0) ? [{ i, width }] : []));
      const [first, second] = open.sort((a, b) => b.width - a.width);
      if (first === undefined) return;
      // one by one where several are the widest
      const least = Math.max(floors[first.i] ?? 0, second?.width ?? 0);
      widths[first.i] = first.width - Math.max(1, Math.min(excess(), first.width - least));
    }
  };
  const header = (i: number) => widthOf(columns[i]?.header ?? "");
  const width = (i: number) => widths[i] ?? 0;
  const isCut = (i: number) => columns[i]?.cut === true;
  shrink((i) => (isCut(i) ? Math.max(header(i), MIN_CUT_WIDTH) : width(i)));
  const least = (i: number) => (isCut(i) ? Math.max(header(i), columns[i]?.least ?? MIN_CUT_WIDTH) : width(i));
  const reserve = widths.reduce((sum, each, i) => sum + Math.max(0, each - least(i)), 0);
  if (reserve >= excess()) shrink(least);
  if (excess() <= 0) return widths;
  const minWidths = columns.map(({ header, texts, cut: mayCut }) =>
    mayCut ? 0 : widest([header, ...texts.flatMap(breakable)]),
  );
  shrink((i) => (isCut(i) ? width(i) : (minWidths[i] ?? 0)));
  shrink((i) => (isCut(i) ? Math.max(header(i), MIN_CUT_WIDTH_AT_LAST) : width(i)));
  return widths;
}

/** With nothing cut or broken into lines. */
export function naturalWidth({ header, texts }: Pick<ColumnShape, "header" | "texts">): number {
  return widest([header, ...texts]);
}

/** Not by Math.max: a hostile text has more pieces than a call may have arguments. */
function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

/** After a comma, a hyphen or a space, but not between a number and its unit. */
const BREAKS = /(?<=[,-])|(?<= )(?!(?:s|m|h|d)\b)/;

/** The pieces of a text between which a line may end. */
function breakable(text: string): string[] {
  return text.split(BREAKS).map((piece) => piece.trimEnd());
}

/** Lines of at most `width` columns; a piece that is longer keeps its length. */
export function wrap(text: string, width: number): string {
  const lines = new LineFiller(width);
  for (const piece of text.split(BREAKS)) {
    if (!lines.isEmpty && !lines.hasRoomFor(piece)) lines.next("", width);
    lines.add(piece);
  }
  return lines.text();
}

/** At most `width` columns, with `ellipsis` at the end of what was cut. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  let short = "";
  let room = width - widthOf(ellipsis);
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    short += segment;
  }
  return short + ellipsis;
}
