/** Lines from who waits to who blocks. */
import type { EventRef } from "../model.ts";
import { placeOf } from "../place.ts";
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";

/** Shorter waits have no line of their own, unless they are selected. */
const LINE_FROM = 8;
const MOST_LINES = 120;

export function paintArrows(pen: Pen, scene: Scene): void {
  const { context } = pen;
  const { model, view, selected } = scene;
  const { waits } = model.data;
  const scale = (scene.width - scene.left) / view.lengthUs;
  let shown = 0;
  context.globalAlpha = 0.55;
  for (const id of model.longestWaits) {
    const length = (waits.length[id] as number) * scale;
    if (length < LINE_FROM || shown >= MOST_LINES) break;
    const from = waits.from[id] as number;
    if (from > view.toUs || from + (waits.length[id] as number) < view.fromUs) continue;
    shown++;
    if (selected?.kind !== "wait" || selected.id !== id) paintArrowsOf(pen, scene, { kind: "wait", id }, 1);
  }
  context.globalAlpha = 1;
  if (selected !== null) paintArrowsOf(pen, scene, selected, 2.5);
}

/** From the beginning of a wait to the lock in its way. */
function paintArrowsOf(pen: Pen, scene: Scene, ref: EventRef, width: number): void {
  const { model, view } = scene;
  const { data } = model;
  const start = rowOf(scene, ref);
  if (start === null) return;
  const columns = ref.kind === "wait" ? data.waits : ref.kind === "refusal" ? data.refusals : null;
  if (columns === null) return;
  const at = columns.from[ref.id] as number;
  for (const blocker of model.blockersOf(ref).slice(0, width > 1 ? 8 : 1)) {
    const lock = model.lockOfBlocker(blocker);
    const end = lock === null ? processRow(scene, data.blockers.process[blocker] as number) : rowOf(scene, lock);
    if (end === null) continue;
    // One that took the lock later came into the way later.
    const us = Math.max(at, data.blockers.from[blocker] as number);
    if (us < view.fromUs || us > view.toUs) continue;
    paintArrow(pen, xOf(scene, us), start, end, width);
  }
}

function paintArrow({ context, palette }: Pen, x: number, from: number, to: number, width: number): void {
  if (from === to) return;
  const direction = to > from ? 1 : -1;
  context.strokeStyle = palette.colour("--bad");
  context.fillStyle = palette.colour("--bad");
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, from);
  context.lineTo(x, to - direction * 6);
  context.stroke();
  context.beginPath();
  context.moveTo(x, to);
  context.lineTo(x - 3.5, to - direction * 7);
  context.lineTo(x + 3.5, to - direction * 7);
  context.fill();
  context.beginPath();
  context.arc(x, from, 2 + width / 2, 0, Math.PI * 2);
  context.fill();
}

/** The middle of the row that has it; null: no lane does. */
function rowOf(scene: Scene, ref: EventRef): number | null {
  const place = placeOf(scene.tracks, scene.model, ref);
  return place === null ? null : AXIS_HEIGHT + place.top + place.height / 2 - scene.scrollTop;
}

function processRow({ tracks, scrollTop }: Scene, process: number): number | null {
  const track = tracks.find((each) => each.process === process);
  return track === undefined ? null : AXIS_HEIGHT + track.top + track.height / 2 - scrollTop;
}
