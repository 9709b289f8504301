/** Times of which the recording knows nothing. */
import { AXIS_HEIGHT, type Pen, type Scene, xOf } from "./scene.ts";

export function paintZones({ context, palette }: Pen, scene: Scene): void {
  const { data } = scene.model;
  const colour = palette.colour("--zone");
  for (const zone of data.zones) {
    const start = Math.max(scene.left - 2, xOf(scene, (zone.fromMs - data.fromMs) * 1_000));
    const end = Math.min(scene.width + 2, xOf(scene, (zone.toMs - data.fromMs) * 1_000));
    if (end < scene.left || start > scene.width) continue;
    const width = Math.max(3, end - start);
    context.globalAlpha = 0.35;
    context.fillStyle = colour;
    context.fillRect(start, AXIS_HEIGHT, width, scene.height);
    context.globalAlpha = 1;
    context.fillStyle = palette.pattern("diagonal", colour) ?? colour;
    context.fillRect(start, AXIS_HEIGHT, width, scene.height);
    const length = context.measureText(zone.text).width;
    const isInside = width > length + 20;
    if (!isInside && scene.view.zoom < 1.2 && width < 3.5 && data.zones.length > 20) continue;
    const x = isInside ? start + (width - length) / 2 : Math.min(start + width + 4, scene.width - length - 6);
    context.fillStyle = palette.colour("--panel");
    context.fillRect(x - 4, AXIS_HEIGHT + 4, length + 8, 16);
    context.fillStyle = palette.colour("--fg");
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(zone.text, x, AXIS_HEIGHT + 12);
  }
}
