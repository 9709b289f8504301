/** Lays the runs of a history one after the other on one axis. Pure. */
import type { MetaLine } from "../lines.ts";
import type { ClockLine } from "../state-lines.ts";
import type { Blank, ClockStep, HistoryFacts, Run, Suspension } from "./history.ts";
import { CONNECTIONS_OF_RUN, type Move } from "./on-axis.ts";
import { type ClockPoint, wallClockOf } from "./wall-clock.ts";

/** A run with its own times: ms since its start. */
export interface FoundRun {
  readonly meta: MetaLine;
  /** Of the first and the last thing that is known. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly clocks: readonly ClockLine[];
  readonly end: Run["end"];
  /** Files that are missing between others, or could not be read. */
  readonly blanks: readonly Blank[];
}

export interface Assembled {
  readonly facts: HistoryFacts;
  /** Of each run, in the order of `facts.runs`. */
  readonly moves: readonly Move[];
  /** Their indexes in what was given. */
  readonly order: readonly number[];
}

/** A pause between two recorders that is none: the second one was started as soon as the first was stopped. */
const NO_PAUSE_MS = 50;

/** Two recorders that take turns may both be there for so long. */
const AT_ONCE_MS = 1_000;

/** `runs`: at least one, in any order. */
export function assemble(runs: readonly FoundRun[]): Assembled {
  const order = orderOf(runs);
  const placed: Run[] = [];
  const moves: Move[] = [];
  const points: ClockPoint[] = [];
  const blanks: Blank[] = [];
  const suspensions: Suspension[] = [];
  const clockSteps: ClockStep[] = [];
  /** Of each start of the machine, the first run, and how far it is moved. */
  const boots = new Map<string, { readonly run: FoundRun; readonly ms: number }>();
  let endMs = Number.NEGATIVE_INFINITY;
  /** Of the run that ended then. */
  let lastEnd: Run["end"] = "complete";
  for (const index of order) {
    const run = runs[index] as FoundRun;
    const own = pointsOf(run);
    const boot = boots.get(bootOf(run, index));
    const isFirst = placed.length === 0;
    const ms =
      boot !== undefined ? boot.ms + sinceMs(boot.run, run) : isFirst ? 0 : afterRestart(run, own, points, endMs);
    if (boot === undefined) boots.set(bootOf(run, index), { run, ms });
    moves.push({ ms, connections: placed.length * CONNECTIONS_OF_RUN });
    const { meta, end } = run;
    const fromMs = run.fromMs + ms;
    const toMs = run.toMs + ms;
    placed.push({ meta, end, fromMs, toMs });
    if (fromMs > endMs + NO_PAUSE_MS && endMs > Number.NEGATIVE_INFINITY)
      blanks.push({ fromMs: endMs, toMs: fromMs, why: lastEnd === "cut" ? "broken-off" : "no-recorder" });
    for (const each of own) points.push({ atMs: each.atMs + ms, utcMs: each.utcMs });
    for (const { atMs, suspendedMs = 0 } of run.clocks)
      if (suspendedMs > 0) suspensions.push({ atMs: atMs + ms, lengthMs: suspendedMs });
    for (const { atMs, byMs } of stepsOf(own, run.clocks)) clockSteps.push({ atMs: atMs + ms, byMs });
    for (const blank of run.blanks) blanks.push({ ...blank, fromMs: blank.fromMs + ms, toMs: blank.toMs + ms });
    if (toMs >= endMs) lastEnd = end;
    endMs = Math.max(endMs, toMs);
  }
  if (placed.length === 0) throw new Error("a history without a run");
  const fromMs = Math.min(...placed.map((run) => run.fromMs));
  points.sort((a, b) => a.atMs - b.atMs);
  blanks.sort((a, b) => a.fromMs - b.fromMs);
  const clock = wallClockOf(points, fromMs, endMs, placed.at(-1)?.meta.zone ?? "UTC");
  return { facts: { runs: placed, clock, blanks, suspensions, clockSteps, fromMs, toMs: endMs }, moves, order };
}

/** A database that two runs recorded at the same time; null: none. */
export function overlapOf(runs: readonly Run[]): string | null {
  for (const [index, run] of runs.entries()) {
    const paths = new Set(run.meta.databases.map(({ path }) => path));
    for (const other of runs.slice(index + 1)) {
      if (Math.min(run.toMs, other.toMs) - Math.max(run.fromMs, other.fromMs) <= AT_ONCE_MS) continue;
      const twice = other.meta.databases.find(({ path }) => paths.has(path));
      if (twice !== undefined) return twice.path;
    }
  }
  return null;
}

/**
 * Starts of the machine by the wall clock; the runs of one by its monotonic clock: the wall clock may have been set
 * back between them.
 */
function orderOf(runs: readonly FoundRun[]): number[] {
  const boots = new Map<string, { startMs: number; indexes: number[] }>();
  for (const [index, run] of runs.entries()) {
    const startMs = Date.parse(run.meta.startedAt);
    const boot = boots.get(bootOf(run, index)) ?? { startMs, indexes: [] };
    boots.set(bootOf(run, index), boot);
    boot.startMs = Math.min(boot.startMs, startMs);
    boot.indexes.push(index);
  }
  const monotonicOf = (index: number) => BigInt(runs[index]?.meta.startedMonotonicNs ?? 0);
  return [...boots.values()]
    .sort((a, b) => a.startMs - b.startMs)
    .flatMap(({ indexes }) => indexes.sort((a, b) => Number(monotonicOf(a) - monotonicOf(b))));
}

/** Its monotonic clock goes on within it. Without its id, a run is alone. */
function bootOf({ meta }: FoundRun, index: number): string {
  return meta.bootId === undefined ? `run ${index}` : `boot ${meta.bootId}`;
}

/** The difference is exact: both are integers, and less than 2^53 ns apart for 100 days. */
function sinceMs(first: FoundRun, run: FoundRun): number {
  const ns = BigInt(run.meta.startedMonotonicNs) - BigInt(first.meta.startedMonotonicNs);
  return Number(ns) / 1e6;
}

/** By the wall clock; never before the end of what was recorded earlier. */
function afterRestart(run: FoundRun, own: readonly ClockPoint[], earlier: readonly ClockPoint[], endMs: number) {
  const begin = own[0] as ClockPoint;
  const last = earlier.at(-1) as ClockPoint;
  const byWallClock = last.atMs + (begin.utcMs - last.utcMs) - begin.atMs;
  return Math.max(byWallClock, endMs - run.fromMs);
}

/** At least one: that of `meta`, where no line is earlier. */
function pointsOf({ meta, clocks, fromMs }: FoundRun): ClockPoint[] {
  const points = clocks.map(({ atMs, wallClock }) => ({ atMs, utcMs: Date.parse(wallClock) }));
  const known = points.filter(({ utcMs }) => Number.isFinite(utcMs)).sort((a, b) => a.atMs - b.atMs);
  const [first] = known;
  if (first !== undefined && first.atMs <= fromMs) return known;
  return [{ atMs: 0, utcMs: Date.parse(meta.startedAt) }, ...known];
}

/** A wall clock that is moved by less is regulated. */
const STEP_MS = 1_000;

/** `points`: of one run, in the order of time. */
function stepsOf(points: readonly ClockPoint[], clocks: readonly ClockLine[]): ClockStep[] {
  const slept = new Map(clocks.map(({ atMs, suspendedMs = 0 }) => [atMs, suspendedMs]));
  return points.flatMap(({ atMs, utcMs }, i) => {
    const before = points[i - 1];
    if (before === undefined) return [];
    const byMs = utcMs - before.utcMs - (atMs - before.atMs) - (slept.get(atMs) ?? 0);
    return Math.abs(byMs) < STEP_MS ? [] : [{ atMs, byMs }];
  });
}
