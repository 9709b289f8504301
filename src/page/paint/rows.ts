/** The rows of a track with their bars, where the canvas has them. */
import type { RowBars } from "../model.ts";
import type { Track } from "../tracks.ts";
import { AXIS_HEIGHT, type Scene } from "./scene.ts";

export interface PlacedRow {
  readonly bars: RowBars;
  /** Index of the lane. */
  readonly lane: number;
  /** From the upper edge of the canvas. */
  readonly y: number;
  readonly height: number;
}

export function placedRows({ scrollTop }: Scene, track: Track): PlacedRow[] {
  const isShared = isFolded(track);
  return track.rows.flatMap(({ row, top, height }) =>
    track.lanes.flatMap(({ rows, index }) =>
      rows
        .filter((bars) => bars.row === row)
        .map((bars): PlacedRow => {
          // What the others hold stays to be seen above it.
          const above = bars.kind === "wait" && isShared ? height / 2 : 0;
          const y = AXIS_HEIGHT + track.top + top - scrollTop + above;
          return { bars, lane: index, y, height: height - above };
        }),
    ),
  );
}

/** Several connections share the lane: one of them may hold what another one waits for. */
function isFolded({ lanes }: Track): boolean {
  return lanes.filter(({ connection }) => connection !== null).length > 1;
}
