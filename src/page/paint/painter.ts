/** Draws the timeline on a canvas, from what lies below to what lies above. */
import { placeOf } from "../place.ts";
import { paintArrows } from "./arrows.ts";
import { paintAxis, paintGrid } from "./axis.ts";
import { BarPainter } from "./bar-painter.ts";
import { paintLabels } from "./labels.ts";
import { paintRow } from "./lanes.ts";
import { crossesOf, paintMarks } from "./marks.ts";
import type { Palette } from "./palette.ts";
import { placedRows } from "./rows.ts";
import { AXIS_HEIGHT, FONT, type Pen, type Scene, visibleTracks, xOf } from "./scene.ts";
import { paintZones, paintZoneTexts } from "./zones.ts";

export class Painter {
  readonly #pen: Pen;
  readonly #bars: BarPainter;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#pen = { context, palette };
    this.#bars = new BarPainter(context, palette);
  }

  paint(scene: Scene): void {
    const pen = this.#pen;
    const { context, palette } = pen;
    const { width, height, left } = scene;
    context.font = FONT;
    context.fillStyle = palette.colour("--panel");
    context.fillRect(0, 0, width, height);
    context.save();
    clip(context, 0, AXIS_HEIGHT, width, height - AXIS_HEIGHT);
    paintStripes(pen, scene);
    context.save();
    clip(context, left, AXIS_HEIGHT, width - left, height - AXIS_HEIGHT);
    paintGrid(pen, scene);
    paintZones(pen, scene);
    const rows = visibleTracks(scene).flatMap((track) => placedRows(scene, track));
    const crosses = crossesOf(scene, rows);
    for (const row of rows) paintRow(pen, this.#bars, scene, row, crosses.get(row.rowTop) ?? []);
    this.#bars.paint();
    paintMarks(pen, scene, rows, crosses);
    paintArrows(pen, scene);
    paintSelection(pen, scene);
    paintZoneTexts(pen, scene);
    context.restore();
    paintLabels(pen, scene);
    context.restore();
    paintAxis(pen, scene);
  }
}

function clip(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
}

function paintStripes({ context, palette }: Pen, { tracks, scrollTop, width, focused, height }: Scene): void {
  for (const [i, track] of tracks.entries()) {
    const top = AXIS_HEIGHT + track.top - scrollTop;
    if (top > height || top + track.height < AXIS_HEIGHT) continue;
    if (i === focused) {
      context.fillStyle = palette.colour("--stripe");
      context.fillRect(0, top, width, track.height);
    }
    context.fillStyle = palette.colour("--line");
    context.fillRect(0, top + track.height - 1, width, 1);
  }
}

function paintSelection({ context, palette }: Pen, scene: Scene): void {
  const { selected, model } = scene;
  const place = selected === null ? null : placeOf(scene.tracks, model, selected);
  if (selected === null || place === null) return;
  const from = model.fromUs(selected);
  const start = Math.max(scene.left - 4, xOf(scene, from) - 2);
  const end = Math.min(scene.width + 4, xOf(scene, from + model.lengthOf(selected)) + 2);
  const top = AXIS_HEIGHT + place.top - scene.scrollTop - 2;
  context.lineWidth = 2;
  context.strokeStyle = palette.colour("--accent");
  context.strokeRect(start, top, Math.max(5, end - start), place.height + 4);
}
