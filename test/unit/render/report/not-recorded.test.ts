/** Why nothing was recorded, in words: a sample lost no events. */
import { expect, test } from "vitest";
import type { Run } from "../../../../src/recording/history/history.ts";
import { wallClockOf } from "../../../../src/recording/history/wall-clock.ts";
import { zonesOf } from "../../../../src/render/page/collect/zones.ts";
import { Clock } from "../../../../src/render/report/clock.ts";
import { notRecordedTexts } from "../../../../src/render/report/not-recorded.ts";
import { metaLine } from "../../../support/recording.ts";

const SPAN = { fromMs: 0, toMs: 60_000 };
const GAP = { fromMs: 20_000, toMs: 30_000, why: "lost" } as const;

function textsOf(runs: readonly Run[]) {
  const clock = wallClockOf([{ atMs: 0, utcMs: Date.UTC(2026, 6, 1) }], 0, SPAN.toMs, "UTC");
  const facts = { ...SPAN, runs, clock, blanks: [GAP], suspensions: [], clockSteps: [] };
  return {
    report: notRecordedTexts({ span: SPAN, facts, damaged: [] }, new Clock(clock)),
    page: zonesOf(facts).map(({ text }) => text),
  };
}

const run = (fromMs: number, toMs: number, exact: boolean): Run => ({
  ...{ meta: metaLine({ exact, source: exact ? "kernel" : "sampled" }), fromMs, toMs, end: "complete" },
});

test("of a sample", () => {
  expect(textsOf([run(0, 10_000, true), run(11_000, 60_000, false)])).toEqual({
    report: [
      "Not recorded: 2026-07-01 00:00:20 to 00:00:30 UTC " +
        "(/proc/locks was not read: the recorder was stopped, or had to wait for a CPU).",
    ],
    page: ["not recorded: /proc/locks was not read"],
  });
});

test("of the kernel's events", () => {
  expect(textsOf([run(0, 60_000, true), run(61_000, 70_000, false)])).toEqual({
    report: ["Not recorded: 2026-07-01 00:00:20 to 00:00:30 UTC (events came too fast)."],
    page: ["events were lost"],
  });
});
