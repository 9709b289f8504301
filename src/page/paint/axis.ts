/** The axis of time: ticks, dates, changes of the clock, and the lines below them. */
import { clockChanges, timeTicks } from "../../render/page/time-ticks.ts";
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";

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

export function paintAxis({ context, palette }: Pen, scene: Scene): void {
  const { width, left } = scene;
  const { ticks, changes, us } = ticksOf(scene);
  context.fillStyle = palette.colour("--line");
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  let free = 0;
  for (const { atMs, text, date } of ticks) {
    const x = Math.round(xOf(scene, us(atMs)));
    context.fillStyle = palette.colour("--muted");
    context.fillRect(x, AXIS_HEIGHT - 6, 1, 6);
    context.fillStyle = palette.colour("--fg");
    if (x + context.measureText(text).width + 4 < width) context.fillText(text, x + 4, AXIS_HEIGHT - 8);
    if (date === null || x < free || x + 70 > width) continue;
    context.fillStyle = palette.colour("--muted");
    context.fillText(date, x + 4, AXIS_HEIGHT - 22);
    free = x + 75;
  }
  for (const { atMs, text } of changes) {
    const x = Math.round(xOf(scene, us(atMs)));
    context.fillStyle = palette.colour("--bad");
    context.fillRect(x, AXIS_HEIGHT - 20, 1, scene.height);
    const length = context.measureText(text).width;
    if (x < free) continue;
    context.fillText(text, x + 4 + length > width ? x - 4 - length : x + 4, AXIS_HEIGHT - 22);
    free = x + length + 10;
  }
  context.fillStyle = palette.colour("--muted");
  if (left > 60) context.fillText(scene.model.clock.zone, 8, AXIS_HEIGHT - 8);
}
