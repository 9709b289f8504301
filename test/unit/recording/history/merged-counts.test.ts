/** Counts that are added up: from their text as from what is parsed, and nothing is lost. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readLine } from "../../../../src/recording/document/read-line.ts";
import { CountsScanner } from "../../../../src/recording/history/counts-scanner.ts";
import { MergedCounts } from "../../../../src/recording/history/merged-counts.ts";
import type { CountsLine, HoldCounts } from "../../../../src/recording/lines.ts";
import { LOCK_NAMES } from "../../../../src/sqlite/locks.ts";
import { countsLine } from "../../../support/recording.ts";

const ms = fc.oneof(
  fc.integer({ min: 0, max: 1e6 }),
  fc.integer({ min: 0, max: 1e12 }).map((ns) => ns / 1e6),
);
const times = fc.integer({ min: 0, max: 1e6 });
const buckets = fc.dictionary(fc.integer({ min: 0, max: 160 }).map(String), times, { maxKeys: 4 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const hold: fc.Arbitrary<HoldCounts> = fc
  .record({
    ...{ times, totalMs: ms, longestMs: optional(ms), writes: optional(times), writesMs: optional(ms) },
    ...{ longestWriteMs: optional(ms), buckets: optional(buckets), writeBuckets: optional(buckets) },
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as HoldCounts);

const waited = fc.record({
  ...{ times, totalMs: ms, longestMs: optional(ms), attempts: optional(times), granted: optional(times) },
  buckets: optional(buckets),
});

const counts: fc.Arbitrary<CountsLine> = fc
  .record({
    ...{
      fromMs: fc.integer({ min: 0, max: 1e8 }),
      pid: fc.integer({ min: 1, max: 9 }),
      waits: fc.option(waited),
      runs: optional(waited),
    },
    ...{ startTicks: fc.constantFrom("1", "2", null), path: fc.constantFrom("/a.db", '/b "x" {.db', "/ü\n.db") },
    holds: fc.dictionary(fc.constantFrom(...LOCK_NAMES), hold, { maxKeys: 3 }),
    ...{ transactions: fc.option(times), writeTransactions: optional(times), commits: optional(times) },
    ...{ gaveUp: optional(times), refusals: optional(times), optionalRefusals: fc.option(times) },
  })
  .map(
    (given) =>
      JSON.parse(JSON.stringify(countsLine({ ...given, toMs: given.fromMs + 1_000 } as CountsLine))) as CountsLine,
  );

function merged(lines: readonly CountsLine[], stepMs: number, asText: boolean): CountsLine[] {
  const result: CountsLine[] = [];
  const sums = new MergedCounts(stepMs, (line) => result.push(line));
  for (const line of lines) {
    const json = JSON.stringify(line);
    if (asText)
      expect(
        sums.addText(`x${json}\n`, 1, 1 + json.length, () => true),
        json,
      ).toBe(true);
    else sums.add(readLine(json, 1).line as CountsLine);
  }
  sums.end();
  return result;
}

test("the text of a line adds up to the same as the line", () => {
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 6 }), (lines) => {
      const sorted = lines.toSorted((a, b) => a.fromMs - b.fromMs);
      expect(merged(sorted, 1e7, true)).toEqual(merged(sorted, 1e7, false));
    }),
  );
});

test("nothing is lost, and a step is not longer than it may be", () => {
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 20 }), fc.integer({ min: 1_000, max: 60_000 }), (lines, stepMs) => {
      const sorted = lines.toSorted((a, b) => a.fromMs - b.fromMs);
      const result = merged(sorted, stepMs, true);
      const sum = (all: readonly CountsLine[], of: (line: CountsLine) => number) =>
        all.reduce((total, line) => total + of(line), 0);
      for (const of of [
        (line: CountsLine) => line.holds.WRITE?.times ?? 0,
        (line: CountsLine) => line.transactions ?? 0,
        (line: CountsLine) => line.refusals ?? 0,
        (line: CountsLine) => line.waits?.times ?? 0,
        (line: CountsLine) => line.runs?.times ?? 0,
        (line: CountsLine) => line.runs?.granted ?? 0,
      ])
        expect(sum(result, of)).toBe(sum(sorted, of));
      // of all of them or, where those of a part are not known, none
      for (const { holds } of result)
        for (const { times, buckets } of Object.values(holds))
          if (buckets !== undefined) expect(Object.values(buckets).reduce((a, b) => a + b, 0)).toBe(times);
      for (const { fromMs, toMs } of result) expect(toMs - fromMs).toBeLessThanOrEqual(Math.max(1_000, stepMs));
    }),
  );
});

test.each([true, false])("what is not known of a part is not known of the sum (as text: %s)", (asText) => {
  const lines = [
    second(0, {
      times: 2,
      totalMs: 3,
      longestMs: 2,
      writes: 1,
      writesMs: 1,
      longestWriteMs: 1,
      writeBuckets: { 40: 1 },
    }),
    second(1_000, { times: 2, totalMs: 500, writes: 1 }),
  ];
  const [sum] = merged(lines, 60_000, asText).map(({ holds }) => holds.WRITE);
  expect(sum).toEqual({ times: 4, totalMs: 503, writes: 2 });
});

const second = (fromMs: number, hold: object) =>
  countsLine({ fromMs, toMs: fromMs + 1_000, holds: { WRITE: hold } } as Partial<CountsLine>);

test.each<[string, readonly object[], object | undefined]>([
  [
    "all",
    [
      { times: 2, totalMs: 3, buckets: { 40: 2 } },
      { times: 3, totalMs: 3, buckets: { 40: 1, 44: 2 } },
    ],
    { 40: 3, 44: 2 },
  ],
  [
    "one that needs no bucket",
    [
      { times: 2, totalMs: 3, buckets: { 40: 2 } },
      { times: 1, totalMs: 1 },
    ],
    { 40: 3 },
  ],
  [
    "a part of which the lengths are not known",
    [
      { times: 2, totalMs: 3, buckets: { 40: 2 } },
      { times: 9, totalMs: 9 },
    ],
    undefined,
  ],
])("the lengths of %s", (_, holds, buckets) => {
  const lines = holds.map((hold, i) => second(i * 1_000, hold));
  for (const asText of [false, true])
    expect(merged(lines, 60_000, asText).map((line) => line.holds.WRITE?.buckets)).toEqual([buckets]);
});

test("what is not exactly as it is written is read as any other line", () => {
  const scanner = new CountsScanner();
  const json = JSON.stringify(countsLine({ holds: { WRITE: { times: 1, totalMs: 2.5, longestMs: 2.5 } } }));
  expect(scanner.scan(json)).toBe(true);
  expect(scanner.hold[0]).toMatchObject({ name: "WRITE", times: 1, totalMs: 2.5 });
  for (const other of [
    json.replace('"times":1', '"times":1.5'),
    json.replace('"times":1', '"times":01'),
    json.replace('"times":1', '"times":-1'),
    json.replace('"times":1', '"times":1e3'),
    json.replace('"times":1', '"times":"1"'),
    json.replace('"times":1,', ""),
    json.replace('"WRITE"', '"OTHER"'),
    json.replace('"longestMs"', '"unknown"'),
    json.replace('"totalMs":2.5', '"totalMs":2.51234567890123456'),
    json.replace('"totalMs":2.5', '"totalMs":2.'),
    json.replace('"waits":', '"later":1,"waits":'),
    json.replace('"optionalRefusals":0', '"optionalRefusals":0,"gaveUp"'),
    json.replace('"oneStatement"', ""),
    `${json} `,
    json.slice(0, -1),
    `${json.slice(0, -1)},"oneStatement":[]}`,
    json.replace("counts", "lock"),
  ].filter((each) => each !== json))
    expect(scanner.scan(other), other).toBe(false);
  const sums = new MergedCounts(1_000, () => undefined);
  expect(sums.addText(...whole(json.replace('"pid":4250', '"pid":"x"')), () => true)).toBe(false);
  expect(sums.addText(...whole(json.replace('"pid":4250', '"pid":4250,"__proto__":{}')), () => true)).toBe(true);
});

const whole = (json: string) => [json, 0, json.length] as const;

test("a loop of one statement keeps its times", () => {
  const loop = countsLine({ oneStatement: [{ tid: 1, sql: "insert", times: 20, heldMs: 1 }] });
  const few = countsLine({ oneStatement: [{ tid: 1, sql: "insert", times: 19, heldMs: 1 }] });
  expect(merged([few, loop, few], 60_000, false)).toEqual([loop, expect.objectContaining({ type: "counts" })]);
});
