/** Who has which lane: beside it, or above it where there is little room. */
import type { Track } from "../tracks.ts";
import { AXIS_HEIGHT, FONT, type Pen, type Scene, visibleTracks } from "./scene.ts";
import { shortened, wrapped } from "./text-fit.ts";

const BOLD = "600 12px system-ui, sans-serif";
/** Of a label. */
const LINE = 14;

export function paintLabels(pen: Pen, scene: Scene): void {
  const { context, palette } = pen;
  const { left } = scene;
  context.textAlign = "left";
  context.textBaseline = "middle";
  if (left > 0) {
    context.fillStyle = palette.colour("--line");
    context.fillRect(left - 1, AXIS_HEIGHT, 1, scene.height);
  }
  for (const track of visibleTracks(scene)) {
    const top = AXIS_HEIGHT + track.top - scene.scrollTop;
    if (left === 0) paintAbove(pen, track, top, scene.width);
    else paintBeside(pen, track, top, left);
  }
  context.font = FONT;
}

function indentOf({ depth, isUnfolded }: Track): number {
  return 8 + (depth === 1 ? 16 : 0) + (isUnfolded === null ? 0 : 14);
}

function paintAbove({ context, palette }: Pen, track: Track, top: number, width: number): void {
  const indent = indentOf(track);
  const room = width - indent - 8;
  context.font = track.depth === 0 ? BOLD : FONT;
  const text = shortened(context, track.label, room * 0.75);
  const length = context.measureText(text).width;
  context.fillStyle = palette.colour("--panel");
  context.globalAlpha = 0.85;
  context.fillRect(0, top + 1, indent + length + 6, 16);
  context.globalAlpha = 1;
  context.fillStyle = palette.colour(track.depth === 0 ? "--fg" : "--muted");
  context.fillText(text, indent, top + 9);
  context.font = FONT;
  context.fillStyle = palette.colour("--muted");
  context.fillText(shortened(context, track.note, room - length - 8), indent + length + 8, top + 9);
  paintTriangle(context, track, top + 9);
}

function paintBeside({ context, palette }: Pen, track: Track, top: number, left: number): void {
  const indent = indentOf(track);
  const room = left - indent - 8;
  context.font = track.depth === 0 ? BOLD : FONT;
  const most = Math.max(1, Math.floor((track.height - 4) / LINE) - (track.note === "" ? 0 : 1));
  const lines = wrapped(context, track.label, room, most);
  const hasNote = track.note !== "" && track.height >= LINE * (lines.length + 1);
  let y = top + track.height / 2 - ((lines.length + (hasNote ? 1 : 0) - 1) * LINE) / 2;
  context.fillStyle = palette.colour("--muted");
  paintTriangle(context, track, y);
  context.fillStyle = palette.colour(track.depth === 0 ? "--fg" : "--muted");
  for (const text of lines) {
    context.fillText(text, indent, y);
    y += LINE;
  }
  if (!hasNote) return;
  context.font = FONT;
  context.fillStyle = palette.colour("--muted");
  context.fillText(shortened(context, track.note, room), indent, y);
}

function paintTriangle(context: CanvasRenderingContext2D, { isUnfolded }: Track, y: number): void {
  if (isUnfolded !== null) context.fillText(isUnfolded ? "\u25be" : "\u25b8", 8, y);
}
