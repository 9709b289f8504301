/** What lies above all bars: the ends of transactions, and the crosses of calls that ended without the lock. */
import { WAIT_OUTCOMES } from "../../render/page/data.ts";
import type { PlacedRow } from "./rows.ts";
import { type Pen, type Scene, xOf } from "./scene.ts";

const GAVE_UP = WAIT_OUTCOMES.indexOf("gave-up");
/** Narrower transactions have no ends. */
const BRACKETS_FROM = 4;
/** From the middle of a cross. */
const ARM = 3.5;
const STROKE = 1.5;

/** By the upper edge of their row: from the left to the right. */
export type Crosses = ReadonlyMap<number, readonly number[]>;

/** Where a call was refused, and where a wait ended without the lock. */
export function crossesOf(scene: Scene, rows: readonly PlacedRow[]): Crosses {
  const { outcome } = scene.model.data.waits;
  const { fromUs, toUs } = scene.view;
  const crosses = new Map<number, number[]>();
  for (const { bars, rowTop } of rows) {
    if (bars.kind !== "refusal" && bars.kind !== "wait") continue;
    const places = crosses.get(rowTop) ?? [];
    crosses.set(rowTop, places);
    bars.bars.each(fromUs, toUs, (from, to, id) => {
      if (bars.kind === "refusal") places.push(xOf(scene, from));
      else if (outcome[id] === GAVE_UP) places.push(xOf(scene, to));
    });
  }
  for (const places of crosses.values()) places.sort((a, b) => a - b);
  return crosses;
}

export function paintMarks(pen: Pen, scene: Scene, rows: readonly PlacedRow[], crosses: Crosses): void {
  for (const row of rows) if (row.bars.kind === "transaction") paintBrackets(pen, scene, row);
  const done = new Set<number>();
  for (const row of rows) {
    const { kind } = row.bars;
    if ((kind !== "refusal" && kind !== "wait") || done.has(row.rowTop)) continue;
    done.add(row.rowTop);
    paintCrosses(pen, crosses.get(row.rowTop) ?? [], row.y + row.height / 2);
  }
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

/** Many without room for a cross each are strokes: crosses would hide how many they are. */
function paintCrosses({ context, palette }: Pen, places: readonly number[], y: number): void {
  if (places.length === 0) return;
  context.beginPath();
  const strokes: number[] = [];
  for (const group of groupsOf(places)) {
    const [x = 0] = group;
    if ((group.at(-1) ?? x) - x > ARM * 3) {
      strokes.push(...group);
      continue;
    }
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
  context.fillStyle = palette.colour("--bad");
  let free = Number.NEGATIVE_INFINITY;
  for (const x of strokes) {
    if (x < free) continue;
    free = x + STROKE;
    context.fillRect(x - STROKE / 2, y - ARM, STROKE, ARM * 2);
  }
}

/** Those that are nearer to each other than a cross is wide. */
function groupsOf(places: readonly number[]): number[][] {
  const groups: number[][] = [];
  let group: number[] = [];
  for (const x of places) {
    const last = group.at(-1);
    if (last !== undefined && x - last < ARM * 2) group.push(x);
    else {
      group = [x];
      groups.push(group);
    }
  }
  return groups;
}
