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
  const hatch = look.isHollow ? palette.pattern(look.pattern, colour) : null;
  if (isMerged) paintColumns(context, colour, place, many, hatch);
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

/** Each run of columns of the same strength is one rectangle; where there are many, all are one picture. */
function paintColumns(
  context: CanvasRenderingContext2D,
  colour: string,
  place: Place,
  many: number,
  hatch: CanvasPattern | null,
): void {
  const { left, top, height } = place;
  const runs: number[] = [];
  let start = 0;
  let strength = 0;
  for (let x = 0; x <= many; x++) {
    const part = columns[x] as number;
    const next = x === many || part === 0 ? 0 : (STRENGTHS[Math.min(3, Math.floor(part * 4))] as number);
    if (next === strength) continue;
    if (strength > 0) runs.push(start, x, strength);
    start = x;
    strength = next;
  }
  if (runs.length > MOST_RECTANGLES * 3 && paintPicture(context, colour, runs, place, many, hatch)) return;
  context.fillStyle = hatch ?? colour;
  for (let i = 0; i < runs.length; i += 3) {
    const from = runs[i] as number;
    context.globalAlpha = runs[i + 2] as number;
    context.fillRect(left + from, top, (runs[i + 1] as number) - from, height);
  }
  context.globalAlpha = 1;
}

const MOST_RECTANGLES = 40;
/** One line of pixels, which is drawn as high as the bar. */
let line: CanvasRenderingContext2D | null = null;

/** @returns false: the colour is not known by its parts */
function paintPicture(
  context: CanvasRenderingContext2D,
  colour: string,
  runs: readonly number[],
  { left, top, height }: Place,
  many: number,
  hatch: CanvasPattern | null,
): boolean {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  if (line === null || line.canvas.width < many) {
    const canvas = document.createElement("canvas");
    canvas.width = many;
    canvas.height = 1;
    line = canvas.getContext("2d", { willReadFrequently: true });
  }
  if (parts === null || line === null) return false;
  const [red, green, blue] = parts.slice(1).map((part) => Number.parseInt(part, 16)) as [number, number, number];
  const image = new ImageData(many, 1);
  for (let i = 0; i < runs.length; i += 3) {
    const alpha = Math.round((runs[i + 2] as number) * 255);
    for (let x = runs[i] as number; x < (runs[i + 1] as number); x++) image.data.set([red, green, blue, alpha], x * 4);
  }
  line.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  if (hatch === null) context.drawImage(line.canvas, 0, 0, many, 1, left, top, many, height);
  else context.drawImage(hatched(line.canvas, hatch, many, height), 0, 0, many, height, left, top, many, height);
  return true;
}

let sheet: CanvasRenderingContext2D | null = null;

/** The hatching where the line has a colour. */
function hatched(of: HTMLCanvasElement, hatch: CanvasPattern, width: number, height: number): HTMLCanvasElement {
  const canvas = sheet?.canvas ?? document.createElement("canvas");
  canvas.width = Math.max(canvas.width, width);
  canvas.height = Math.max(canvas.height, height);
  sheet ??= canvas.getContext("2d");
  if (sheet === null) return of;
  sheet.imageSmoothingEnabled = false;
  sheet.globalCompositeOperation = "copy";
  sheet.drawImage(of, 0, 0, width, 1, 0, 0, width, height);
  sheet.globalCompositeOperation = "source-in";
  sheet.fillStyle = hatch;
  sheet.fillRect(0, 0, width, height);
  return canvas;
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
