/** Where a moment that was asked for lies in a recording. Pure. */
import type { HistoryFacts, Span } from "./history.ts";
import type { Moment } from "./moment.ts";
import { asUtc, DAY_MS, type LocalTime, Zone } from "./zone.ts";

export type FoundMoment =
  /** `isSecond`: the wall clock was set back, and showed this time before as well. */
  | { readonly kind: "at"; readonly atMs: number; readonly isSecond: boolean }
  /** Clocks were set back for the end of summer time, say: these moments of UTC. */
  | { readonly kind: "twice"; readonly utcMs: readonly number[] }
  /** They were set forward over it. */
  | { readonly kind: "never"; readonly local: LocalTime }
  /** Then the machine slept. */
  | { readonly kind: "slept"; readonly utcMs: number; readonly lengthMs: number }
  | { readonly kind: "outside" };

/** `nowUtcMs`: of who asks. */
export function findMoment(moment: Moment, facts: HistoryFacts, nowUtcMs: number): FoundMoment {
  const { clock } = facts;
  if (moment.kind === "ago") return place([nowUtcMs - moment.ms], facts) ?? { kind: "outside" };
  const zone = new Zone(clock.zone);
  let never: LocalTime | null = null;
  let slept: FoundMoment | null = null;
  for (const local of daysOf(moment, facts, zone, nowUtcMs)) {
    const moments = momentsOf(local, moment.offsetMs, zone);
    if (moments.length === 0) never ??= local;
    const found = place(moments, facts);
    if (found?.kind === "slept") slept ??= found;
    else if (found !== null) return found;
  }
  if (slept !== null) return slept;
  return never === null ? { kind: "outside" } : { kind: "never", local: never };
}

export type FoundSpan =
  | { readonly kind: "span"; readonly span: Span }
  /** The second time is before the first. */
  | { readonly kind: "reversed" }
  | Extract<FoundMoment, { kind: "never" | "slept" | "outside" }>;

/** One of the moments that are meant. */
interface Candidate {
  readonly utcMs: number;
  /** It is none: clocks were set forward over it. Else null. */
  readonly never: LocalTime | null;
}

/**
 * The latest time between two such moments, as far as it is in the recording. Where the first one names its day and the
 * second one does not, that is the next such time. Of times that were twice, the span has both. Times of no day may be
 * before and after midnight.
 */
export function findSpan(from: Moment, to: Moment, facts: HistoryFacts, nowUtcMs: number): FoundSpan {
  const { clock } = facts;
  const zone = new Zone(clock.zone);
  const all = (moment: Moment): Candidate[] =>
    moment.kind === "ago"
      ? [{ utcMs: nowUtcMs - moment.ms, never: null }]
      : daysOf(moment, facts, zone, nowUtcMs).flatMap((local) => near(local, moment.offsetMs, zone));
  const begins = all(from);
  const isNext = isDated(from) && !isDated(to);
  const ends = all(to).sort((a, b) => (isNext ? a.utcMs - b.utcMs : b.utcMs - a.utcMs));
  const isBefore = (end: Candidate) => begins.every(({ utcMs }) => utcMs > end.utcMs);
  if (isDated(from) && isDated(to) && ends.every(isBefore)) return { kind: "reversed" };
  let slept: FoundSpan | null = null;
  for (const end of ends) {
    const begin = beginFor(end, begins);
    if (begin === null) continue;
    if (isNext && end.utcMs - begin.utcMs > LONGEST_DAY_MS) break;
    const span = clock.spanOf(begin.utcMs, end.utcMs);
    if (span === null) {
      slept ??= sleptOver(begin.utcMs, end.utcMs, facts);
      if (isNext) break;
      continue;
    }
    const never = begin.never ?? end.never;
    if (never !== null) return { kind: "never", local: never };
    return !isNext && isReversed(begins, ends, facts) ? { kind: "reversed" } : { kind: "span", span };
  }
  return slept ?? { kind: "outside" };
}

/** The last one before it; of one that was twice, the first. */
function beginFor(end: Candidate, begins: readonly Candidate[]): Candidate | null {
  const earlier = begins.filter(({ utcMs }) => utcMs <= end.utcMs).sort((a, b) => a.utcMs - b.utcMs);
  const latest = earlier.at(-1);
  return latest === undefined ? null : (earlier.find(({ utcMs }) => latest.utcMs - utcMs < DAY_MS / 2) ?? null);
}

/** Over midnight no such time is in the recording from end to end, but on one day both are, the second one first. */
function isReversed(begins: readonly Candidate[], ends: readonly Candidate[], { clock }: HistoryFacts): boolean {
  const has = ({ utcMs }: Candidate) => clock.fromUtcMs(utcMs).length > 0;
  const [hasBegin, hasEnd] = [begins.filter(has), ends.filter(has)];
  const isWhole = hasEnd.some((end) => {
    const begin = beginFor(end, begins);
    return begin !== null && has(begin);
  });
  return !isWhole && hasBegin.some((begin) => hasEnd.some((end) => end.utcMs < begin.utcMs));
}

function sleptOver(fromUtcMs: number, toUtcMs: number, { clock, suspensions }: HistoryFacts): FoundSpan | null {
  for (const { atMs, lengthMs } of suspensions) {
    const wokeMs = clock.toUtcMs(atMs);
    if (toUtcMs < wokeMs && fromUtcMs >= wokeMs - lengthMs) return { kind: "slept", utcMs: wokeMs, lengthMs };
  }
  return null;
}

function isDated(moment: Moment): boolean {
  return moment.kind === "ago" || moment.day !== null;
}

/** On which clocks are set back. */
const LONGEST_DAY_MS = DAY_MS + 3_600_000;

/** Where clocks were set forward over it, as if they had been so a little later. */
function near(local: LocalTime, offsetMs: number | null, zone: Zone): Candidate[] {
  const moments = momentsOf(local, offsetMs, zone);
  if (moments.length > 0) return moments.map((utcMs) => ({ utcMs, never: null }));
  const wanted = asUtc(local);
  return [{ utcMs: wanted - zone.offsetMs(wanted - DAY_MS), never: local }];
}

function momentsOf(local: LocalTime, offsetMs: number | null, zone: Zone): number[] {
  return offsetMs === null ? zone.moments(local) : [asUtc(local) - offsetMs];
}

/** The days that are meant, the latest first. */
function daysOf(
  { day, dayMs, offsetMs }: Extract<Moment, { kind: "clock" }>,
  { clock, fromMs, toMs }: HistoryFacts,
  zone: Zone,
  nowUtcMs: number,
): LocalTime[] {
  if (day !== null && typeof day === "object") return [{ ...day, dayMs }];
  const dayOf = (utcMs: number) => Math.floor((utcMs + (offsetMs ?? zone.offsetMs(utcMs))) / DAY_MS) * DAY_MS;
  const localOf = (midnight: number): LocalTime => {
    const date = new Date(midnight);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), dayMs };
  };
  if (day !== null) return [localOf(dayOf(nowUtcMs) - (day === "yesterday" ? DAY_MS : 0))];
  const [first, last] = [dayOf(clock.toUtcMs(fromMs)) - DAY_MS, dayOf(clock.toUtcMs(toMs)) + DAY_MS];
  const days: LocalTime[] = [];
  for (let each = last; each >= first && days.length < MOST_DAYS; each -= DAY_MS) days.push(localOf(each));
  return days;
}

/** A recording of another's making may say that it is of a million years. */
const MOST_DAYS = 4_000;

/** Null: none of them is in the recording. `moments`: of one day. */
function place(moments: readonly number[], facts: HistoryFacts): FoundMoment | null {
  const placed = moments
    .map((utcMs) => ({ utcMs, at: facts.clock.fromUtcMs(utcMs) }))
    .filter(({ at }) => at.length > 0);
  if (placed.length > 1) return { kind: "twice", utcMs: placed.map(({ utcMs }) => utcMs) };
  const [only] = placed;
  const atMs = only?.at.at(-1);
  if (only !== undefined && atMs !== undefined) return { kind: "at", atMs, isSecond: only.at.length > 1 };
  for (const utcMs of moments) {
    const slept = facts.suspensions.find(({ atMs: at, lengthMs }) => {
      const wokeMs = facts.clock.toUtcMs(at);
      return utcMs < wokeMs && utcMs >= wokeMs - lengthMs;
    });
    if (slept !== undefined) return { kind: "slept", utcMs: facts.clock.toUtcMs(slept.atMs), lengthMs: slept.lengthMs };
  }
  return null;
}
