import { expect, test } from "vitest";
import type { HistoryFacts } from "../../../../src/recording/history/history.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { PageCollector } from "../../../../src/render/page/collect/collector.ts";
import { CountedTally } from "../../../../src/render/page/collect/counted-holds.ts";
import { Interner } from "../../../../src/render/page/collect/interner.ts";
import { KeptEvents } from "../../../../src/render/page/collect/kept-events.ts";
import { oneRun } from "../../../support/page.ts";
import { countsLine, lockLine, metaLine } from "../../../support/recording.ts";

function collected(lines: readonly RecordingLine[], facts: HistoryFacts = oneRun(metaLine(), 10_000)) {
  const collector = new PageCollector(facts, facts);
  for (const line of lines) collector.take(line);
  return collector.finish(facts, []);
}

test("of very many events the longest stay, and the others are added up", () => {
  const dropped: number[] = [];
  const kept = new KeptEvents<{ lengthMs: number | null }>(3, ({ lengthMs }) => dropped.push(lengthMs ?? -1));
  for (const lengthMs of [5, 1, null, 4, 2, 9, 3]) kept.add({ lengthMs });
  expect(new Set(kept.all().map(({ lengthMs }) => lengthMs))).toEqual(new Set([null, 9, 5]));
  expect(dropped.sort()).toEqual([1, 2, 3, 4]);
  expect(kept).toMatchObject({ dropped: 4, droppedUpToMs: 4 });
});

test("counted holds: the sum stays what it was, in ever fewer rows", () => {
  const tally = new CountedTally(10);
  for (let i = 0; i < 1_000; i++) {
    const fromMs = i * 1_000;
    tally.add({ fromMs, toMs: fromMs + 1_000, lane: i % 2, kind: 0, times: 3, totalMs: 2, longestMs: i });
  }
  const rows = tally.all();
  expect(rows.length).toBeLessThanOrEqual(10);
  expect(rows.reduce((sum, { times }) => sum + times, 0)).toBe(3_000);
  expect(rows.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBe(2_000);
  expect(Math.max(...rows.map(({ longestMs }) => longestMs ?? 0))).toBe(999);
  expect([rows[0]?.fromMs, Math.max(...rows.map(({ toMs }) => toMs))]).toEqual([0, 1_000_000]);
});

test("more lanes and locks than rows: nothing is lost, and it ends", () => {
  const tally = new CountedTally(5);
  for (let lane = 0; lane < 50; lane++)
    tally.add({ fromMs: 0, toMs: 1, lane, kind: 0, times: 1, totalMs: 1, longestMs: null });
  expect(tally.all()).toHaveLength(50);
});

test("texts beyond the room for them are cut, and counted", () => {
  const texts = new Interner(null);
  for (let i = 0; i < 2_000; i++) texts.text(`${i} ${"x".repeat(5_000)}`);
  expect(texts.strings.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(3_100_000);
  expect(texts.cut).toBeGreaterThan(1_000);
  expect(texts.text(null)).toBe(-1);
  expect(texts.text(texts.strings[0])).toBe(0);
});

test("a lock that did not end goes to the end of its run, not into the next one", () => {
  const meta = metaLine();
  const facts: HistoryFacts = {
    ...oneRun(meta, 9_000),
    runs: [
      { meta, fromMs: 0, toMs: 4_000, end: "complete" },
      { meta, fromMs: 6_000, toMs: 9_000, end: "complete" },
    ],
  };
  const { data } = collected([lockLine({ fromMs: 1_000, toMs: null }), lockLine({ fromMs: 7_000, toMs: null })], facts);
  expect(data.locks.length).toEqual([3_000_000, 2_000_000]);
  expect(data.locks.flags.map((flags) => flags & 2)).toEqual([2, 2]);
});

test("hostile counts: names that are no lock's have no effect on others", () => {
  const holds = JSON.parse('{"__proto__": {"times": 1, "totalMs": 1}, "constructor": {"times": 2, "totalMs": 1}}');
  const { data } = collected([countsLine({ holds })]);
  expect(data.counted.times).toEqual([1, 2]);
});
