/** What one picture of the timeline shows, and where on it a time is. */
import type { EventRef, Model } from "../model.ts";
import type { Track } from "../tracks.ts";
import type { View } from "../view.ts";
import type { Palette } from "./palette.ts";

export const AXIS_HEIGHT = 36;
export const FONT = "11px system-ui, sans-serif";

export interface Scene {
  readonly model: Model;
  readonly view: View;
  readonly tracks: readonly Track[];
  /** Of the page, not of the device. */
  readonly width: number;
  readonly height: number;
  /** Where the bars begin. */
  readonly left: number;
  /** How far the lanes are scrolled. */
  readonly scrollTop: number;
  readonly selected: EventRef | null;
  /** Index of `tracks`; null: none. */
  readonly focused: number | null;
  /** That under the mouse; null: none. */
  readonly hovered: number | null;
}

/** What draws. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
}

/** In pixels from the left edge of the canvas. */
export function xOf({ view, left, width }: Scene, us: number): number {
  return left + ((us - view.fromUs) / view.lengthUs) * (width - left);
}

export function visibleTracks({ tracks, scrollTop, height }: Scene): Track[] {
  return tracks.filter(({ top, height: own }) => top + own >= scrollTop && top <= scrollTop + height - AXIS_HEIGHT);
}
