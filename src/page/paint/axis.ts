/** The axis of time: ticks, dates, changes of the clock, and the lines below them. */
import { clockChanges, timeTicks } from "../../render/page/time-ticks.ts";
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";
import { shortened } from "./text-fit.ts";

function ticksOf({ model, view, width, left }: Scene) {
  const ms = (us: number) => model.data.fromMs + us / 1_000;
  const most = Math.max(2, Math.floor((width - left) / 92));
  return {
    ticks: timeTicks(model.clock, ms(view.fromUs), ms(view.toUs), most),
    changes: clockChanges(model.clock, ms(view.fromUs), ms(view.toUs)),
    us: (atMs: number) => (atMs - model.data.fromMs) * 1_000,
  };
}

export function paintGrid({ context, palette }: Pen, scene: Scene): void {
  const { ticks, us } = ticksOf(scene);
  context.fillStyle = palette.colour("--line");
  for (const { atMs } of ticks) context.fillRect(Math.round(xOf(scene, us(atMs))), AXIS_HEIGHT, 1, scene.height);
}

export function paintAxis(pen: Pen, scene: Scene): void {
  const { context, palette } = pen;
  const { width, left } = scene;
  const { ticks, changes, us } = ticksOf(scene);
  context.fillStyle = palette.colour("--line");
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  const taken = paintChanges(
    pen,
    scene,
    changes.map(({ atMs, text }) => ({ x: Math.round(xOf(scene, us(atMs))), text })),
  );
  let free = 0;
  let freeText = 0;
  for (const { atMs, text, date } of ticks) {
    const x = Math.round(xOf(scene, us(atMs)));
    context.fillStyle = palette.colour("--muted");
    context.fillRect(x, AXIS_HEIGHT - 6, 1, 6);
    context.fillStyle = palette.colour("--fg");
    const end = x + context.measureText(text).width + 4;
    if (x >= freeText && end < width) {
      context.fillText(text, x + 4, AXIS_HEIGHT - 8);
      freeText = end + 4;
    }
    const isTaken = taken.some(([start, end]) => x + 75 > start && x < end);
    if (date === null || x < free || x + 70 > width || isTaken) continue;
    context.fillStyle = palette.colour("--muted");
    context.fillText(date, x + 4, AXIS_HEIGHT - 22);
    free = x + 75;
  }
  context.fillStyle = palette.colour("--muted");
  if (left > 60) context.fillText(shortened(context, scene.model.clock.zone, left - 12), 8, AXIS_HEIGHT - 8);
}

interface Change {
  readonly x: number;
  readonly text: string;
}

/** Rarer than dates, and without them times would be misread: they have the room first. Returns what they take. */
function paintChanges({ context, palette }: Pen, scene: Scene, changes: readonly Change[]): [number, number][] {
  const taken: [number, number][] = [];
  let free = Number.NEGATIVE_INFINITY;
  context.fillStyle = palette.colour("--bad");
  for (const { x, text } of changes) {
    if (x < scene.left) continue;
    context.fillRect(x, AXIS_HEIGHT, 1, scene.height);
    const length = context.measureText(text).width;
    const start = x + 4 + length > scene.width ? x - 4 - length : x + 4;
    if (start < free) continue;
    // Between the two stand the times.
    context.fillRect(x, AXIS_HEIGHT - 31, 1, 11);
    context.fillText(text, start, AXIS_HEIGHT - 22);
    free = start + length + 6;
    taken.push([start - 6, free]);
  }
  return taken;
}
