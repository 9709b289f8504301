/** Marks of a time axis at round times of its zone, and where its clock changes. The page has it, too. */
import { offsetText } from "../../recording/history/zone.ts";
import { timeDigits, type ZoneClock } from "./zone-clock.ts";

export interface Tick {
  readonly atMs: number;
  readonly text: string;
  /** The first tick, and the first one of each day. */
  readonly date: string | null;
}

export interface ClockChange {
  readonly atMs: number;
  readonly text: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((us) => us / 1_000),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY),
];

/** A part of the axis in which local time goes on evenly. */
interface Even {
  readonly fromMs: number;
  readonly toMs: number;
  /** Added to the axis: local time. */
  readonly shiftMs: number;
  /** Of that, what the zone adds to UTC. */
  readonly offsetMs: number;
}

/** `most`: so many fit beside each other. */
export function timeTicks(clock: ZoneClock, fromMs: number, toMs: number, most: number): Tick[] {
  if (!(toMs > fromMs)) return [];
  const step = STEPS.find((each) => (toMs - fromMs) / each <= most) ?? Math.ceil((toMs - fromMs) / most / DAY) * DAY;
  const parts = evenParts(clock, fromMs, toMs);
  const isSeveral = new Set(parts.map(({ offsetMs }) => offsetMs)).size > 1;
  const ticks: Tick[] = [];
  let day = "";
  for (const [part, { fromMs: start, toMs: end, shiftMs }] of parts.entries()) {
    // Counted from a whole second nearby: local time as one number is not exact to a microsecond.
    const base = step < SECOND ? Math.floor((start + shiftMs) / SECOND) * SECOND : 0;
    const origin = base - shiftMs;
    const first = Math.ceil((start - origin) / step);
    const last = Math.floor((end - origin) / step);
    for (let i = first; i <= last && ticks.length < most * 4; i++) {
      const atMs = origin + i * step;
      // Its end is the beginning of the next one.
      if (atMs >= end && part < parts.length - 1) break;
      const date = clock.dateText(atMs);
      ticks.push({
        atMs,
        text: tickText(clock, atMs, base + i * step, step, isSeveral),
        date: date === day ? null : date,
      });
      day = date;
    }
  }
  return ticks;
}

function tickText(clock: ZoneClock, atMs: number, localMs: number, step: number, isSeveral: boolean): string {
  const zone = isSeveral && step < DAY ? ` ${clock.offsetText(atMs)}` : "";
  if (step >= DAY) return clock.dateText(atMs).slice(5);
  if (step >= MINUTE) return `${timeDigits(localMs, 0).slice(0, 5)}${zone}`;
  const digits =
    step >= SECOND ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : step >= 1 ? 3 : step >= 0.1 ? 4 : step >= 0.01 ? 5 : 6;
  return `${timeDigits(localMs, digits)}${zone}`;
}

/** Where the clock was set, or summer time began or ended. What is less than a second is no change of its own. */
export function clockChanges(clock: ZoneClock, fromMs: number, toMs: number): ClockChange[] {
  const parts = evenParts(clock, fromMs, toMs);
  return parts.slice(1).flatMap((part, i) => {
    const before = parts[i] as Even;
    const byMs = part.shiftMs - before.shiftMs;
    if (Math.abs(byMs) < SECOND) return [];
    const [was, is] = [before.offsetMs, part.offsetMs];
    const text =
      was === is
        ? `clock moved by ${byMs < 0 ? "-" : "+"}${lengthText(Math.abs(byMs))}`
        : `clock changes from ${offsetText(was)} to ${offsetText(is)}`;
    return [{ atMs: part.fromMs, text }];
  });
}

function lengthText(ms: number): string {
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} m`;
}

function evenParts(clock: ZoneClock, fromMs: number, toMs: number): Even[] {
  const { points } = clock;
  return points.flatMap((point, i) => {
    const start = i === 0 ? fromMs : Math.max(fromMs, point.atMs);
    const end = Math.min(toMs, points[i + 1]?.atMs ?? toMs);
    return start > end || (start === end && start !== fromMs)
      ? []
      : byOffset(clock, start, end, point.utcMs - point.atMs);
  });
}

/** Changes are weeks apart: two samples in a row with the same offset have none between them. */
const SAMPLE_MS = 6 * HOUR;
const MOST_SAMPLES = 2_000;

function byOffset(clock: ZoneClock, fromMs: number, toMs: number, toUtc: number): Even[] {
  const step = Math.max(SAMPLE_MS, (toMs - fromMs) / MOST_SAMPLES);
  const offsetAt = (atMs: number) => clock.offsetMs(atMs + toUtc);
  const even = (start: number, end: number): Even => {
    return { fromMs: start, toMs: end, shiftMs: toUtc + offsetAt(start), offsetMs: offsetAt(start) };
  };
  const parts: Even[] = [];
  let start = fromMs;
  for (let at = fromMs; at < toMs; at += step) {
    const next = Math.min(toMs, at + step);
    if (offsetAt(at) === offsetAt(next)) continue;
    const change = firstWith(offsetAt, at, next);
    parts.push(even(start, change));
    start = change;
  }
  return [...parts, even(start, toMs)];
}

/** To a millisecond. */
function firstWith(offsetAt: (atMs: number) => number, fromMs: number, toMs: number): number {
  const before = offsetAt(fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return Math.round(high);
}
