/**
 * Draws the bars of one row. Those of two pixels and more are drawn as they are; the others are added up in each column
 * of pixels, which is the stronger the more of its time they take.
 */
import type { Bars } from "../bars.ts";
import type { Pattern } from "../lock-styles.ts";
import type { OpenEnds } from "../model.ts";
import { paintTexts } from "./bar-texts.ts";
import { paintOpenEnds } from "./open-ends.ts";
import type { Palette } from "./palette.ts";

export interface BarLook {
  readonly colour: string;
  readonly pattern: Pattern;
  /** An outline, and no fill but the pattern: of waits. */
  readonly isHollow: boolean;
  /** Null: no text. */
  readonly textOf: ((id: number) => string) | null;
  /** Which ends are not known: they are torn. Null: none. */
  readonly openOf: ((id: number) => OpenEnds) | null;
}

export interface BarPlace {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** From the left edge of the canvas, ascending: no text stands there. */
  readonly crosses: readonly number[];
}

const WHOLE_FROM = 2;
const PATTERN_FROM = 5;
/** Of a column that is used, however little. */
const LEAST = 0.02;
/** By the part of its time that is taken. */
const STRENGTHS = [0.4, 0.6, 0.8, 1] as const;

export interface BarRow {
  readonly look: BarLook;
  readonly place: BarPlace;
  /** Columns of the same strength: the first one, the one after the last, the strength. */
  readonly runs: readonly number[];
  /** Bars that are drawn as they are: left and right edge, and what it is. */
  readonly whole: readonly number[];
}

/** Takes all rows of a picture, and draws them at once: each picture that is handed to the canvas costs. */
export class BarPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #palette: Palette;
  #rows: BarRow[] = [];
  /** For the next row: filled anew by each. */
  #columns = new Float32Array(0);
  /** A line of pixels for each row that has many columns. */
  #sheet: CanvasRenderingContext2D | null = null;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
  }

  add(bars: Bars, look: BarLook, place: BarPlace): void {
    const { width, fromUs, toUs } = place;
    const scale = width / (toUs - fromUs);
    const many = Math.ceil(width);
    if (this.#columns.length < many + 1) this.#columns = new Float32Array(many + 1);
    else this.#columns.fill(0, 0, many + 1);
    const columns = this.#columns;
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
    const runs = isMerged ? runsOf(columns, many) : [];
    if (runs.length + whole.length > 0) this.#rows.push({ look, place, runs, whole });
  }

  paint(): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#paintRuns(rows);
    const drawn = rows.filter(({ whole }) => whole.length > 0);
    for (const { look, place, whole } of drawn) {
      this.#paintWhole(whole, look, place);
      if (look.openOf !== null)
        paintOpenEnds(this.#context, whole, look.openOf, place, this.#palette.colour("--panel"));
    }
    for (const row of drawn) paintTexts(this.#context, row, drawn, this.#palette);
  }

  #paintRuns(rows: readonly BarRow[]): void {
    const context = this.#context;
    const large = rows.filter(({ runs, look }) => {
      return runs.length > MOST_RECTANGLES * 3 && colourOf(this.#palette.colour(look.colour)) !== null;
    });
    const sheet = this.#drawSheet(large);
    context.imageSmoothingEnabled = false;
    const inSheet = new Set(sheet === null ? [] : large);
    for (const row of rows) if (!inSheet.has(row)) this.#paintRectangles(row.look, row.place, row.runs);
    if (sheet === null) return;
    large.forEach(({ place: { left, top, width, height }, look }, i) => {
      const many = Math.ceil(width);
      for (const [y, part] of stripes(look, height))
        context.drawImage(sheet.canvas, 0, i, many, 1, left, top + y, many, part);
    });
  }

  #paintRectangles(look: BarLook, { left, top, height }: BarPlace, runs: readonly number[]): void {
    const context = this.#context;
    context.fillStyle = this.#palette.colour(look.colour);
    for (const [y, part] of stripes(look, height))
      for (let i = 0; i < runs.length; i += 3) {
        const from = runs[i] as number;
        context.globalAlpha = runs[i + 2] as number;
        context.fillRect(left + from, top + y, (runs[i + 1] as number) - from, part);
      }
    context.globalAlpha = 1;
  }

  /** Null: no row needs it. */
  #drawSheet(rows: readonly BarRow[]): CanvasRenderingContext2D | null {
    if (rows.length === 0) return null;
    const many = Math.max(...rows.map(({ place }) => Math.ceil(place.width)));
    const canvas = this.#sheet?.canvas ?? document.createElement("canvas");
    if (canvas.width < many || canvas.height < rows.length) {
      canvas.width = Math.max(canvas.width, many);
      canvas.height = Math.max(canvas.height, rows.length);
    }
    this.#sheet ??= canvas.getContext("2d");
    if (this.#sheet === null) return null;
    const image = new ImageData(many, rows.length);
    const pixels = new Uint32Array(image.data.buffer);
    rows.forEach(({ runs, look }, y) => {
      const colour = colourOf(this.#palette.colour(look.colour)) ?? 0;
      for (let i = 0; i < runs.length; i += 3) {
        const alpha = Math.round((runs[i + 2] as number) * 255);
        pixels.fill((alpha << 24) | colour, y * many + (runs[i] as number), y * many + (runs[i + 1] as number));
      }
    });
    this.#sheet.putImageData(image, 0, 0);
    return this.#sheet;
  }

  #paintWhole(whole: readonly number[], look: BarLook, { left, top, height }: BarPlace): void {
    const context = this.#context;
    const colour = this.#palette.colour(look.colour);
    context.fillStyle = colour;
    if (!look.isHollow)
      for (let i = 0; i < whole.length; i += 3) {
        const start = whole[i] as number;
        context.fillRect(left + start, top, (whole[i + 1] as number) - start, height);
      }
    const pattern = this.#palette.pattern(look.pattern, look.isHollow ? colour : this.#palette.colour("--on-bar"));
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
    if (!look.isHollow) return;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    for (let i = 0; i < whole.length; i += 3) {
      const start = whole[i] as number;
      context.strokeRect(left + start + 0.5, top + 0.5, Math.max(1, (whole[i + 1] as number) - start - 1), height - 1);
    }
  }
}

/** Fewer are drawn one by one. */
const MOST_RECTANGLES = 40;

function runsOf(columns: Float32Array, many: number): number[] {
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
  return runs;
}

/** Top and height of what is drawn: columns of waits are stripes, which leave the locks below them to be seen. */
function stripes({ isHollow }: BarLook, height: number): readonly (readonly [number, number])[] {
  if (!isHollow) return [[0, height]];
  return Array.from({ length: Math.max(1, Math.floor(height / 6)) }, (_, i) => [i * 6 + 1, 2] as const);
}

/** As ImageData has it in memory, without its alpha; null: the colour is not `#rrggbb`. */
function colourOf(colour: string): number | null {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  if (parts === null) return null;
  const [red, green, blue] = parts.slice(1).map((part) => Number.parseInt(part, 16)) as [number, number, number];
  return (blue << 16) | (green << 8) | red;
}
