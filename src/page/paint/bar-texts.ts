/** What stands on bars that have the room. */
import type { BarLook, BarPlace } from "./bar-painter.ts";
import type { Palette } from "./palette.ts";

/** From the edge of a bar to its text; less room than that is none. */
const MARGIN = 5;
const TEXT_FROM = 26;
/** From the middle of a cross to a text. */
const CROSS = 5;

/** `whole`: left and right edge of each bar, and what it is. */
export function paintTexts(
  context: CanvasRenderingContext2D,
  whole: readonly number[],
  { textOf, isHollow, colour }: BarLook,
  { left, width, top, height, crosses }: BarPlace,
  palette: Palette,
): void {
  if (textOf === null) return;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let i = 0; i < whole.length; i += 3) {
    const end = left + Math.min(width, whole[i + 1] as number) - 3;
    const start = left + Math.max(0, whole[i] as number) + MARGIN;
    if (end - start < TEXT_FROM) continue;
    const found = freePlace(context, textOf(whole[i + 2] as number), start, end, crosses);
    if (found === null) continue;
    const { x, text, length } = found;
    // A pattern behind letters makes them hard to read.
    context.fillStyle = palette.colour(isHollow ? "--panel" : colour);
    context.fillRect(x - 2, top + 1, length + 4, height - 2);
    context.fillStyle = palette.colour(isHollow ? "--fg" : "--on-bar");
    context.fillText(text, x, top + height / 2 + 0.5);
  }
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
