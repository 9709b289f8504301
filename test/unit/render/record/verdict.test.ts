import { expect, test } from "vitest";
import type { RecordingVerdict, SummaryLine } from "../../../../src/recording/summary-line.ts";
import { verdictText } from "../../../../src/render/record/verdict.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { BEHIND, processSummary, summaryLine, verdict } from "../../../support/record-end.ts";

const NAMES = new Names([processSummary()]);

function text(known: Partial<RecordingVerdict>, summary: Partial<SummaryLine> = {}): string {
  return verdictText(summaryLine({ ...summary, verdict: verdict(known) }), NAMES);
}

const NO_WAITS = { waits: 0, waitedMs: 0, refusedAttempts: 0, gaveUp: 0, refusals: 0, behind: [] } as const;

const HELD = { ...BEHIND.longest, transactionMs: null, outsideMs: null };

const BLOCKED =
  "4242 (python3 manage.py import), which held the write lock for 5.8 s between `begin immediate` and `commit`";

test.each<[string, Partial<RecordingVerdict>, string]>([
  [
    "the example of the documentation",
    {},
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      `times; all of it behind ${BLOCKED}, 97 % of that time outside SQLite.`,
  ],
  ["nothing happened", { ...NO_WAITS, state: "nothing" }, "No lock was taken in 30.0 s."],
  [
    "nothing was seen by samples",
    { ...NO_WAITS, state: "nothing", exact: false, atLeast: true },
    "No lock was seen in 30.0 s; samples miss short ones, and cannot show whether a process had to wait or was " +
      "refused.",
  ],
  [
    "nothing was seen beside a gap",
    { ...NO_WAITS, state: "nothing", atLeast: true },
    "No lock was seen in 30.0 s; some events were lost, so there may have been some.",
  ],
  [
    "no waits",
    { ...NO_WAITS, state: "no-waits" },
    "No process had to wait, and no call was refused: the write lock was taken 1,205 times in 30.0 s.",
  ],
  [
    "samples, which see no waits",
    { ...NO_WAITS, state: "waits-not-seen", exact: false, atLeast: true },
    "The write lock was taken at least 1,205 times and held for about 0 ms in all in 30.0 s; samples cannot show " +
      "whether a process had to wait or was refused.",
  ],
  [
    "one wait that was granted",
    {
      state: "waits",
      waiting: { processes: 1, threads: 1, writers: 1, readers: 0, checkpointers: 0 },
      ...{ waits: 1, waitedMs: 712, longestWaitMs: 712, refusedAttempts: 9, gaveUp: 0 },
      behind: [{ ...BEHIND, longest: HELD }],
    },
    `1 writer waited 712 ms, was refused 9 times, and got the lock; all of it behind ${BLOCKED}.`,
  ],
  [
    "threads of one process; after a gap everything is at least",
    {
      atLeast: true,
      waiting: { processes: 1, threads: 4, writers: 1, readers: 1, checkpointers: 0 },
      ...{ gaveUp: 0, state: "waits", behind: [], unknownShare: 1 },
    },
    "4 threads of one process waited at least 58.0 s in all (14 waits, the longest 5.9 s), were refused at least 312 " +
      "times, and got the lock each time; the blocker is not known.",
  ],
  [
    "refusals without a wait",
    {
      ...NO_WAITS,
      refusals: 7,
      waiting: { processes: 3, threads: 3, writers: 2, readers: 1, checkpointers: 0 },
    },
    "2 writers and 1 reader got SQLITE_BUSY 7 times without a wait.",
  ],
  [
    "two processes in the way, each with all its statements",
    {
      behind: [
        { ...BEHIND, share: 0.4, longest: { ...HELD, toMs: null } },
        { ...BEHIND, share: 0.2, sql: "commit" },
        { ...BEHIND, pid: 7, startTicks: null, share: 0.3 },
      ],
    },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; 60 % of it behind 4242 (python3 manage.py import), which has held the write lock for 5.8 s since " +
      "`begin immediate`; 30 % behind 7.",
  ],
  [
    "many short-lived processes with one statement",
    {
      behind: [{ ...BEHIND, share: 0.1 }],
      behindStatements: [
        { path: "/db", sql: "insert into t values(?)", processes: 30, waits: 40, blockedMs: 9000, share: 1 },
      ],
    },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; all of it behind `insert into t values(?)` of 30 processes.",
  ],
])("%s", (_, known, expected) => {
  expect(text(known)).toBe(expected);
});

test("where the statements of waits are not known, nothing is claimed about how all of them ended", () => {
  const unknown = { ...summaryLine().unknown, waitsWithoutOutcome: 2 };
  expect(text({ behind: [], gaveUp: 0, state: "waits" }, { unknown })).toMatch(/and were refused 312 times\.$/);
  expect(text({ behind: [] }, { unknown })).toMatch(/and got SQLITE_BUSY at least 3 times\.$/);
});

test("a hold of which only a part was seen has no statement that took it", () => {
  const longest = { ...HELD, atLeast: true, firstSql: "commit", lastSql: "commit" };
  expect(text({ behind: [{ ...BEHIND, sql: null, longest }] })).toMatch(
    /which held the write lock for at least 5\.8 s until `commit`\.$/,
  );
});
