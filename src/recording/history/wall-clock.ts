/** What a moment of the axis is on the wall clock, and the other way round. Pure. */
import type { WallClock } from "./history.ts";

/** The wall clock at a moment of the axis: it goes on from there until the next one. */
export interface ClockPoint {
  readonly atMs: number;
  readonly utcMs: number;
}

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
  return {
    zone,
    toUtcMs: (atMs) => {
      const point = pointAt(atMs);
      return point.utcMs + (atMs - point.atMs);
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
