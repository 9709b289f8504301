/** The colours of the style, and patterns made of them. Read anew when the theme changes. */
import type { Pattern } from "../lock-styles.ts";

const NAMES = [
  ...["--fg", "--muted", "--line", "--panel", "--bg", "--accent", "--bad", "--zone", "--stripe"],
  ...["--write", "--pending", "--exclusive", "--read", "--checkpoint", "--open", "--foreign", "--on-bar"],
] as const;

export class Palette {
  readonly #colours = new Map<string, string>();
  readonly #patterns = new Map<string, CanvasPattern | null>();
  readonly #context: CanvasRenderingContext2D;
  readonly #scale: number;

  /** `scale`: pixels of the device in one of the page. */
  constructor(element: Element, context: CanvasRenderingContext2D, scale: number) {
    const style = getComputedStyle(element);
    for (const name of NAMES) this.#colours.set(name, style.getPropertyValue(name).trim());
    this.#context = context;
    this.#scale = scale;
  }

  colour(name: string): string {
    return this.#colours.get(name) ?? "#888";
  }

  /** Lies on a bar of any colour. Null: plain. */
  pattern(pattern: Pattern, colour: string): CanvasPattern | null {
    if (pattern === "plain") return null;
    const key = `${pattern} ${colour}`;
    const known = this.#patterns.get(key);
    if (known !== undefined) return known;
    const made = this.#context.createPattern(tile(pattern, colour, this.#scale), "repeat");
    made?.setTransform(new DOMMatrix().scale(1 / this.#scale));
    this.#patterns.set(key, made);
    return made;
  }
}

const SIZE = 8;

function tile(pattern: Pattern, colour: string, scale: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE * scale;
  canvas.height = SIZE * scale;
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  context.scale(scale, scale);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.3;
  DRAW[pattern](context);
  return canvas;
}

type Draw = (context: CanvasRenderingContext2D) => void;

const DRAW: Readonly<Record<Pattern, Draw>> = {
  plain: () => {},
  dots: (context) => {
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ] as const) {
      context.beginPath();
      context.arc(x, y, 1.1, 0, Math.PI * 2);
      context.fill();
    }
  },
  bars: (context) => strokes(context, [2, 0, 2, SIZE], [6, 0, 6, SIZE]),
  lines: (context) => strokes(context, [0, 2, SIZE, 2], [0, 6, SIZE, 6]),
  cross: (context) => strokes(context, [-1, -1, SIZE + 1, SIZE + 1], [-1, SIZE + 1, SIZE + 1, -1]),
  checks: (context) => {
    context.fillRect(0, 0, SIZE / 2, SIZE / 2);
    context.fillRect(SIZE / 2, SIZE / 2, SIZE / 2, SIZE / 2);
  },
  // Three, so that the corners of the tile meet.
  diagonal: (context) => {
    context.lineWidth = 2;
    strokes(context, [-2, 2, 2, -2], [-2, SIZE + 2, SIZE + 2, -2], [SIZE - 2, SIZE + 2, SIZE + 2, SIZE - 2]);
  },
};

function strokes(
  context: CanvasRenderingContext2D,
  ...lines: readonly (readonly [number, number, number, number])[]
): void {
  context.beginPath();
  for (const [x1, y1, x2, y2] of lines) {
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
  }
  context.stroke();
}
