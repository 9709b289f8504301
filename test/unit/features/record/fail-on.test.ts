/** --fail-on: what is a problem, and when there is no answer. */
import { expect, test } from "vitest";
import { noAnswerOf, Problems, parseFailOn } from "../../../../src/features/record/fail-on.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import { blocker, callSite, connectionLine, metaLine, refusalLine, waitLine } from "../../../support/recording.ts";

const TOLD = metaLine({ source: "sampled", exact: false, callSites: true });

function summaryOf(lines: readonly RecordingLine[]) {
  const tally = new Tally();
  for (const line of lines) tally.add(line);
  return tally.summary();
}

function found(words: string, lines: readonly RecordingLine[]) {
  const problems = new Problems(parseFailOn(words), 10);
  for (const line of lines) problems.add(line);
  return problems.found(summaryOf(lines));
}

const behind = { blockers: [blocker({ callSite: callSite(42) })], callSite: callSite(7) };
const refused = refusalLine(behind);
const gaveUp = waitLine({ ...behind, outcome: "gave-up", result: "SQLITE_BUSY" });
const waited = waitLine(behind);
const dropped = connectionLine({ closed: "collected" });

test("refused calls: those of one line behind another are one problem", () => {
  expect(found("refusals", [refused, refused, gaveUp, waited])).toMatchObject([
    { type: "refusals", times: 3, longestMs: 900, blocker: { callSite: callSite(42) } },
  ]);
  expect(found("refusals", [refused, { ...refused, callSite: callSite(8) }])).toHaveLength(2);
  expect(found("refusals", [refusalLine({ result: "SQLITE_LOCKED_SHAREDCACHE" })])).toHaveLength(1);
  expect(found("refusals", [refusalLine({ result: "SQLITE_INTERRUPT" }), waited, dropped])).toEqual([]);
});

test("waits: those that are long enough", () => {
  expect(found("waits", [waited, { ...waited, waitedMs: 9 }])).toMatchObject([{ type: "waits", times: 1 }]);
  expect(found("refusals", [waited])).toEqual([]);
});

test("a pattern by its name, however grave; warnings are all that are no info", () => {
  expect(found("never-closed", [dropped])).toMatchObject([{ type: "pattern", pattern: { severity: "info" } }]);
  expect(found("warnings", [dropped])).toEqual([]);
  const many = Array.from({ length: 20 }, () => dropped);
  expect(found("warnings", many)).toMatchObject([{ type: "pattern", pattern: { id: "never-closed" } }]);
  expect(found("warnings", [refused])).toMatchObject([{ type: "refusals" }]);
  expect(found("waits, never-closed", [waited, dropped])).toHaveLength(2);
});

test.each(["", "refusals,", "refusal", "all"])("%j is not known", (words) => {
  expect(() => parseFailOn(words)).toThrow(/--fail-on .* is not known/);
});

test("no problem is an answer only where one would have been seen", () => {
  const used = summaryOf([TOLD, dropped]);
  expect(noAnswerOf(TOLD, used)).toBeNull();
  expect(noAnswerOf(TOLD, summaryOf([TOLD]))).toBe("not-told");
  expect(noAnswerOf(metaLine({ source: "sampled", exact: false }), used)).toBe("not-seen");
  const unknown = { type: "unknown", atMs: 1, what: "call-site", why: "no-tracer", pids: [9], untilMs: null } as const;
  expect(noAnswerOf(TOLD, summaryOf([TOLD, dropped, unknown]))).toBe("not-traced");
  expect(noAnswerOf(metaLine(), summaryOf([metaLine()]))).toBeNull();
  const gap = { type: "gap", fromMs: 1, toMs: 2, why: "lost-events", lostEvents: 3 } as unknown as RecordingLine;
  expect(noAnswerOf(metaLine(), summaryOf([metaLine(), gap]))).toBe("lost");
});
