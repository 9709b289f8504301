import { expect, test } from "vitest";
import type { RecordingVerdict, SummaryLine } from "../../../../src/recording/summary-line.ts";
import { verdictText } from "../../../../src/render/record/verdict.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { BEHIND, processSummary, summaryLine, verdict } from "../../../support/record-end.ts";

const NAMES = new Names([processSummary()]);

function text(known: Partial<RecordingVerdict>, summary: Partial<SummaryLine> = {}): string {
  return verdictText(summaryLine({ ...summary, verdict: verdict(known) }), NAMES);
}

const NO_WAITS = {
  ...{ waits: 0, waitedMs: 0, longWaits: 0, refusedAttempts: 0, gaveUp: 0, refusals: 0, behind: [], causes: [] },
} as const;
const ENDED = { granted: 0, busy: 0, locked: 0, unfinished: 0, killed: 0, still: 0, unknown: 0 } as const;
const WRITER = { processes: 1, threads: 1, writers: 1, readers: 0, checkpointers: 0 } as const;
const HOLDS = { times: 55, totalMs: 4_900, longestMs: 117, atLeast: false } as const;
const MANY = {
  ...BEHIND,
  holds: HOLDS,
  longest: { ...BEHIND.longest, heldMs: 117, transactionMs: 117, outsideMs: 100 },
};

const NO_TRANSACTION = {
  ...{ toMs: null, transactionMs: null, outsideMs: null, firstSql: null, lastSql: null, outcome: null },
};
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
  [
    "waits that an earlier version only counted",
    { waits: 3, waitedMs: 12, longestWaitMs: 0, refusedAttempts: 5, gaveUp: 0, causes: [], behind: [] },
    "14 writers waited 12 ms in all (3 waits) and were refused 5 times.",
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
    "no waits; of some processes the statements are unknown, and what was refused inside of them",
    { ...NO_WAITS, state: "no-waits" },
    "No process had to wait for another one: the write lock was taken 1,205 times in 30.0 s.",
  ],
  [
    "only SQLITE_LOCKED",
    { ...NO_WAITS, refusedAttempts: 2, state: "no-waits", behind: [] },
    "No process had to wait, but 2 calls got SQLITE_LOCKED: the write lock was taken 1,205 times in 30.0 s.",
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
      ...{
        waits: 1,
        waitedMs: 712,
        longestWaitMs: 712,
        refusedAttempts: 9,
        gaveUp: 0,
        ended: { ...ENDED, granted: 1 },
      },
      behind: [{ ...BEHIND, longest: HELD }],
    },
    `1 writer waited 712 ms, was refused 9 times and got the lock; all of it behind ${BLOCKED}.`,
  ],
  [
    "threads of one process; after a gap everything is at least",
    {
      atLeast: true,
      waiting: { processes: 1, threads: 4, writers: 1, readers: 1, checkpointers: 0 },
      ...{ gaveUp: 0, ended: { ...ENDED, granted: 14 }, state: "waits", behind: [], unknownShare: 1 },
    },
    "4 threads of one process waited at least 58.0 s in all (14 waits, the longest 5.9 s), were refused at least 312 " +
      "times and got the lock each time; the blocker is not known.",
  ],
  [
    "refusals without a wait",
    {
      ...NO_WAITS,
      ...{ refusals: 7, causes: [{ cause: "unknown", times: 7, sure: "proved", longestMs: 0 }] },
      waiting: { processes: 3, threads: 3, writers: 2, readers: 1, checkpointers: 0 },
    },
    "2 writers and 1 reader got SQLITE_BUSY 7 times, for an unknown reason.",
  ],
  [
    "two processes in the way, each with all its statements",
    {
      behind: [
        { ...BEHIND, pid: 7, startTicks: null, share: 0.3, processShare: 0.3 },
        { ...BEHIND, share: 0.4, processShare: 0.6, longest: { ...HELD, toMs: null } },
        { ...BEHIND, share: 0.2, processShare: 0.6, sql: "commit" },
      ],
    },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; 60 % of it behind 4242 (python3 manage.py import), which has held the write lock for 5.8 s since " +
      "`begin immediate`; 30 % behind 7.",
  ],
  [
    "with --pid, nothing is known of the transaction of another process: not that it goes on",
    { behind: [{ ...BEHIND, holds: null, longest: { ...HELD, ...NO_TRANSACTION } }] },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; all of it behind 4242 (python3 manage.py import), which held the write lock for 5.8 s, taken by " +
      "`begin immediate`.",
  ],
  [
    "a crowd, of whom each was in the way for a moment",
    { behind: [{ ...BEHIND, share: 0.01, processShare: 0.01 }], behindStatements: [], unknownShare: 0.76 },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; no process is known to have been in the way for more than 1 % of it.",
  ],
  [
    "many short-lived processes with one statement",
    {
      behind: [{ ...BEHIND, share: 0.1, processShare: 0.1 }],
      behindStatements: [
        {
          path: "/db",
          sql: "insert into t values(?)",
          processes: 30,
          waits: 40,
          blockedMs: 9000,
          share: 1,
          holds: HOLDS,
        },
      ],
    },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY 3 " +
      "times; all of it behind `insert into t values(?)` of 30 processes, which held the write lock 55 times, 4.9 s " +
      "in all.",
  ],
  [
    "a process that held the lock again and again: the sum, and one of them",
    { waiting: WRITER, gaveUp: 0, causes: [], ended: { ...ENDED, granted: 14 }, behind: [MANY] },
    "1 writer waited 58.0 s in all (14 waits, the longest 5.9 s), was refused 312 times and got the lock each time; " +
      "all of it behind 4242 (python3 manage.py import), which held the write lock 55 times, 4.9 s in all, once for " +
      "117 ms between `begin immediate` and `commit`, 85 % of that time outside SQLite.",
  ],
  [
    "one was killed: it did not get the lock",
    {
      ...{ waits: 2, refusedAttempts: 25, gaveUp: 0, causes: [], behind: [] },
      ended: { ...ENDED, granted: 1, killed: 1 },
    },
    "14 writers waited 58.0 s in all (2 waits, the longest 5.9 s) and were refused 25 times; 1 ended with the lock " +
      "and 1 with the end of its process.",
  ],
  [
    "of some the end is not known: nothing is said of all",
    { gaveUp: 0, causes: [], behind: [], ended: { ...ENDED, granted: 13, unknown: 1 } },
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s) and were refused 312 times.",
  ],
  [
    "a checkpoint without an error",
    {
      waiting: { processes: 1, threads: 1, writers: 0, readers: 0, checkpointers: 1 },
      ...{ waits: 1, waitedMs: 312, refusedAttempts: 13, gaveUp: 0, causes: [], ended: { ...ENDED, unfinished: 1 } },
      behind: [{ ...BEHIND, lock: "READ0", lockType: "read", sql: "select 1", longest: HELD }],
    },
    "1 checkpoint waited 312 ms and was refused 13 times; it ended without the lock, but without an error; all of it " +
      "behind 4242 (python3 manage.py import), which held a lock for reading for 5.8 s between `select 1` and " +
      "`commit`.",
  ],
  [
    "refused at once, beside one wait: the reason first",
    {
      waiting: { ...WRITER, processes: 2, threads: 2, writers: 2 },
      ...{ waits: 154, waitedMs: 65, longestWaitMs: 64, longWaits: 1, gaveUp: 153, atOnce: 153 },
      causes: [{ cause: "read-then-write", times: 153, sure: "proved", longestMs: 0 }],
      refusedBehind: [
        { ...MANY, refused: 79, processRefused: 79 },
        { ...MANY, pid: 7, startTicks: null, refused: 74, processRefused: 74 },
      ],
    },
    "2 writers got SQLITE_BUSY 153 times, because a transaction had read before it wrote (a busy timeout does not " +
      "help there); 79 of them behind 4242 (python3 manage.py import), which held the write lock 55 times, 4.9 s in " +
      "all (`begin immediate`); 74 behind 7; besides, a wait took 65 ms.",
  ],
  [
    "several reasons",
    {
      ...NO_WAITS,
      ...{ waiting: WRITER, refusals: 100 },
      causes: [
        { cause: "busy-snapshot", times: 60, sure: "proved", longestMs: 0 },
        { cause: "same-process-connections", times: 30, sure: "likely", longestMs: 227 },
        { cause: "unknown", times: 10, sure: "proved", longestMs: 0 },
      ],
    },
    "1 writer got SQLITE_BUSY 100 times: 60 because another connection had committed since the transaction had read " +
      "(SQLITE_BUSY_SNAPSHOT); 30 because of another connection of the same process, after up to 227 ms inside " +
      "SQLite (likely); 10 for an unknown reason.",
  ],
  [
    "the lock was kept after the transaction",
    {
      waiting: WRITER,
      ...{ waits: 1, waitedMs: 309, longWaits: 1, refusedAttempts: 13, gaveUp: 1 },
      causes: [{ cause: "timeout", times: 1, sure: "proved", longestMs: 0 }],
      behind: [{ ...BEHIND, lock: "PENDING", longest: { ...BEHIND.longest, outcome: "open", keptAfterEndMs: 5_700 } }],
    },
    "1 writer waited 309 ms, was refused 13 times and got SQLITE_BUSY once; all of it behind 4242 (python3 " +
      "manage.py import), which held the whole database for 5.8 s since `begin immediate`, 5.7 s of it after its " +
      "transaction had ended (likely exclusive locking mode).",
  ],
  [
    "runs of refusals that may be several calls are no waits",
    {
      ...NO_WAITS,
      waiting: { ...WRITER, processes: 4, threads: 4, writers: 4 },
      ...{ state: "waits", refusedAttempts: 936, runs: { times: 110, totalMs: 9_300, longestMs: 440, atLeast: false } },
    },
    "4 writers were kept from the lock for at least 9.3 s in all (110 runs of refusals, the longest 440 ms, each " +
      "perhaps several calls) and were refused 936 times; whether a call got SQLITE_BUSY is not known.",
  ],
])("%s", (_, known, expected) => {
  expect(text(known)).toBe(expected);
});

test("no waits, and all calls are known", () => {
  const unknown = { ...summaryLine().unknown, lines: [] };
  expect(text({ ...NO_WAITS, state: "no-waits" }, { unknown })).toBe(
    "No process had to wait, and no call was refused: the write lock was taken 1,205 times in 30.0 s.",
  );
  const some = { ...unknown, transactionsWithoutStatement: 1 };
  expect(text({ ...NO_WAITS, state: "no-waits" }, { unknown: some })).toMatch(
    /^No process had to wait for another one:/,
  );
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

test("a database that was found late: the locks before that are not known", () => {
  const line = { what: "lock", why: "before-found", pids: [] };
  const unknown = { ...summaryLine().unknown, lines: [line], gaps: { times: 0, totalMs: 0, lostEvents: 0 } };
  const totals = { ...summaryLine().totals, writeHolds: 0, writeTransactions: 2 };
  expect(text({ ...NO_WAITS, state: "no-waits", atLeast: true }, { unknown, totals })).toBe(
    "No wait and no refused call was seen: at least 2 transactions wrote in 30.0 s; " +
      "the locks before sqlock knew of the database are not known.",
  );
});

test("no database was opened: that no lock was seen says nothing", () => {
  expect(text({ ...NO_WAITS, state: "nothing", callSites: true }, { databases: [] })).toMatch(
    /^No database was recorded in 30\.0 s: no program of the command was seen to open one; /,
  );
});
