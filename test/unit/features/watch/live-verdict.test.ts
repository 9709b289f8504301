/** Whether a database is locked now: what was measured, else what the last look says. */
import { describe, expect, test } from "vitest";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import { type LiveVerdict, liveVerdict, type WriteSpan } from "../../../../src/features/watch/live-verdict.ts";
import { lock } from "../../../support/report.ts";
import { holderView } from "../../../support/watch-view.ts";

const NOW = 60_000;
type LookedVerdict = Parameters<typeof liveVerdict>[1];

const OPEN: LookedVerdict = { state: "open", pids: [], sentence: "of the look" };
const FREE: LookedVerdict = { ...OPEN, state: "free" };
const UNKNOWN: LookedVerdict = { ...OPEN, state: "unknown" };
const BUSY: LookedVerdict = { ...OPEN, state: "busy", pids: [4242] };
const blockedBy = (...pids: number[]): LookedVerdict => ({ ...OPEN, state: "blocked", pids });

const idle = holderView({ pid: 7 });
const writer = (change: Partial<HolderView> = {}) =>
  holderView({ activity: "writing", locks: [lock("WRITE")], blocks: ["writers"], heldMs: 2000, ...change });
const reader = holderView({ pid: 9, activity: "reading", blocks: ["commits"], locks: [lock("SHARED")], heldMs: 5000 });
const span = (fromMs: number, toMs: number | null, pid = 4242): WriteSpan => ({ pid, fromMs, toMs });

function verdict(holders: readonly HolderView[], looked: LookedVerdict, ...writing: WriteSpan[]): LiveVerdict {
  return liveVerdict(holders, looked, writing, NOW, 0);
}

test.each<[string, HolderView[], LookedVerdict, LiveVerdict["kind"]]>([
  ["no process", [], FREE, "looked"],
  ["a process that holds no lock", [idle], OPEN, "looked"],
  ["a process that has come since", [idle], FREE, "released"],
  ["a process that has gone", [holderView({ gone: { atMs: 0, how: "ended" } })], FREE, "looked"],
  ["the look does not tell", [idle], UNKNOWN, "looked"],
  ["held for long, taken while it was watched: its age is known exactly", [writer()], blockedBy(4242), "held"],
  ["held for long, and the look was earlier", [writer()], OPEN, "held"],
  [
    "held before the watching: the look knows as much, and more",
    [writer({ atLeast: true })],
    blockedBy(4242),
    "looked",
  ],
  ["held before the watching, and the look saw it free", [writer({ atLeast: true })], OPEN, "held"],
  ["it waits for a reader: the look knows the cause", [writer(), reader], blockedBy(9, 4242), "looked"],
  ["a read that blocks commits", [reader], blockedBy(9), "looked"],
  ["the lock of no known process", [], blockedBy(), "looked"],
  ["the holder that the look saw has released it", [holderView()], blockedBy(4242), "released"],
  [
    "the holder that the look saw has ended",
    [writer({ gone: { atMs: 0, how: "ended" } })],
    blockedBy(4242),
    "released",
  ],
  ["busy at the look, and not since", [idle], BUSY, "released"],
])("%s", (_, holders, looked, kind) => {
  expect(verdict(holders, looked).kind).toBe(kind);
});

describe("a look amid short transactions, whose begin was seen", () => {
  const short = writer({ heldMs: 200 });
  const before = span(55_000, 58_000);
  test.each<[string, HolderView[], WriteSpan[], LiveVerdict["kind"]]>([
    ["one after the other", [short], [before, span(59_800, null)], "busy"],
    ["the first", [short], [span(59_800, null)], "looked"],
    [
      "held since before the watching",
      [writer({ heldMs: 200, atLeast: true })],
      [before, span(59_800, null)],
      "looked",
    ],
    ["a read blocks commits as well", [short, reader], [before, span(59_800, null)], "looked"],
  ])("%s", (_, holders, spans, kind) => {
    expect(verdict(holders, blockedBy(4242), ...spans).kind).toBe(kind);
  });
});

test("the one that has blocked for the longest time, and how many others do", () => {
  const [first, second] = [writer({ pid: 1, heldMs: 3000 }), writer({ pid: 2, heldMs: 9000 })];
  expect(verdict([first, second], OPEN)).toEqual({ kind: "held", holder: second, lock: "WRITE", more: 1 });
});

describe("busy", () => {
  test.each<[string, WriteSpan[], LiveVerdict["kind"]]>([
    ["one short hold", [span(55_000, 55_499)], "looked"],
    ["for 5 % of the last ten seconds", [span(55_000, 55_500)], "busy"],
    ["longer ago", [span(45_000, 49_999)], "looked"],
    ["at this moment", [span(59_990, null)], "busy"],
  ])("%s", (_, spans, kind) => {
    expect(verdict([idle], OPEN, ...spans).kind).toBe(kind);
  });

  test("which processes, how often, the longest", () => {
    const holders = [holderView({ pid: 4242, command: "python a.py" })];
    expect(verdict(holders, OPEN, span(51_000, 51_400), span(52_000, 52_300, 8), span(59_900, null))).toEqual({
      kind: "busy",
      holders: [
        { pid: 4242, command: "python a.py" },
        { pid: 8, command: "?" },
      ],
      times: 3,
      longestMs: 400,
      atLeast: false,
      sinceMs: null,
      withinMs: 10_000,
    });
  });

  test.each<[string, WriteSpan[], object]>([
    ["released", [span(55_000, 56_000)], { times: 1, longestMs: 1000, atLeast: false, sinceMs: 4000 }],
    [
      "held before the watching, for how long is unknown",
      [{ ...span(55_000, 58_200), atLeast: true }],
      { times: 1, longestMs: 3200, atLeast: true, sinceMs: 1800 },
    ],
    [
      "held before the watching, and a look has proved since when",
      [{ ...span(55_000, 58_200), atLeast: true, provedMs: 43_200 }],
      { times: 1, longestMs: 15_000, atLeast: true },
    ],
    [
      "before and after a gap: taken once, as far as is known",
      [span(52_000, 53_000), { ...span(54_000, 57_000), atLeast: true, again: true }],
      { times: 1, longestMs: 3000, atLeast: true },
    ],
    [
      "a longer hold that was seen from its beginning",
      [{ ...span(52_000, 53_000), atLeast: true }, span(54_000, 57_000)],
      { times: 2, longestMs: 3000, atLeast: false },
    ],
  ])("for how long: %s", (_, spans, expected) => {
    expect(verdict([idle], OPEN, ...spans)).toMatchObject({ kind: "busy", ...expected });
  });

  test("in the first seconds, of the time since the start", () => {
    expect(liveVerdict([], OPEN, [span(1000, 1200)], 3000, 0)).toMatchObject({ kind: "busy", withinMs: 3000 });
  });
});
