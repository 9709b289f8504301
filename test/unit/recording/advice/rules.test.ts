import { expect, test } from "vitest";
import type { Advice, AdviceId } from "../../../../src/recording/advice/advice.ts";
import type { Evidence } from "../../../../src/recording/advice/evidence.ts";
import { Needed } from "../../../../src/recording/advice/needed.ts";
import { adviceFor } from "../../../../src/recording/advice/rules.ts";
import { forecasts } from "../../../../src/recording/advice/timeouts.ts";
import { Durations } from "../../../../src/recording/distribution/durations.ts";
import { evidence, patternWith, quantiles, waitEvidence, walEvidence } from "../../../support/advice.ts";
import { waitLine } from "../../../support/recording.ts";

const TIMED_OUT = withWaits([
  ...Array.from({ length: 77 }, (_, i) => ({ waitedMs: 10 * i })),
  ...Array.from({ length: 23 }, () => ({ waitedMs: 1_010, outcome: "gave-up" as const, blockers: [] })),
]);

function withWaits(waits: readonly Partial<Parameters<typeof waitLine>[0]>[], given: Partial<Evidence> = {}): Evidence {
  const needed = new Needed();
  for (const wait of waits) needed.addWait(waitLine(wait));
  needed.end();
  const { timedOut, atOnce, gaveUpAfterMs } = needed;
  const likelyLongest = needed.likely.quantile(1);
  return evidence({
    waits: waitEvidence({ lengths: needed.certain.quantiles, likelyLongest, timedOut, atOnce, gaveUpAfterMs }),
    timeouts: forecasts({ needed, writeHolds: new Durations(), watchedMs: 60_000 }),
    ...given,
  });
}

const refusedAtOnce = { refused: 3, longestMs: 0 };
const thinking = { transactions: 4, longestMs: 2_000, totalMs: 4_000, totalOutsideMs: 3_000, blockedMs: 900 };
const sameProcess = { refused: 0, waits: 4, waitedMs: 100, longestMs: 60, refusedLongestMs: 0 };
const tasks = { tasks: 2, connections: 2, refused: 1, waits: 0, waitedMs: 0, overlaps: 1 };
const atLast = withWaits([{ waitedMs: 90_000, outcome: "gave-up", blockers: [] }]);

test.each<[string, AdviceId, Evidence]>([
  ["calls gave up after a second", "busy-timeout", TIMED_OUT],
  [
    "a wait took half of the timeout that is set",
    "busy-timeout",
    evidence({ waits: waitEvidence({ lengths: quantiles(2_500) }), openedWithMs: [5_000] }),
  ],
  [
    "no waits are known, and locks are held for five seconds",
    "busy-timeout",
    evidence({ source: "sampled", waits: null, writeHolds: quantiles(5_000) }),
  ],
  [
    "a call without a timeout was refused",
    "no-busy-timeout",
    evidence({ patterns: [patternWith("no-busy-timeout", refusedAtOnce)] }),
  ],
  ["a timeout of 0", "no-busy-timeout", evidence({ patterns: [patternWith("timeout-zero", { opened: 2 })] })],
  [
    "a transaction that had read could not write",
    "begin-immediate",
    evidence({ patterns: [patternWith("read-then-write", { refused: 1, likely: 0 })] }),
  ],
  [
    "what a transaction had read was changed",
    "begin-immediate",
    evidence({ patterns: [patternWith("busy-snapshot", { refused: 1 })] }),
  ],
  [
    "a commit failed because of readers",
    "wal-mode",
    evidence({ journalMode: "rollback", readersAndCommits: { waits: 1, blockedMs: 10, failed: 1 } }),
  ],
  [
    "readers and commits waited for a second",
    "wal-mode",
    evidence({ journalMode: "rollback", readersAndCommits: { waits: 9, blockedMs: 1_000, failed: 0 } }),
  ],
  [
    "no checkpoint for ten seconds",
    "checkpoint-interval",
    evidence({ wal: walEvidence({ mostUncopied: 4_000, uncopiedMs: 10_000 }) }),
  ],
  ["readers pin the WAL", "end-reads", evidence({ wal: walEvidence({ mostPinned: 1_000, pinnedMs: 10_000 }) })],
  [
    "readers pin the WAL, in one look",
    "end-reads",
    evidence({ source: "look", wal: walEvidence({ mostPinned: 1_000 }) }),
  ],
  [
    "connections of one process waited for each other",
    "one-writer-connection",
    evidence({ patterns: [patternWith("same-process-connections", sameProcess)] }),
  ],
  [
    "tasks with connections of their own",
    "one-writer-connection",
    evidence({ patterns: [patternWith("tasks-with-own-connections", tasks)] }),
  ],
  [
    "transactions with much time outside of SQLite",
    "shorter-transactions",
    evidence({ patterns: [patternWith("think-time", thinking)] }),
  ],
  ["no timeout is long enough", "shorter-transactions", atLast],
])("%s: %s", (_, id, given) => {
  expect(adviceFor(given).map((advice) => advice.id)).toEqual([id]);
});

test.each<[string, Evidence]>([
  ["short waits that all got the lock", evidence()],
  ["nothing was seen at all", evidence({ writers: 0, writeHolds: quantiles(), waits: null, wal: null })],
  [
    "a wait that took less than half of the timeout",
    evidence({ waits: waitEvidence({ lengths: quantiles(2_499) }), openedWithMs: [0, 5_000] }),
  ],
  ["a long wait, and the timeout is not known", evidence({ waits: waitEvidence({ lengths: quantiles(4_000) }) })],
  [
    "long holds of the only writer",
    evidence({ source: "sampled", waits: null, writers: 1, writeHolds: quantiles(9_000) }),
  ],
  [
    "shorter holds, and waits that are not known",
    evidence({ source: "sampled", waits: null, writeHolds: quantiles(4_999) }),
  ],
  [
    "readers and commits waited for less than a second",
    evidence({ journalMode: "rollback", readersAndCommits: { waits: 9, blockedMs: 999, failed: 0 } }),
  ],
  ["readers waited in WAL mode", evidence({ readersAndCommits: { waits: 9, blockedMs: 5_000, failed: 3 } })],
  ["a large transaction", evidence({ wal: walEvidence({ mostUncopied: 90_000, uncopiedMs: 9_999 }) })],
  ["many frames that were soon copied", evidence({ wal: walEvidence({ mostUncopied: 3_999, uncopiedMs: 60_000 }) })],
  [
    "readers that pin the WAL for less than ten seconds",
    evidence({ wal: walEvidence({ mostPinned: 9_000, pinnedMs: 9_999 }) }),
  ],
  ["readers that pin a few frames", evidence({ wal: walEvidence({ mostPinned: 999, pinnedMs: 60_000 }) })],
  [
    "connections of one process waited for less than a sleep",
    evidence({ patterns: [patternWith("same-process-connections", { ...sameProcess, waitedMs: 99 })] }),
  ],
  ["another pattern", evidence({ patterns: [patternWith("oversleep", { waits: 9 })] })],
])("%s: nothing is to be changed", (_, given) => {
  expect(adviceFor(given)).toEqual([]);
});

function only<Id extends AdviceId>(given: Evidence, id: Id) {
  return adviceFor(given).find((advice): advice is Extract<Advice, { readonly id: Id }> => advice.id === id);
}

test("23 of 100 waits gave up at a second: what other timeouts would have done is told", () => {
  const advice = only(TIMED_OUT, "busy-timeout");
  expect(advice).toMatchObject({ sure: "proved", setting: { timeoutMs: 2_000 } });
  expect(advice?.because.outcomes.map(({ timeoutMs, failed }) => [timeoutMs, failed])).toEqual([
    [1_000, { atLeast: 23, atMost: 23 }],
    // How long they would have needed is not known.
    [2_000, { atLeast: 0, atMost: 23 }],
  ]);
});

test("the advised timeout is longer than what the longest wait would likely have needed", () => {
  const needs = (ms: number) => withWaits([{ waitedMs: 1_000, outcome: "gave-up", blockers: [] }, { waitedMs: ms }]);
  expect(only(needs(3_300), "busy-timeout")?.setting).toEqual({ id: "busy-timeout", timeoutMs: 5_000 });
  expect(only(needs(3_400), "busy-timeout")?.setting).toEqual({ id: "busy-timeout", timeoutMs: 10_000 });
});

test("where one is not set, the usual timeout is the least that is advised, and there is one advice", () => {
  const patterns = [patternWith("no-busy-timeout", refusedAtOnce)];
  expect(adviceFor({ ...TIMED_OUT, patterns }).map(({ id }) => id)).toEqual(["no-busy-timeout"]);
  expect(only({ ...TIMED_OUT, patterns }, "no-busy-timeout")?.setting).toEqual({
    id: "busy-timeout",
    timeoutMs: 5_000,
  });
});
