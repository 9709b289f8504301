/**
 * Lines from who waits to who blocks. Of many, the longest waits have one, and those of the lanes that are looked at:
 * all of them would hide what they explain.
 */
import type { EventRef } from "../model.ts";
import { type Place, placeOf } from "../place.ts";
import type { Track } from "../tracks.ts";
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";

/** Shorter waits have no line of their own, unless they are selected. */
const LINE_FROM = 8;
/** Of all lanes; of those that are looked at. */
export const LONGEST_LINES = 20;
const MOST_LINES = 120;
/** The selected one, its lane, and the others. */
const STRENGTHS = { selected: 1, lane: 0.75, other: 0.4 };

export function paintArrows(pen: Pen, scene: Scene): void {
  const { context } = pen;
  const { model, view, selected, tracks, focused, hovered } = scene;
  const { waits } = model.data;
  const lookedAt = [focused, hovered].flatMap((index) => tracks[index ?? -1] ?? []);
  const scale = (scene.width - scene.left) / view.lengthUs;
  let others = 0;
  let own = 0;
  for (const id of model.longestWaits) {
    const length = waits.length[id] as number;
    if (length * scale < LINE_FROM || own >= MOST_LINES || (others >= LONGEST_LINES && lookedAt.length === 0)) break;
    const from = waits.from[id] as number;
    if (from > view.toUs || from + length < view.fromUs) continue;
    const isOwn = lookedAt.some((track) => concerns(scene, id, track));
    if (isOwn) own++;
    else if (others < LONGEST_LINES) others++;
    else continue;
    context.globalAlpha = isOwn ? STRENGTHS.lane : STRENGTHS.other;
    if (selected?.kind !== "wait" || selected.id !== id) paintArrowsOf(pen, scene, { kind: "wait", id }, 1);
  }
  context.globalAlpha = STRENGTHS.selected;
  if (selected !== null) paintArrowsOf(pen, scene, selected, 2.5);
}

/** It waits in this lane, or is behind it. */
function concerns({ model }: Scene, wait: number, { lanes, process }: Track): boolean {
  const isHere = (lane: number) => lanes.some(({ index }) => index === lane);
  if (isHere(model.data.waits.lane[wait] as number)) return true;
  const [first] = model.blockersOf({ kind: "wait", id: wait });
  if (first === undefined || model.data.blockers.process[first] !== process) return false;
  const lock = model.lockOfBlocker(first);
  return lock === null || isHere(model.laneOf(lock));
}

/** From a wait to the locks in its way. */
function paintArrowsOf(pen: Pen, scene: Scene, ref: EventRef, width: number): void {
  const { model, view } = scene;
  const { data } = model;
  const columns = ref.kind === "wait" ? data.waits : ref.kind === "refusal" ? data.refusals : null;
  const start = columns === null ? null : placeOf(scene.tracks, model, ref);
  if (columns === null || start === null) return;
  const at = columns.from[ref.id] as number;
  for (const blocker of model.blockersOf(ref).slice(0, width > 1 ? 8 : 1)) {
    const lock = model.lockOfBlocker(blocker);
    const end =
      lock === null ? trackOf(scene, data.blockers.process[blocker] as number) : placeOf(scene.tracks, model, lock);
    if (end === null) continue;
    // One that took the lock later came into the way later.
    const us = Math.max(at, data.blockers.from[blocker] as number);
    if (us < view.fromUs || us > view.toUs) continue;
    paintArrow(pen, xOf(scene, us), AXIS_HEIGHT - scene.scrollTop, start, end, width);
  }
}

type Edges = Pick<Place, "top" | "height">;

/** From edge to edge: what stands on the bars stays readable. `origin`: of the first track. */
function paintArrow({ context, palette }: Pen, x: number, origin: number, from: Edges, to: Edges, width: number): void {
  if (from.top === to.top) return;
  const direction = to.top > from.top ? 1 : -1;
  const start = origin + from.top + (direction > 0 ? from.height - 2 : 2);
  const end = origin + to.top + (direction > 0 ? 2 : to.height - 2);
  context.strokeStyle = palette.colour("--bad");
  context.fillStyle = palette.colour("--bad");
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, start);
  context.lineTo(x, end - direction * 6);
  context.stroke();
  context.beginPath();
  context.moveTo(x, end);
  context.lineTo(x - 3.5, end - direction * 7);
  context.lineTo(x + 3.5, end - direction * 7);
  context.fill();
  context.beginPath();
  context.arc(x, start, 2 + width / 2, 0, Math.PI * 2);
  context.fill();
}

/** Of a lock that is not listed, only its process is known; null: no lane has it. */
function trackOf({ tracks }: Scene, process: number): Edges | null {
  return tracks.find((each) => each.process === process) ?? null;
}
