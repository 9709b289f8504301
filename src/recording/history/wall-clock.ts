/** What a moment of the axis is on the wall clock, and the other way round. Pure. */
import type { Span, WallClock } from "./history.ts";

/** The wall clock at a moment of the axis: it goes on from there until the next one. */
export interface ClockPoint {
  readonly atMs: number;
  readonly utcMs: number;
}

/** Times that have a usual text: a recording of another's making may be of any. */
const FIRST_UTC_MS = Date.UTC(1000, 0, 1);
const LAST_UTC_MS = Date.UTC(9999, 11, 30);

/** `points`: at least one, in the order of time. `fromMs`, `toMs`: of the axis. */
export function wallClockOf(points: readonly ClockPoint[], fromMs: number, toMs: number, zone: string): WallClock {
  const [first] = points;
  if (first === undefined) throw new Error("a history without a clock");
  const pointAt = (atMs: number): ClockPoint => {
    let low = 0;
    let high = points.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as ClockPoint).atMs <= atMs) low = middle;
      else high = middle;
    }
    return points[low] ?? first;
  };
  const spanOf = (fromUtcMs: number, toUtcMs: number): Span | null => {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [index, point] of points.entries()) {
      const beginMs = index === 0 ? fromMs : point.atMs;
      const endMs = Math.min(points[index + 1]?.atMs ?? toMs, toMs);
      const from = Math.max(beginMs, point.atMs + (fromUtcMs - point.utcMs));
      const to = Math.min(endMs, point.atMs + (toUtcMs - point.utcMs));
      if (from > to) continue;
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    return first <= last ? { fromMs: first, toMs: last } : null;
  };
  return {
    zone,
    spanOf,
    toUtcMs: (atMs) => {
      const point = pointAt(atMs);
      return Math.min(LAST_UTC_MS, Math.max(FIRST_UTC_MS, point.utcMs + (atMs - point.atMs)));
    },
    fromUtcMs: (utcMs) =>
      points.flatMap((point, index) => {
        const next = points[index + 1];
        const atMs = point.atMs + (utcMs - point.utcMs);
        const isAfter = index === 0 ? atMs >= fromMs : atMs >= point.atMs;
        const isBefore = next === undefined ? atMs <= toMs : atMs < next.atMs;
        return isAfter && isBefore ? [atMs] : [];
      }),
  };
}
