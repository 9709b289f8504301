/** What stands on bars that have the room. */
import type { BarPlace, BarRow } from "./bar-painter.ts";
import type { Palette } from "./palette.ts";

/** From the edge of a bar to its text; less room than that is none. */
const MARGIN = 5;
const TEXT_FROM = 26;
/** Of a bar. */
const LEAST_HEIGHT = 10;
/** From the middle of a cross to a text. */
const CROSS = 5;

/** `rows`: all that are drawn. No text stands where a bar of another one is, whose text it would seem to be. */
export function paintTexts(
  context: CanvasRenderingContext2D,
  row: BarRow,
  rows: readonly BarRow[],
  palette: Palette,
): void {
  const { whole, look, place } = row;
  const { left, width, top, height, crosses } = place;
  if (look.textOf === null || height < LEAST_HEIGHT) return;
  const beside = rows.filter((other) => other !== row && isOver(other.place, place));
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let i = 0; i < whole.length; i += 3) {
    const end = left + Math.min(width, whole[i + 1] as number) - 3;
    const start = left + Math.max(0, whole[i] as number) + MARGIN;
    if (end - start < TEXT_FROM) continue;
    const found = freePlace(context, look.textOf(whole[i + 2] as number), start, end, crosses);
    if (found === null) continue;
    const { x, text, length } = found;
    if (beside.some((other) => hasBar(other, x - 2 - left, x + length + 2 - left))) continue;
    // A pattern behind letters makes them hard to read.
    context.fillStyle = palette.colour(look.isHollow ? "--panel" : look.colour);
    context.fillRect(x - 2, top + 1, length + 4, height - 2);
    context.fillStyle = palette.colour(look.isHollow ? "--fg" : "--on-bar");
    context.fillText(text, x, top + height / 2 + 0.5);
  }
}

function isOver(a: BarPlace, b: BarPlace): boolean {
  return a.top < b.top + b.height && b.top < a.top + a.height;
}

/** From the left edge of the bars. */
function hasBar({ whole }: BarRow, from: number, to: number): boolean {
  for (let i = 0; i < whole.length; i += 3)
    if ((whole[i] as number) < to && (whole[i + 1] as number) > from) return true;
  return false;
}

/** Before the first cross on the bar, or after one; null: there is no room. */
function freePlace(
  context: CanvasRenderingContext2D,
  text: string,
  start: number,
  end: number,
  crosses: readonly number[],
): { readonly x: number; readonly text: string; readonly length: number } | null {
  let x = start;
  for (const cross of [...crosses.filter((each) => each > start - CROSS && each < end + CROSS), end + CROSS]) {
    const shown = cross - CROSS - x < TEXT_FROM ? "" : fitting(context, text, cross - CROSS - x);
    if (shown !== "") return { x, text: shown, length: context.measureText(shown).width };
    x = Math.max(x, cross + CROSS);
  }
  return null;
}

/** The text, or its first part before a comma, where that has room. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const [first = ""] = text.split(",");
  return first !== text && context.measureText(first).width <= room ? first : "";
}
