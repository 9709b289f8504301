/** --fail-on in words. */
import { expect, test } from "vitest";
import { noAnswerText, problemText } from "../../../../src/render/record/fail-on.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { blocker, callSite, refusalLine, waitLine } from "../../../support/recording.ts";

const NAMES = new Names([], "/srv/app");
const text = (problem: Parameters<typeof problemText>[0]) => problemText(problem, NAMES, () => null);

test("a refused call, and the line that was in its way", () => {
  const line = refusalLine({ callSite: callSite(7) });
  const other = blocker({ callSite: callSite(42) });
  const own = { ...other, pid: line.pid, startTicks: line.startTicks };
  const common = { type: "refusals", line, times: 1, longestMs: 0.1 } as const;
  expect(text({ ...common, blocker: other })).toBe(
    "refusals: 4250 got SQLITE_BUSY at shop/views.py:7 in create_order, behind 4242 at shop/views.py:42 in " +
      "create_order.",
  );
  expect(text({ ...common, times: 3, blocker: own })).toBe(
    "refusals: 4250 got SQLITE_BUSY 3 times at shop/views.py:7 in create_order, behind another connection of its own " +
      "process at shop/views.py:42 in create_order.",
  );
  expect(text({ ...common, blocker: null })).toBe("refusals: 4250 got SQLITE_BUSY at shop/views.py:7 in create_order.");
});

test("waits", () => {
  const common = { type: "waits", line: waitLine({ callSite: null }), blocker: null, longestMs: 900 } as const;
  expect(text({ ...common, times: 1 })).toBe("waits: 4250 waited for 900 ms.");
  expect(text({ ...common, times: 2 })).toBe("waits: 4250 waited 2 times, the longest for 900 ms.");
});

test("no answer", () => {
  expect(noAnswerText("not-told")).toBe(
    "--fail-on has found nothing, but that is no answer: no traced program opened a database that is recorded",
  );
});
