/** Ends of bars that are not known look torn: the bar is a lower bound. */
import type { OpenEnds } from "../model.ts";
import type { BarPlace } from "./bar-painter.ts";

/** Narrower bars have none. */
const FROM = 6;
const DEPTH = 3;
/** Of a tooth. */
const HEIGHT = 4;

/** `whole`: left and right edge of each bar, and what it is. `colour`: of what is behind the bars. */
export function paintOpenEnds(
  context: CanvasRenderingContext2D,
  whole: readonly number[],
  openOf: (id: number) => OpenEnds,
  { left, top, height }: BarPlace,
  colour: string,
): void {
  context.fillStyle = colour;
  context.beginPath();
  for (let i = 0; i < whole.length; i += 3) {
    const [start, end] = [left + (whole[i] as number), left + (whole[i + 1] as number)];
    if (end - start < FROM) continue;
    const open = openOf(whole[i + 2] as number);
    if (open === "none") continue;
    tear(context, end + 1, -DEPTH - 1, top, height);
    if (open === "both") tear(context, start - 1, DEPTH + 1, top, height);
  }
  context.fill();
}

function tear(context: CanvasRenderingContext2D, x: number, depth: number, top: number, height: number): void {
  for (let y = 0; y < height; y += HEIGHT) {
    context.moveTo(x, top + y);
    context.lineTo(x + depth, top + Math.min(height, y + HEIGHT / 2));
    context.lineTo(x, top + Math.min(height, y + HEIGHT));
  }
}
