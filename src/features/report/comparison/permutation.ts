/**
 * Whether two recordings differ by more than chance: a permutation test on blocks of time. If both were of the same
 * process, it would not matter which blocks are called "before" and which "after": they are dealt anew many times, and
 * counted how often the difference is as large as the one that was found. Pure: the seed is fixed, so that the same
 * recordings give the same answer.
 *
 * It holds where a block hardly depends on the block before. Blocks that do are joined until they no longer do, or
 * until there are too few of them to tell anything.
 */
import { Random } from "../../stress/random.ts";
import { FEWEST } from "./blocks.ts";
import { joined, joinedTimes, type Series } from "./series.ts";
import { Estimator, type Statistic, without } from "./statistic.ts";

export interface Side {
  readonly series: Series;
  /** By block, ms. */
  readonly coveredMs: readonly number[];
}

export type Test =
  | { readonly p: number; readonly blocksBefore: number; readonly blocksAfter: number; readonly joined: number }
  /** `unsteady`: also long blocks depend on the ones before. `no-events`: there is nothing on one side. */
  | { readonly p: null; readonly why: "too-short" | "unsteady" | "no-events" };

const DEALS = 1_999;
/** Correlation of a block with the one before, above which blocks are joined; and above which that does not help. */
const DEPENDENT = 0.1;
const UNSTEADY = 0.25;
/** So many blocks become one. */
const JOINS = [1, 2, 3] as const;
/** Of a block, so much must be known. */
const COVERED = 0.5;

export function permutationTest(statistic: Statistic, before: Side, after: Side, seed: number, deals = DEALS): Test {
  const tries = JOINS.map((every) => ({ every, from: known(before, every), to: known(after, every) }))
    .filter(({ from, to }) => Math.min(from.coveredMs.length, to.coveredMs.length) >= FEWEST)
    .map((each) => ({ ...each, dependence: dependence(each.from, each.to) }));
  const chosen = tries.find((each) => each.dependence <= DEPENDENT) ?? tries.at(-1);
  if (chosen === undefined) return { p: null, why: "too-short" };
  if (chosen.dependence > UNSTEADY) return { p: null, why: "unsteady" };
  const p = deal(statistic, chosen, seed, deals);
  if (p === null) return { p, why: "no-events" };
  const { from, to, every } = chosen;
  return { p, blocksBefore: from.coveredMs.length, blocksAfter: to.coveredMs.length, joined: every };
}

interface Dealt {
  readonly from: Side;
  readonly to: Side;
  readonly dependence: number;
}

/** Joined, and without the blocks of which too little is known. */
function known({ series, coveredMs }: Side, every: number): Side {
  const [all, times] = [joined(series, every), joinedTimes(coveredMs, every)];
  const longest = Math.max(...times, 0);
  const kept = times.flatMap((ms, block) => (ms > longest * COVERED ? [block] : []));
  if (kept.length === times.length) return { series: all, coveredMs: times };
  return {
    series: {
      counts: Float64Array.from(kept, (block) => all.counts[block] ?? 0),
      buckets: all.buckets === null ? null : kept.map((block) => all.buckets?.[block] ?? new Map()),
      isPartial: all.isPartial,
    },
    coveredMs: kept.map((block) => times[block] ?? 0),
  };
}

/** Null: one side has nothing. */
function deal(statistic: Statistic, { from: before, to: after, dependence: r }: Dealt, seed: number, deals: number) {
  const series = {
    counts: Float64Array.from([...before.series.counts, ...after.series.counts]),
    buckets: before.series.buckets === null ? null : [...before.series.buckets, ...(after.series.buckets ?? [])],
    isPartial: false,
  };
  const coveredMs = [...before.coveredMs, ...after.coveredMs];
  const estimator = new Estimator(statistic, series, coveredMs);
  const blocks = coveredMs.map((_, block) => block);
  const [all, part, rest] = [estimator.newSums(), estimator.newSums(), estimator.newSums()];
  estimator.sum(all, blocks, blocks.length);
  const isBeforeShort = before.coveredMs.length <= after.coveredMs.length;
  const few = Math.min(before.coveredMs.length, after.coveredMs.length);
  // The first ones are dealt to the recording that has fewer.
  if (!isBeforeShort) blocks.unshift(...blocks.splice(-few));
  const difference = (): number | null => {
    estimator.sum(part, blocks, few);
    without(all, part, rest);
    return isBeforeShort ? estimator.distance(part, rest) : estimator.distance(rest, part);
  };
  const found = difference();
  if (found === null) return null;
  // Blocks that depend on each other tell less than as many that do not: by the variance of a mean of such (AR(1)).
  const surely = Math.abs(found) * Math.sqrt((1 - Math.max(0, r)) / (1 + Math.max(0, r)));
  const random = new Random(seed, 0);
  let asLarge = 1;
  for (let i = 0; i < deals; i++) {
    for (let at = 0; at < few; at++) {
      const other = random.int(at, blocks.length - 1);
      [blocks[at], blocks[other]] = [blocks[other] ?? 0, blocks[at] ?? 0];
    }
    const dealt = difference();
    // Where one side has nothing, it is as far apart as can be.
    if (dealt === null || Math.abs(dealt) >= surely - 1e-12) asLarge++;
  }
  return asLarge / (deals + 1);
}

/** Correlation of blocks with those before them, in both recordings together; short series show too little of it. */
function dependence(before: Side, after: Side): number {
  let [products, squares] = [0, 0];
  const bias = 2 / (before.coveredMs.length + after.coveredMs.length);
  for (const { series, coveredMs } of [before, after]) {
    const rates = blockValues(series, coveredMs);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    for (const [i, rate] of rates.entries()) {
      squares += (rate - mean) ** 2;
      if (i > 0) products += (rate - mean) * ((rates[i - 1] ?? mean) - mean);
    }
  }
  return squares === 0 ? 0 : products / squares + bias;
}

/** What stands for a block: its rate, or the mean of the logarithms of its durations. */
function blockValues({ counts, buckets }: Series, coveredMs: readonly number[]): number[] {
  return coveredMs.map((ms, block) => {
    const rate = ms > 0 ? (counts[block] ?? 0) / ms : 0;
    if (buckets === null) return rate;
    let [sum, times] = [0, 0];
    for (const [bucket, count] of buckets[block] ?? []) {
      sum += bucket * count;
      times += count;
    }
    return times === 0 ? 0 : sum / times;
  });
}
