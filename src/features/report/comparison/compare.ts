/** Two recordings side by side: each metric before and after, and whether they differ by more than chance. Pure. */
import { Durations, type Range } from "../../../recording/distribution/durations.ts";
import type { Blank, Span } from "../../../recording/history/history.ts";
import type { MetaLine } from "../../../recording/lines.ts";
import { type BlockPlan, covered } from "./blocks.ts";
import type { Activity, DatabaseActivity } from "./collect.ts";
import { holm } from "./holm.ts";
import { METRICS, type Metric, type MetricId } from "./metrics.ts";
import { permutationTest, type Side } from "./permutation.ts";

/** From this p-value on a difference counts, of all metrics of a table together (Holm). Measured: docs/advice.md. */
export const LEVEL = 0.01;

/**
 * Why it is not told whether a difference is chance. `sampled`: samples show no waits. `other-source`: one recording is
 * a sample, which misses short holds. `no-calls`: a recording has no calls of SQLite, so no commits and no results.
 * `no-lengths`: a recording of an earlier version has counts without lengths. `too-short`: fewer than eight blocks.
 * `unsteady`: even long blocks depend on those before. `few-events`: a quantile would be that of a few. `no-events`.
 */
export type Why =
  | "sampled"
  | "other-source"
  | "no-calls"
  | "no-lengths"
  | "too-short"
  | "unsteady"
  | "few-events"
  | "no-events";

/** Rates in a second. */
export type Value = { readonly perSecond: number } | Range;

export interface MetricComparison {
  readonly metric: MetricId;
  /** Null: not known. */
  readonly before: Value | null;
  readonly after: Value | null;
  /** Null: it cannot be told whether it is chance. `none`: it may be. */
  readonly change: "higher" | "lower" | "none" | null;
  /** Whether the change is a good one; null where there is none. */
  readonly isBetter: boolean | null;
  /** Of all metrics of the table together; null: not tested. */
  readonly p: number | null;
  /** So many blocks were compared, and how long they were; left out where they were not. */
  readonly blocks?: { readonly before: number; readonly after: number; readonly lengthMs: number };
  readonly why: Why | null;
}

export interface ProcessComparison {
  /** Its unit, else its command line. */
  readonly name: string;
  readonly metrics: readonly MetricComparison[];
}

export interface DatabaseComparison {
  readonly path: string;
  /** In the other recording. */
  readonly afterPath: string;
  readonly metrics: readonly MetricComparison[];
  /** Those that both recordings have: the most active first. */
  readonly processes: readonly ProcessComparison[];
  readonly moreProcesses: number;
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

export interface Recorded {
  readonly meta: Pick<MetaLine, "exact" | "statements">;
  readonly span: Span;
  readonly blanks: readonly Blank[];
  readonly blocks: number;
  readonly databases: readonly DatabaseActivity[];
}

const LISTED = 10;
const SEED = 20_260_701;

/** `plan` null: one of them is too short for blocks. */
export function compareRecorded(before: Recorded, after: Recorded, plan: BlockPlan | null): DatabaseComparison[] {
  return pairs(before.databases, after.databases).map(([from, to]) => {
    const tests = new Tests(before, after, plan);
    const metrics = tests.of(from.all, to.all, { holds: [from.holds, to.holds], waits: [from.waits, to.waits] });
    const both = [...from.groups.keys()]
      .filter((name) => to.groups.has(name))
      .sort((a, b) => eventsOf(b) - eventsOf(a));
    function eventsOf(name: string): number {
      return [from, to].reduce((sum, { groups }) => sum + (groups.get(name)?.size ?? 0), 0);
    }
    const processes = both.slice(0, LISTED).flatMap((name) => {
      const [one, other] = [from.groups.get(name)?.activity(), to.groups.get(name)?.activity()];
      return one === undefined || other === undefined ? [] : [{ name, metrics: judged(tests.of(one, other, null)) }];
    });
    return {
      ...{ path: from.path, afterPath: to.path, metrics: judged(metrics) },
      processes,
      moreProcesses: Math.max(0, both.length - LISTED),
      onlyBefore: [...from.groups.keys()].filter((name) => !to.groups.has(name)).slice(0, LISTED),
      onlyAfter: [...to.groups.keys()].filter((name) => !from.groups.has(name)).slice(0, LISTED),
    };
  });
}

/** Of the same path; one of each recording, whatever they are called: a copy may have been moved. */
function pairs(before: readonly DatabaseActivity[], after: readonly DatabaseActivity[]) {
  const [from, to] = [before[0], after[0]];
  if (from !== undefined && to !== undefined && before.length === 1 && after.length === 1) return [[from, to]] as const;
  return before.flatMap((each) => {
    const other = after.find(({ path }) => path === each.path);
    return other === undefined ? [] : [[each, other] as const];
  });
}

type Known = { readonly [Name in "holds" | "waits"]: readonly [Durations, Durations] };

/** As tested one by one: `p` is not yet that of all together. */
class Tests {
  readonly #before: Recorded;
  readonly #after: Recorded;
  readonly #plan: BlockPlan | null;
  readonly #coveredMs: readonly [number[], number[]];

  constructor(before: Recorded, after: Recorded, plan: BlockPlan | null) {
    this.#before = before;
    this.#after = after;
    this.#plan = plan;
    const coveredOf = ({ span, blocks, blanks }: Recorded) =>
      covered(span, blocks, plan?.lengthMs ?? span.toMs - span.fromMs, blanks);
    this.#coveredMs = [coveredOf(before), coveredOf(after)];
  }

  /** `known`: the durations themselves, where they are there. */
  of(before: Activity, after: Activity, known: Known | null): MetricComparison[] {
    return METRICS.map((metric) => this.#metric(metric, before, after, known));
  }

  #metric(metric: Metric, before: Activity, after: Activity, known: Known | null): MetricComparison {
    const { id, of, statistic, good, least } = metric;
    const [from, to] = [before[of], after[of]];
    const durations = known === null ? null : of === "holds" ? known.holds : of === "waitLengths" ? known.waits : null;
    const values = {
      metric: id,
      before: this.#isKnown(metric, this.#before)
        ? valueOfSeries(metric, from, this.#coveredMs[0], durations?.[0])
        : null,
      after: this.#isKnown(metric, this.#after) ? valueOfSeries(metric, to, this.#coveredMs[1], durations?.[1]) : null,
    };
    const none = { ...values, change: null, isBetter: null, p: null };
    const why = this.#notComparable(metric);
    if (why !== null) return { ...none, why };
    const [times, otherTimes] = [sum(from.counts), sum(to.counts)];
    if (times + otherTimes === 0) return { ...none, why: "no-events" };
    if (statistic.kind === "quantile" && (from.isPartial || to.isPartial)) return { ...none, why: "no-lengths" };
    if (statistic.kind === "quantile" && Math.min(times, otherTimes) < least)
      return { ...none, why: Math.min(times, otherTimes) === 0 ? "no-events" : "few-events" };
    const plan = this.#plan;
    if (plan === null) return { ...none, why: "too-short" };
    const side = (series: Side["series"], coveredMs: readonly number[]): Side => ({ series, coveredMs });
    const test = permutationTest(statistic, side(from, this.#coveredMs[0]), side(to, this.#coveredMs[1]), SEED);
    if (test.p === null) return { ...none, why: test.why };
    const isHigher = middle(values.after) > middle(values.before);
    return {
      ...{ ...values, change: isHigher ? "higher" : "lower", isBetter: (good === "higher") === isHigher, p: test.p },
      blocks: { before: test.blocksBefore, after: test.blocksAfter, lengthMs: plan.lengthMs * test.joined },
      why: null,
    };
  }

  #isKnown({ of }: Metric, { meta }: Recorded): boolean {
    if (of === "holds") return true;
    return meta.exact && (meta.statements || of === "waits" || of === "waitLengths");
  }

  #notComparable(metric: Metric): Why | null {
    const both = [this.#before, this.#after];
    if (both.every((each) => this.#isKnown(metric, each)))
      return this.#before.meta.exact === this.#after.meta.exact ? null : "other-source";
    return both.every(({ meta }) => meta.exact) ? "no-calls" : "sampled";
  }
}

function valueOfSeries(
  { statistic }: Metric,
  series: Activity["holds"],
  coveredMs: readonly number[],
  known: Durations | undefined,
): Value | null {
  if (statistic.kind === "rate") {
    const ms = sum(coveredMs);
    return ms > 0 ? { perSecond: (sum(series.counts) * 1_000) / ms } : null;
  }
  if (known !== undefined) return known.quantile(statistic.q);
  if (series.isPartial) return null;
  const durations = new Durations();
  for (const buckets of series.buckets ?? []) durations.addBuckets(buckets);
  return durations.quantile(statistic.q);
}

function middle(value: Value | null): number {
  if (value === null) return 0;
  return "perSecond" in value ? value.perSecond : value.atLeastMs + (value.atMostMs ?? value.atLeastMs);
}

function judged(metrics: readonly MetricComparison[]): MetricComparison[] {
  const tested = metrics.flatMap(({ p }) => (p === null ? [] : [p]));
  const adjusted = holm(tested);
  let at = 0;
  return metrics.map((each) => {
    if (each.p === null) return each;
    const p = adjusted[at++] ?? 1;
    return p <= LEVEL ? { ...each, p } : { ...each, p, change: "none", isBetter: null };
  });
}

function sum(values: Iterable<number>): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
