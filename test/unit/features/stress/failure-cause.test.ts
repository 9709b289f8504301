import { expect, test } from "vitest";
import { causeOf, type FailureCause, failureGroups } from "../../../../src/features/stress/failure-cause.ts";
import type { Failures } from "../../../../src/features/stress/report.ts";
import type { Settings } from "../../../../src/features/stress/settings.ts";
import { failures, stressSettings } from "../../../support/stress-result.ts";

/** Not an upgrade. */
const WRITES = { readThenWrite: false } as const;

test.each<[FailureCause, Partial<Settings>, Partial<Failures>]>([
  ["outdated-snapshot", { journalMode: "wal" }, { code: "SQLITE_BUSY_SNAPSHOT" }],
  ["recovery", {}, { code: "SQLITE_BUSY_RECOVERY" }],
  ["upgrade", {}, { phase: "write" }],
  ["lock-held", {}, { phase: "read" }],
  ["lock-held", { transaction: "immediate" }, { phase: "begin" }],
  ["not-busy", WRITES, { code: "SQLITE_LOCKED" }],
  ["not-busy", WRITES, { code: "SQLITE_PROTOCOL" }],
  ["no-timeout", { ...WRITES, busyTimeoutMs: 0 }, {}],
  ["timeout-used-up", WRITES, { count: 3, timedOut: 3 }],
  ["lock-held", WRITES, { count: 3, timedOut: 2 }],
  ["readers-blocked-commit", WRITES, { phase: "commit" }],
  ["commit-blocked-readers", {}, { role: "reader", phase: "read" }],
  ["opened-or-closed", { journalMode: "wal" }, { role: "reader", phase: "read" }],
])("%s: %o, %o", (cause, settings, failure) => {
  expect(causeOf(stressSettings(settings), failures(failure))).toBe(cause);
});

test("failures of one role are grouped by message and cause, the most frequent first", () => {
  const all = [
    failures({ phase: "commit", count: 5, longestMs: 9 }),
    failures({ count: 4, longestMs: 1 }),
    failures({ code: "SQLITE_BUSY_TIMEOUT", count: 3, longestMs: 2 }),
    failures({ role: "reader", count: 100 }),
  ];
  expect(failureGroups(stressSettings(), all, "writer")).toEqual([
    { message: "database-locked", cause: "upgrade", count: 7, longestMs: 2 },
    { message: "database-locked", cause: "readers-blocked-commit", count: 5, longestMs: 9 },
  ]);
});
