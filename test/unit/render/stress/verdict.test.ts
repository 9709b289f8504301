import { expect, test } from "vitest";
import type { RunResult, Verification } from "../../../../src/features/stress/result.ts";
import { runVerdict } from "../../../../src/render/stress/verdict.ts";
import { checkResult, failures, stressResult } from "../../../support/stress-result.ts";

const KEPT = "All 3,688 acknowledged commits are in the table, each once. The database is intact.";
const EVIDENCE = { kind: "folder", path: "/tmp/sqlock-x" } as const;

const { settings } = stressResult();

function verification(change: Partial<Verification>): Pick<RunResult, "verification"> {
  return { verification: { ...stressResult().verification, ...change } };
}

test("the whole verdict: what failed, what was tried, what was kept", () => {
  const trial = {
    change: { transaction: "immediate" },
    transactions: 800,
    errors: 0,
    reads: 90,
    readErrors: 0,
  } as const;
  expect(runVerdict(stressResult({ failures: [failures()], transactions: 4000, trial }))).toBe(
    "312 of 4,000 transactions failed with 'database is locked', all within 3 ms: deferred transactions " +
      "read and then tried to write; no timeout helps them. With --transaction immediate 0 of 800 transactions " +
      "failed. " +
      KEPT.replace("commits", "commits (with those of the trial)"),
  );
});

test.each<[string, Partial<RunResult>, string]>([
  [
    "nothing failed",
    {},
    `None of the 3,688 transactions and 9,000 reads failed; the longest wait for the lock took 120 ms. ${KEPT}`,
  ],
  [
    "no readers",
    { reads: 0, longestWaitMs: 0.31 },
    "None of the 3,688 transactions failed; the longest wait for the lock took 0.4 ms.",
  ],
  [
    "one failure",
    { failures: [failures({ count: 1 })], transactions: 10 },
    "1 of 10 transactions failed with 'database is locked', within 3 ms: deferred transactions read and then tried",
  ],
  [
    "an outdated snapshot",
    { failures: [failures({ code: "SQLITE_BUSY_SNAPSHOT" })] },
    "read transactions tried to write after another connection had committed; no timeout helps them.",
  ],
  [
    "a recovery",
    { failures: [failures({ code: "SQLITE_BUSY_RECOVERY" })] },
    "another connection was recovering the database after a crash.",
  ],
  [
    "a locked table",
    { failures: [failures({ code: "SQLITE_LOCKED" })], settings: { ...settings, readThenWrite: false } },
    "failed with 'database table is locked', all within 3 ms: another connection of the same process, or the " +
      "locking protocol, refused them.",
  ],
  [
    "the timeout was used up in rollback mode",
    {
      settings: { ...settings, readThenWrite: false, busyTimeoutMs: 500, holdMs: 200 },
      failures: [failures({ timedOut: 312, longestMs: 512 })],
    },
    "all within 512 ms: the whole --busy-timeout of 500 ms was not enough. What may help: --journal-mode wal, " +
      "pauses between transactions (--think) or shorter transactions (--hold).",
  ],
  [
    "the timeout was used up in WAL mode",
    {
      settings: { ...settings, readThenWrite: false, journalMode: "wal" },
      failures: [failures({ timedOut: 312, longestMs: 5012 })],
    },
    "all within 5.1 s: the whole --busy-timeout of 5 s was not enough. What may help: " +
      "pauses between transactions (--think) or fewer or shorter transactions.",
  ],
  [
    "no timeout",
    { settings: { ...settings, readThenWrite: false, busyTimeoutMs: 0 }, failures: [failures()] },
    "with --busy-timeout 0, no connection waits for a lock.",
  ],
  [
    "readers",
    { failures: [failures({ role: "reader", phase: "read", count: 100 })] },
    "100 of 9,100 reads failed with 'database is locked', all within 3 ms: a commit kept readers out.",
  ],
  ["commits", { failures: [failures({ phase: "commit" })] }, "readers kept the commit from completing."],
  [
    "rows are lost",
    {
      ...verification({
        found: 3686,
        lost: 2,
        duplicated: 1,
        differences: [{ kind: "duplicate", writer: 1, row: 2 }],
      }),
      evidence: EVIDENCE,
    },
    "WRONG: 2 acknowledged commits of 3,688 lost, 1 row too many (writer 1, row 2 exists twice). The evidence " +
      "is kept: /tmp/sqlock-x.",
  ],
  [
    "rows are lost in place",
    {
      ...verification({ found: 3687, lost: 1 }),
      evidence: { kind: "table", table: "sqlock_stress_0a", path: "/a/b.db" },
    },
    "WRONG: 1 acknowledged commit of 3,688 lost. The evidence is kept: the table sqlock_stress_0a of /a/b.db.",
  ],
  [
    "a corrupt database",
    { ...verification({ integrity: "corrupt", check: checkResult("corrupt", "row 1 missing") }), evidence: EVIDENCE },
    "The database is CORRUPT (row 1 missing); it is kept: /tmp/sqlock-x.",
  ],
  [
    "an unchecked database",
    verification({ integrity: "not-checked", check: checkResult("not-checked") }),
    "Whether the database is intact was not checked (it took too long (--timeout)).",
  ],
  [
    "killed workers",
    { workersKilled: 12, ...verification({ inFlight: 3 }) },
    "12 workers were killed; 3 transactions were committed but not acknowledged.",
  ],
  [
    "workers killed in every way",
    { workersKilled: 1, workersKilledByOthers: 2, signalsOfOthers: ["SIGKILL", "SIGSEGV"], workersStuck: 1 },
    "1 worker was killed, 2 workers were killed by another process (SIGKILL, SIGSEGV) and replaced, 1 worker was " +
      "killed 30 s after the end: stopped, or waiting for the disk.",
  ],
])("%s", (_, change, sentence) => {
  expect(runVerdict(stressResult(change))).toContain(sentence);
});

test("failures with the same message and cause are one sentence, the most frequent first", () => {
  const verdict = runVerdict(
    stressResult({
      transactions: 1000,
      failures: [
        failures({ phase: "commit", count: 5 }),
        failures({ count: 20, longestMs: 1 }),
        failures({ code: "SQLITE_BUSY_TIMEOUT", count: 10, longestMs: 9 }),
      ],
    }),
  );
  expect(verdict).toMatch(/^30 of 1,000 .* all within 9 ms: deferred.* 5 of 1,000 .* readers kept the commit/);
});
