import { expect, test } from "vitest";
import { metricsOf } from "../../../../src/features/stress/comparison.ts";
import type { Concern, RoundReport } from "../../../../src/features/stress/report.ts";
import type { RunResult } from "../../../../src/features/stress/result.ts";
import { stressReport } from "../../../../src/render/stress/report.ts";
import { runVerdict } from "../../../../src/render/stress/verdict.ts";
import { expectToFit } from "../../../support/schema.ts";
import { failures, stressResult, stressRound } from "../../../support/stress-result.ts";

const WAIT = { kind: "long-wait", busyTimeoutMs: 5000 } as const;
const READER: Concern = { ...WAIT, role: "reader", longestMs: 3100, p99Ms: 141 };
const WRITER: Concern = { ...WAIT, role: "writer", longestMs: 3900, p99Ms: 2500 };
const UNEVEN: Concern = { kind: "uneven-writers", jain: 0.27, leastCommits: 12, mostCommits: 1313 };

const { settings } = stressResult();
const SHORT = { settings: { ...settings, durationMs: 1000, readThenWrite: false } };
const LONG = { settings: { ...settings, readThenWrite: false } };
const WAL = { settings: { ...settings, journalMode: "wal", thinkMs: 5 } } as const;

function compared(
  change: NonNullable<RunResult["comparison"]>["change"],
  before: Partial<RoundReport>,
  after: Partial<RoundReport>,
): Partial<RunResult> {
  const rounds = (each: Partial<RoundReport>) =>
    Array.from({ length: 4 }, (_, i) => stressRound({ commits: 700 + i, ...each }));
  const sides = { before: rounds(before), after: rounds(after) };
  return { comparison: { change, ...sides, metrics: metricsOf(sides.before, sides.after) } };
}

const READ_WAITS = (reader: number) => ({ longestWaitMs: { writer: 120, reader } });

test.each<[string, Partial<RunResult>, string]>([
  [
    "a reader waited long",
    { concerns: [READER] },
    "failed; the longest wait for the lock took 120 ms. A reader waited 3.1 s, with a busy timeout of 5 s: close to " +
      "failing. What may help: --journal-mode wal, pauses between transactions (--think) or fewer or shorter " +
      "transactions. All 3,688",
  ],
  [
    "a writer and a reader, and not once only",
    { concerns: [WRITER, READER], ...WAL },
    "A writer waited 3.9 s and a reader waited 3.1 s, with a busy timeout of 5 s: close to failing. One commit in " +
      "100 waited 2.5 s or longer. What may help: fewer or shorter transactions. All",
  ],
  [
    "uneven writers",
    { concerns: [UNEVEN] },
    "The writers did not get equal turns: 12 to 1,313 commits each (fairness 0.27). What may help:",
  ],
  [
    "a wait of a role that failed is in the sentence about the failures",
    { ...LONG, concerns: [WRITER, UNEVEN], failures: [failures({ timedOut: 312, longestMs: 5012 })] },
    "5 s was not enough. The writers did not get equal turns",
  ],
  [
    "too short to try anything",
    { concerns: [READER], ...SHORT },
    "or fewer or shorter transactions (not tried: that takes --duration 2s or longer).",
  ],
  [
    "too short, and --in-place, where nothing is tried",
    { concerns: [READER], settings: { ...SHORT.settings, inPlace: true } },
    "or fewer or shorter transactions. All",
  ],
  ["a network file system: no WAL mode", { concerns: [READER], onNetwork: true }, "What may help: pauses between"],
  [
    "what was tried helps",
    { concerns: [READER], ...compared({ journalMode: "wal" }, READ_WAITS(1200), READ_WAITS(9)) },
    "close to failing. --journal-mode wal helps (4 rounds with it and 4 without, in turns): the longest wait of a " +
      "reader 9.00 ms instead of 1.2 s; no difference that counts in commits per second (350 to 352 with " +
      "it, 350 to 352 " +
      "without). All 3,688",
  ],
  [
    "it helps, and costs commits",
    { concerns: [UNEVEN], ...compared({ thinkMs: 100 }, { jain: 0.3 }, { jain: 1, commits: 60, reads: 9 }) },
    "--think 100ms (a pause after each transaction) helps (4 rounds with it and 4 without, in turns): fairness 1.00 " +
      "instead of 0.30; but commits per second 30 instead of 350 to 352; reads per second 4.5 instead of 900. All",
  ],
  [
    "it helps readers, and a writer waits longer",
    {
      concerns: [READER],
      ...compared(
        { journalMode: "wal" },
        { longestWaitMs: { writer: 2, reader: 1200 } },
        { longestWaitMs: { writer: 18, reader: 9 } },
      ),
    },
    "without, in turns): the longest wait of a reader 9.00 ms instead of 1.2 s; but the longest wait of " +
      "a writer 18 ms " +
      "instead of 2.00 ms; no difference that counts in commits per second (",
  ],
  [
    "it helps, though not with the concern",
    {
      concerns: [READER],
      ...compared(
        { journalMode: "wal" },
        { longestWaitMs: { writer: 400, reader: 900 }, commits: 125, reads: 1000 },
        { longestWaitMs: { writer: 100, reader: 900 }, commits: 4539, reads: 6000 },
      ),
    },
    "--journal-mode wal helps, but not with the longest wait of a reader (4 rounds with it and 4 without, in turns): " +
      "the longest wait of a writer 100 ms instead of 400 ms; commits per second 2,270 instead of 63; reads per " +
      "second 3,000 instead of 500; no difference that counts in the longest wait of a reader (900 ms with " +
      "it, 900 ms " +
      "without). What else may help: pauses between transactions (--think) or",
  ],
  [
    "it does not help, and costs commits",
    { concerns: [UNEVEN], ...compared({ thinkMs: 100 }, { jain: 0.3 }, { jain: 0.3, commits: 60 }) },
    "--think 100ms (a pause after each transaction) does not help (4 rounds with it and 4 without, in " +
      "turns): commits " +
      "per second 30 instead of 350 to 352; no difference that counts in fairness (0.30 with it, 0.30 without). What " +
      "may help:",
  ],
  [
    "better and worse, and neither is the concern",
    { concerns: [READER], ...compared({ journalMode: "wal" }, { jain: 0.3 }, { jain: 1, commits: 60 }) },
    "--journal-mode wal helps in one way and harms in another (4 rounds with it and 4 without, in turns): fairness " +
      "1.00 instead of 0.30; but commits per second 30 instead of",
  ],
  [
    "it makes no difference that counts",
    { concerns: [READER], ...compared({ journalMode: "wal" }, {}, {}) },
    "--journal-mode wal makes no difference that counts (4 rounds with it and 4 without, in turns): no difference " +
      "that counts in the longest wait of a reader (80 ms with it, 80 ms without); no difference that counts in " +
      "commits per second (350 to 352 with it, 350 to 352 without). What may help: pauses between " +
      "transactions (--think) or",
  ],
  [
    "it makes it worse",
    { concerns: [READER], ...compared({ journalMode: "wal" }, READ_WAITS(80), READ_WAITS(900)) },
    "--journal-mode wal makes it worse (4 rounds with it and 4 without, in turns): the longest wait of a " +
      "reader 900 ms " +
      "instead of 80 ms; no difference",
  ],
  [
    "it makes it worse, and something else better",
    {
      concerns: [READER],
      ...compared({ journalMode: "wal" }, READ_WAITS(80), { ...READ_WAITS(900), commits: 4539 }),
    },
    "makes it worse (4 rounds with it and 4 without, in turns): the longest wait of a reader 900 ms " +
      "instead of 80 ms; " +
      "but commits per second 2,270 instead of 350 to 352. What may help:",
  ],
  [
    "the commits of the rounds that were compared are in the table as well",
    {
      concerns: [READER],
      commits: 337,
      transactions: 337,
      ...compared({ journalMode: "wal" }, READ_WAITS(1200), READ_WAITS(9)),
    },
    "All 3,688 acknowledged commits (with those of the comparison) are in the table, each once.",
  ],
  [
    "fewer waits, more errors: no cure",
    { concerns: [READER], ...compared({ journalMode: "wal" }, READ_WAITS(80), { ...READ_WAITS(9), errors: 3 }) },
    "--journal-mode wal helps in one way and harms in another (",
  ],
  [
    "of a few failures none in the trial proves nothing",
    {
      failures: [failures({ count: 4 })],
      transactions: 463,
      trial: { change: { transaction: "immediate" }, transactions: 147, errors: 0, reads: 90, readErrors: 0 },
    },
    "With --transaction immediate 0 of 147 transactions failed: too few to tell whether it helps.",
  ],
  [
    "readers that failed are part of the trial",
    {
      failures: [failures({ role: "reader", phase: "read", count: 1000 })],
      trial: { change: { busyTimeoutMs: 5000 }, transactions: 147, errors: 0, reads: 89, readErrors: 1 },
    },
    "With --busy-timeout 5s 0 of 147 transactions and 1 of 90 reads failed. All",
  ],
])("%s", (_, change, text) => {
  expect(runVerdict(stressResult(change))).toContain(text);
});

test("the document has the concerns and the comparison", () => {
  const report = stressReport(
    stressResult({ concerns: [WRITER, UNEVEN], ...compared({ journalMode: "wal" }, { jain: null }, {}) }),
  );
  expectToFit("stress", report);
  expect(report.comparison).toMatchObject({
    option: "--journal-mode wal",
    before: { length: 4 },
    after: { length: 4 },
  });
  expect(report.comparison?.metrics.map(({ metric, change }) => `${metric}: ${change}`)).toEqual([
    "longest-write-wait: none",
    "longest-read-wait: none",
    "fairness: too-few",
    "errors: none",
    "commits: none",
    "reads: none",
  ]);
});
