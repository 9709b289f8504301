/** The rows of a track with their bars, where the canvas has them. */
import type { RowBars } from "../model.ts";
import { partOf } from "../place.ts";
import type { Track } from "../tracks.ts";
import { AXIS_HEIGHT, type Scene } from "./scene.ts";

export interface PlacedRow {
  readonly bars: RowBars;
  /** Index of the lane. */
  readonly lane: number;
  /** From the upper edge of the canvas: of the row, and of what is drawn in it. */
  readonly rowTop: number;
  readonly y: number;
  readonly height: number;
}

export function placedRows({ scrollTop }: Scene, track: Track): PlacedRow[] {
  return track.rows.flatMap((row) =>
    track.lanes.flatMap(({ rows, index }) =>
      rows
        .filter((bars) => bars.row === row.row)
        .map((bars): PlacedRow => {
          const origin = AXIS_HEIGHT + track.top - scrollTop;
          const { top, height } = partOf(track, row, bars.kind);
          return { bars, lane: index, rowTop: origin + row.top, y: origin + top, height };
        }),
    ),
  );
}
