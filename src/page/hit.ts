/** What is at a place of the timeline. */
import type { EventRef, Model } from "./model.ts";
import type { Track } from "./tracks.ts";

/** Pixels beside a bar that still count as on it. */
const NEAR = 4;
const ORDER = ["refusal", "wait", "lock", "transaction", "counted"] as const;

/** `y`: from the upper edge of the first track. `usPerPixel`: of the view. Null: nothing. */
export function eventAt(
  model: Model,
  tracks: readonly Track[],
  us: number,
  y: number,
  usPerPixel: number,
): EventRef | null {
  const track = tracks.find(({ top, height }) => y >= top && y < top + height);
  if (track === undefined) return null;
  const rows = track.rows.filter(({ top, height }) => y >= track.top + top - 2 && y <= track.top + top + height + 2);
  const names = new Set(rows.map(({ row }) => row));
  let best: { ref: EventRef; distance: number; order: number } | null = null;
  for (const lane of track.lanes)
    for (const { row, kind, bars, lock } of lane.rows) {
      if (!names.has(row)) continue;
      const found = bars.nearest(us, NEAR * usPerPixel);
      if (found === null) continue;
      const distance = found.distance / usPerPixel;
      // Of two at the same place, the one that is drawn above the other.
      const strength = kind === "lock" && model.data.kinds[lock]?.[0] === "RESERVED" ? 0.5 : 0;
      const order = ORDER.indexOf(kind) + strength + distance;
      if (best === null || order < best.order) best = { ref: { kind, id: found.id }, distance, order };
    }
  return best?.ref ?? null;
}

/** All events of a track, in the order of time: those that the arrow keys go through. */
export function eventsOf(track: Track, model: Model): EventRef[] {
  const refs = track.lanes.flatMap(({ rows }) =>
    rows
      .filter(({ kind }) => kind !== "counted")
      .flatMap(({ kind, bars }) => Array.from(bars.ids, (id): EventRef => ({ kind, id }))),
  );
  return refs.sort((a, b) => model.fromUs(a) - model.fromUs(b));
}
