/** Times of which the recording knows nothing. */
import type { ZoneData } from "../../render/page/data.ts";
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";

const LEAST_WIDTH = 3;

export function paintZones({ context, palette }: Pen, scene: Scene): void {
  const colour = palette.colour("--zone");
  for (const { start, width } of placed(scene)) {
    context.globalAlpha = 0.35;
    context.fillStyle = colour;
    context.fillRect(start, AXIS_HEIGHT, width, scene.height);
    context.globalAlpha = 1;
    context.fillStyle = palette.pattern("diagonal", colour) ?? colour;
    context.fillRect(start, AXIS_HEIGHT, width, scene.height);
  }
}

/** Above the bars, from the left to the right: one that has no room is left out, and the mouse shows it. */
export function paintZoneTexts({ context, palette }: Pen, scene: Scene): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  let free = scene.left;
  for (const { zone, start, width } of placed(scene)) {
    const length = context.measureText(zone.text).width;
    const isInside = width > length + 20;
    const x = isInside
      ? start + (width - length) / 2
      : Math.max(scene.left + 6, Math.min(start + width + 4, scene.width - length - 6));
    if (x - 4 < free) continue;
    free = x + length + 6;
    context.fillStyle = palette.colour("--panel");
    context.fillRect(x - 4, AXIS_HEIGHT + 2, length + 8, 16);
    context.strokeStyle = palette.colour("--zone");
    context.lineWidth = 1;
    context.strokeRect(x - 3.5, AXIS_HEIGHT + 2.5, length + 7, 15);
    context.fillStyle = palette.colour("--fg");
    context.fillText(zone.text, x, AXIS_HEIGHT + 10.5);
  }
}

/** At a time, or within so much of it; null: none. */
export function zoneAt({ data }: Scene["model"], us: number, withinUs: number): ZoneData | null {
  const ms = data.fromMs + us / 1_000;
  const within = withinUs / 1_000;
  return data.zones.find(({ fromMs, toMs }) => ms >= fromMs - within && ms <= toMs + within) ?? null;
}

interface PlacedZone {
  readonly zone: ZoneData;
  readonly start: number;
  readonly width: number;
}

function placed(scene: Scene): PlacedZone[] {
  const { data } = scene.model;
  const x = (ms: number) => xOf(scene, (ms - data.fromMs) * 1_000);
  return data.zones
    .flatMap((zone): PlacedZone[] => {
      const start = Math.max(scene.left - 2, x(zone.fromMs));
      const end = Math.min(scene.width + 2, x(zone.toMs));
      return end < scene.left || start > scene.width
        ? []
        : [{ zone, start, width: Math.max(LEAST_WIDTH, end - start) }];
    })
    .sort((a, b) => a.start - b.start);
}
