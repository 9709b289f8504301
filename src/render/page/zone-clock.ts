/**
 * The wall clock of a recording in its own time zone, also over a change to or from summer time, a clock that was set
 * and a suspension. The page has it, too.
 */
import type { ClockPoint } from "../../recording/history/wall-clock.ts";
import { offsetText, Zone } from "../../recording/history/zone.ts";

const HOUR_MS = 3_600_000;
/** Offsets have changed at whole quarters of an hour since 1972. */
const QUARTER_MS = HOUR_MS / 4;
const MOST_CACHED = 5_000;

export class ZoneClock {
  readonly points: readonly ClockPoint[];
  /** The zone that times are shown in. */
  readonly zone: string;
  /** The zone of the recording is not known here: times are UTC. */
  readonly isOtherZone: boolean;
  /** Of the zone of the recording nothing is known but the offset at its start. */
  readonly isOffset: boolean;
  readonly #zone: Zone;
  readonly #offsets = new Map<number, number>();

  /** `points`: at least one, in the order of time. */
  constructor(points: readonly ClockPoint[], zone: string) {
    this.points = points.length > 0 ? points : [{ atMs: 0, utcMs: 0 }];
    this.#zone = new Zone(zone);
    this.zone = this.#zone.name;
    this.isOffset = this.#zone.isOffset;
    this.isOtherZone = this.zone !== zone;
  }

  toUtcMs(atMs: number): number {
    const { atMs: start, utcMs } = this.#pointAt(atMs);
    return utcMs + (atMs - start);
  }

  /** What is added to UTC, ms. */
  offsetMs(utcMs: number): number {
    const quarter = Math.floor(utcMs / QUARTER_MS);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = isDate(quarter * QUARTER_MS) ? this.#zone.offsetMs(quarter * QUARTER_MS) : 0;
    if (this.#offsets.size >= MOST_CACHED) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** Local time as if it were UTC, ms: for its digits. */
  localMs(atMs: number): number {
    const utcMs = this.toUtcMs(atMs);
    return utcMs + this.offsetMs(utcMs);
  }

  /** `2026-11-22` */
  dateText(atMs: number): string {
    return isoOf(this.localMs(atMs)).slice(0, 10);
  }

  /** `12:03:07.214`: with so many digits of a second. */
  timeText(atMs: number, digits = 3): string {
    return timeDigits(this.localMs(atMs), digits);
  }

  /** `+01:00` */
  offsetText(atMs: number): string {
    return offsetText(this.offsetMs(this.toUtcMs(atMs)));
  }

  /** `2026-11-22 12:03:07.214 +01:00` */
  text(atMs: number, digits = 3): string {
    return `${this.dateText(atMs)} ${this.timeText(atMs, digits)} ${this.offsetText(atMs)}`;
  }

  #pointAt(atMs: number): ClockPoint {
    let low = 0;
    let high = this.points.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle] as ClockPoint).atMs <= atMs) low = middle;
      else high = middle;
    }
    return this.points[low] as ClockPoint;
  }
}

/** The range of Date. */
function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}

function isoOf(ms: number): string {
  return isDate(ms) ? new Date(ms).toISOString() : "0000-00-00T00:00:00.000Z";
}

/** `digits`: up to 6. */
export function timeDigits(localMs: number, digits: number): string {
  const time = isoOf(Math.floor(localMs)).slice(11, 19);
  if (digits === 0) return time;
  // A double has some 0.2 us at these times: not more than microseconds.
  const us = Math.floor((((localMs % 1_000) + 1_000) % 1_000) * 1_000 + 0.5);
  return `${time}.${String(Math.min(us, 999_999)).padStart(6, "0").slice(0, digits)}`;
}
