/**
 * Draws the bars of one row. Those of two pixels and more are drawn as they are; the others are added up in each column
 * of pixels, which is the stronger the more of its time they take.
 */
import type { Bars } from "./bars.ts";
import type { Pattern } from "./lock-styles.ts";
import type { Palette } from "./palette.ts";

export interface BarLook {
  readonly colour: string;
  readonly pattern: Pattern;
  /** An outline, and no fill but the pattern: of waits. */
  readonly isHollow: boolean;
  /** Null: no text. */
  readonly textOf: ((id: number) => string) | null;
}

export interface Place {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly fromUs: number;
  readonly toUs: number;
}

const WHOLE_FROM = 2;
const PATTERN_FROM = 5;
const TEXT_FROM = 26;
/** Of a column that is used, however little. */
const LEAST = 0.02;
/** By the part of its time that is taken. */
const STRENGTHS = [0.4, 0.6, 0.8, 1] as const;

/** For the next row: filled anew by each. */
let columns = new Float32Array(0);

export function paintBars(
  context: CanvasRenderingContext2D,
  bars: Bars,
  look: BarLook,
  place: Place,
  palette: Palette,
): void {
  const { left, width, top, height, fromUs, toUs } = place;
  const scale = width / (toUs - fromUs);
  const many = Math.ceil(width);
  if (columns.length < many + 1) columns = new Float32Array(many + 1);
  else columns.fill(0, 0, many + 1);
  let isMerged = false;
  const whole: number[] = [];
  bars.each(fromUs, toUs, (from, to, id) => {
    const start = (from - fromUs) * scale;
    const end = (to - fromUs) * scale;
    if (end - start >= WHOLE_FROM) {
      whole.push(Math.max(start, -4), Math.min(end, width + 4), id);
      return;
    }
    isMerged = true;
    const first = Math.min(many, Math.max(0, Math.floor(start)));
    const last = Math.min(many, Math.floor(end));
    for (let x = first; x <= last; x++) {
      const part = Math.min(end, x + 1) - Math.max(start, x);
      columns[x] = (columns[x] as number) + (x === first ? Math.max(part, LEAST) : part);
    }
  });
  const colour = palette.colour(look.colour);
  if (isMerged) paintColumns(context, colour, place, many);
  if (whole.length === 0) return;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (!look.isHollow) {
    for (let i = 0; i < whole.length; i += 3) {
      const start = whole[i] as number;
      context.fillRect(left + start, top, (whole[i + 1] as number) - start, height);
    }
  }
  const pattern = palette.pattern(look.pattern, look.isHollow ? colour : palette.colour("--on-bar"));
  if (pattern !== null) {
    context.globalAlpha = look.isHollow ? 0.9 : 0.45;
    context.fillStyle = pattern;
    for (let i = 0; i < whole.length; i += 3) {
      const start = whole[i] as number;
      const length = (whole[i + 1] as number) - start;
      if (length >= PATTERN_FROM || look.isHollow) context.fillRect(left + start, top, length, height);
    }
    context.globalAlpha = 1;
  }
  if (look.isHollow)
    for (let i = 0; i < whole.length; i += 3) {
      const start = whole[i] as number;
      context.strokeRect(left + start + 0.5, top + 0.5, Math.max(1, (whole[i + 1] as number) - start - 1), height - 1);
    }
  if (look.textOf !== null && height >= 10) paintTexts(context, whole, look, place, palette);
}

function paintColumns(context: CanvasRenderingContext2D, colour: string, place: Place, many: number): void {
  const { left, top, height } = place;
  context.fillStyle = colour;
  let start = 0;
  let strength = 0;
  for (let x = 0; x <= many; x++) {
    const part = columns[x] as number;
    const next = x === many || part === 0 ? 0 : (STRENGTHS[Math.min(3, Math.floor(part * 4))] as number);
    if (next === strength) continue;
    if (strength > 0) {
      context.globalAlpha = strength;
      context.fillRect(left + start, top, x - start, height);
    }
    start = x;
    strength = next;
  }
  context.globalAlpha = 1;
}

function paintTexts(
  context: CanvasRenderingContext2D,
  whole: readonly number[],
  { textOf, isHollow, colour }: BarLook,
  { left, width, top, height }: Place,
  palette: Palette,
): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let i = 0; i < whole.length; i += 3) {
    const start = Math.max(0, whole[i] as number);
    const room = Math.min(width, whole[i + 1] as number) - start - 8;
    if (room < TEXT_FROM) continue;
    const text = textOf?.(whole[i + 2] as number) ?? "";
    const shown = fitting(context, text, room);
    if (shown === "") continue;
    const length = context.measureText(shown).width;
    // A pattern behind letters makes them hard to read.
    context.fillStyle = palette.colour(isHollow ? "--panel" : colour);
    context.fillRect(left + start + 3, top + 1, length + 4, height - 2);
    context.fillStyle = palette.colour(isHollow ? "--fg" : "--on-bar");
    context.fillText(shown, left + start + 5, top + height / 2 + 0.5);
  }
}

/** The text, or its first part before a comma, where that has room. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const [first = ""] = text.split(",");
  return first !== text && context.measureText(first).width <= room ? first : "";
}
