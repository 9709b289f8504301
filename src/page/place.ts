/** Where an event is among the tracks. */
import type { EventKind, EventRef, Model } from "./model.ts";
import type { Track, TrackRow } from "./tracks.ts";

export interface Place {
  /** Index of the tracks. */
  readonly track: number;
  /** From the upper edge of the first track. */
  readonly top: number;
  readonly height: number;
}

/** Null: in none of them. */
export function placeOf(tracks: readonly Track[], model: Model, ref: EventRef): Place | null {
  const lane = model.laneOf(ref);
  const index = tracks.findIndex((each) => each.lanes.some((one) => one.index === lane));
  const track = tracks[index];
  if (track === undefined) return null;
  const name = rowNameOf(model, ref, lane);
  const row = track.rows.find((each) => each.row === name);
  if (row === undefined) return null;
  const { top, height } = partOf(track, row, ref.kind);
  return { track: index, top: track.top + top, height };
}

/** Of a row, what a sort of events has of it: waits leave room above them where several connections share the lane. */
export function partOf({ lanes }: Track, row: TrackRow, kind: EventKind): Pick<TrackRow, "top" | "height"> {
  // One connection may hold what another one waits for.
  const isShared = lanes.filter(({ connection }) => connection !== null).length > 1;
  const above = kind === "wait" && isShared ? row.height / 2 : 0;
  return { top: row.top + above, height: row.height - above };
}

function rowNameOf(model: Model, ref: EventRef, lane: number): string {
  if (ref.kind === "transaction") return "transaction";
  if (ref.kind === "refusal") return "write";
  const { locks, waits, counted } = model.data;
  const kind = { lock: locks, wait: waits, counted }[ref.kind].kind[ref.id];
  return model.lanes[lane]?.rows.find((each) => each.kind === ref.kind && each.lock === kind)?.row ?? "open";
}
