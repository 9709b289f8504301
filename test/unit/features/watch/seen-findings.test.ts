/** Which findings are shown, and for how long those that no longer hold. */
import { expect, test } from "vitest";
import { SeenFindings } from "../../../../src/features/watch/seen-findings.ts";
import { PATH } from "../../../support/watch-event.ts";
import { finding } from "../../../support/watch-view.ts";

function at(nowMs: number, ...looks: [number, ReturnType<typeof finding>[]][]) {
  const seen = new SeenFindings(PATH);
  for (const [atMs, findings] of looks) seen.addLook(findings, atMs);
  return seen.at(nowMs).map((view) => [view.finding.pids.join(), view.overMs]);
}

const ONE = finding({ pids: [1] });
const OTHER = finding({ pids: [2] });
const HOT = finding({ id: "hot-journal", pids: [] });

test("one that holds, one that no longer does, the newest of it", () => {
  expect(at(100, [0, [ONE, OTHER]])).toEqual([
    ["1", null],
    ["2", null],
  ]);
  expect(at(600, [0, [ONE, OTHER]], [500, [OTHER]])).toEqual([
    ["2", null],
    ["1", 500],
  ]);
});

test("over for ten seconds, then forgotten", () => {
  expect(at(10_499, [0, [ONE]], [500, []])).toEqual([["1", 500]]);
  expect(at(10_500, [0, [ONE]], [500, []])).toEqual([]);
});

test("one that comes back is there once", () => {
  expect(at(1100, [0, [ONE]], [500, []], [1000, [ONE]])).toEqual([["1", null]]);
  expect(at(1100, [0, [HOT]], [500, []], [1000, [HOT]])).toEqual([["", null]]);
});

test("the same of more or fewer processes is the same", () => {
  expect(at(600, [0, [ONE]], [500, [finding({ pids: [1, 2] })]])).toEqual([["1,2", null]]);
});
