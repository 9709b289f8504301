/** What lies above all bars: the ends of transactions, and the crosses of calls that ended without the lock. */
import { WAIT_OUTCOMES } from "../../render/page/data.ts";
import type { PlacedRow } from "./rows.ts";
import { type Pen, type Scene, xOf } from "./scene.ts";

const GAVE_UP = WAIT_OUTCOMES.indexOf("gave-up");
/** Narrower transactions have no ends. */
const BRACKETS_FROM = 4;
/** From the middle of a cross. */
const ARM = 3.5;

export function paintMarks(pen: Pen, scene: Scene, row: PlacedRow): void {
  const { kind } = row.bars;
  if (kind === "transaction") paintBrackets(pen, scene, row);
  else if (kind === "refusal" || kind === "wait") paintCrosses(pen, crossesOf(scene, row), row.y + row.height / 2);
}

function paintBrackets({ context, palette }: Pen, scene: Scene, { bars: { bars }, y, height }: PlacedRow): void {
  const scale = (scene.width - scene.left) / scene.view.lengthUs;
  context.fillStyle = palette.colour("--muted");
  bars.each(scene.view.fromUs, scene.view.toUs, (from, to) => {
    if ((to - from) * scale < BRACKETS_FROM) return;
    context.fillRect(xOf(scene, from), y + 1, 1.5, height - 1);
    context.fillRect(xOf(scene, to) - 1.5, y + 1, 1.5, height - 1);
  });
}

/** Where a call was refused, and where a wait ended without the lock. */
function crossesOf(scene: Scene, { bars: { kind, bars } }: PlacedRow): number[] {
  const { outcome } = scene.model.data.waits;
  const places: number[] = [];
  bars.each(scene.view.fromUs, scene.view.toUs, (from, to, id) => {
    if (kind === "refusal") places.push(xOf(scene, from));
    else if (outcome[id] === GAVE_UP) places.push(xOf(scene, to));
  });
  return places.sort((a, b) => a - b);
}

/** Of those that are nearer to each other than a cross is wide, one. */
function paintCrosses({ context, palette }: Pen, places: readonly number[], y: number): void {
  if (places.length === 0) return;
  context.beginPath();
  let last = Number.NEGATIVE_INFINITY;
  for (const x of places) {
    if (x < last + ARM * 2) continue;
    last = x;
    context.moveTo(x - ARM, y - ARM);
    context.lineTo(x + ARM, y + ARM);
    context.moveTo(x - ARM, y + ARM);
    context.lineTo(x + ARM, y - ARM);
  }
  context.lineWidth = 4.5;
  context.strokeStyle = palette.colour("--panel");
  context.stroke();
  context.lineWidth = 2.2;
  context.strokeStyle = palette.colour("--bad");
  context.stroke();
}
