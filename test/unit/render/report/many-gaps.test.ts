/** What was not recorded: a recorder that could not follow has a gap in every second. */
import { expect, test } from "vitest";
import type { Blank } from "../../../../src/recording/history/history.ts";
import { Clock } from "../../../../src/render/report/clock.ts";
import { notRecordedTexts } from "../../../../src/render/report/not-recorded.ts";
import { foundRun, historyOf } from "../../../support/history.ts";

function msFor(gaps: number): number {
  const facts = historyOf(foundRun("2026-07-01T10:00:00+02:00", { toMs: gaps * 1_000 }));
  const blanks: Blank[] = Array.from({ length: gaps }, (_, i) => ({
    ...{ fromMs: i * 1_000 + 100, toMs: i * 1_000 + 200, why: "lost" },
  }));
  const span = { fromMs: facts.fromMs, toMs: facts.toMs };
  const beganMs = performance.now();
  const texts = notRecordedTexts({ span, facts: { ...facts, blanks }, damaged: [] }, new Clock(facts.clock));
  expect(texts.join()).toContain(`and ${gaps - 3} more (events came too fast)`);
  return performance.now() - beganMs;
}

test("many gaps cost time in proportion to their number", () => {
  msFor(100);
  // a list that is copied for each of them takes 1,600 times as long for 40 times as many
  expect(msFor(40_000)).toBeLessThan(400 * Math.max(1, msFor(1_000)));
});
