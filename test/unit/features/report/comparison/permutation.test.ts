/**
 * Programs whose load comes in bursts, as random as real ones: two halves of the same program must not differ, and a
 * program that was changed must.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { planBlocks } from "../../../../../src/features/report/comparison/blocks.ts";
import { LEVEL } from "../../../../../src/features/report/comparison/compare.ts";
import { holm } from "../../../../../src/features/report/comparison/holm.ts";
import { permutationTest, type Side } from "../../../../../src/features/report/comparison/permutation.ts";
import { SeriesTally } from "../../../../../src/features/report/comparison/series.ts";
import type { Statistic } from "../../../../../src/features/report/comparison/statistic.ts";

const HALF_S = 120;
const RATE: Statistic = { kind: "rate" };
const P95: Statistic = { kind: "quantile", q: 0.95 };

interface Changed {
  /** Of the second half: this share of the events stays, and takes so many times as long. */
  readonly stays?: number;
  readonly slower?: number;
}

/** Two states, one with four times the events and three times as long ones; `burstS`: how long one lasts, mostly. */
function halves(seed: number, burstS: number, statistic: Statistic, { stays = 1, slower = 1 }: Changed = {}) {
  const generator = xoroshiro128plus(seed);
  const random = () => 1 - uniformFloat64(generator);
  const plan = planBlocks(HALF_S * 1_000, HALF_S * 1_000);
  if (plan === null) throw new Error("too short");
  const tallies = [plan.before, plan.after].map((blocks) => new SeriesTally(blocks, statistic.kind === "quantile"));
  let [atS, changesS, isBusy] = [0, -Math.log(random()) * burstS, random() < 0.5];
  for (;;) {
    atS -= Math.log(random()) / (isBusy ? 4 : 1);
    if (atS >= 2 * HALF_S) break;
    for (; atS > changesS; changesS -= Math.log(random()) * burstS) isBusy = !isBusy;
    const isSecond = atS >= HALF_S;
    const spread = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    if (isSecond && random() > stays) continue;
    const ms = Math.exp(spread) * (isBusy ? 30 : 10) * (isSecond ? slower : 1);
    const block = Math.floor(((isSecond ? atS - HALF_S : atS) * 1_000) / plan.lengthMs);
    tallies[isSecond ? 1 : 0]?.addCounted(block, { times: 1, totalMs: ms });
  }
  return tallies.map((series): Side => ({ series, coveredMs: Array.from(series.counts, () => plan.lengthMs) }));
}

function differing(runs: number, burstS: number, statistic: Statistic, changed?: Changed): number {
  let found = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const [before, after] = halves(seed * 7_919, burstS, statistic, changed) as [Side, Side];
    const { p } = permutationTest(statistic, before, after, 1, 499);
    if (p !== null && p <= LEVEL) found++;
  }
  return found / runs;
}

test.each([
  ["bursts of half a second", 0.5],
  ["bursts of 5 s", 5],
  ["bursts of 10 s, a twelfth of the recording", 10],
])("two halves of one program, with %s: false alarms are no more than 5 of 100", (_, burstS) => {
  expect(differing(60, burstS, RATE)).toBeLessThanOrEqual(0.05);
  expect(differing(60, burstS, P95)).toBeLessThanOrEqual(0.05);
});

test("a program that does a third as often, or takes three times as long, is found", () => {
  expect(differing(20, 0.5, RATE, { stays: 0.33 })).toBeGreaterThanOrEqual(0.9);
  expect(differing(20, 0.5, P95, { slower: 3 })).toBeGreaterThanOrEqual(0.9);
});

test("the same recordings give the same answer", () => {
  const [before, after] = halves(3, 2, RATE, { stays: 0.7 }) as [Side, Side];
  const tests = [1, 2].map(() => permutationTest(RATE, before, after, 1, 499));
  expect(tests[0]).toEqual(tests[1]);
});

function side(counts: readonly number[], coveredMs = counts.map(() => 1_000)): Side {
  return { series: { counts: Float64Array.from(counts), buckets: null, isPartial: false }, coveredMs };
}

test("seven blocks are too few, however different they are", () => {
  const [few, many] = [side([1, 2, 1, 2, 1, 2, 1]), side([90, 91, 92, 93, 91, 92, 90])];
  expect(permutationTest(RATE, few, many, 1)).toEqual({ p: null, why: "too-short" });
});

test("blocks of which less than half is known are left out", () => {
  const counts = [1, 2, 1, 2, 1, 2, 1, 2];
  const covered = [400, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000];
  expect(permutationTest(RATE, side(counts, covered), side(counts), 1)).toEqual({ p: null, why: "too-short" });
});

test("what rises all the time cannot be told from chance", () => {
  const rising = Array.from({ length: 24 }, (_, i) => i);
  expect(permutationTest(RATE, side(rising), side(rising.map((count) => count + 24)), 1)).toMatchObject({
    why: "unsteady",
  });
});

test("blocks are as many in a second of both recordings, and at least eight", () => {
  expect(planBlocks(24_000, 240_000)).toEqual({ lengthMs: 1_000, before: 24, after: 240 });
  expect(planBlocks(8_000, 9_500)).toEqual({ lengthMs: 1_000, before: 8, after: 9 });
  expect(planBlocks(7_900, 100_000)).toBeNull();
  expect(planBlocks(600_000, 86_400_000)).toEqual({ lengthMs: 43_200, before: 13, after: 2_000 });
});

test("of several tests, the chance of one false alarm is that of one test", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
