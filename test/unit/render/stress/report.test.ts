import { expect, test } from "vitest";
import { uncheckedResult } from "../../../../src/features/integrity/result.ts";
import type { Difference } from "../../../../src/features/stress/compare.ts";
import { UnusableDatabase } from "../../../../src/features/stress/unusable-database.ts";
import { differenceText } from "../../../../src/render/stress/difference.ts";
import { evidenceText } from "../../../../src/render/stress/evidence.ts";
import { recommendationText } from "../../../../src/render/stress/recommendation.ts";
import { matrixReport, stressReport } from "../../../../src/render/stress/report.ts";
import { unusableDatabaseError } from "../../../../src/render/stress/unusable-database.ts";
import { expectToFit } from "../../../support/schema.ts";
import { checkResult, failures, stressResult } from "../../../support/stress-result.ts";

const LOST = {
  ...stressResult().verification,
  lost: 1,
  found: 3687,
  differences: [{ kind: "changed", writer: 2, row: 9 }],
} as const;

test("the document of a run that lost something, with its texts", () => {
  const report = stressReport(
    stressResult({
      failures: [failures()],
      errors: { SQLITE_BUSY: 312 },
      verification: LOST,
      trial: { change: { busyTimeoutMs: 5000 }, transactions: 90, errors: 1, reads: 80, readErrors: 2 },
      evidence: { kind: "table", table: "sqlock_stress_0a", path: "/a/app.db" },
    }),
  );
  expectToFit("stress", report);
  expect(report).toMatchObject({
    schemaVersion: 1,
    cure: { option: "--busy-timeout 5s", transactions: 90, errors: 1, reads: 80, readErrors: 2 },
    comparison: null,
    verification: { lost: 1, differences: ["writer 2, row 9 differs from what was written"], integrity: "ok" },
    evidence: "the table sqlock_stress_0a of /a/app.db",
    verdict: expect.stringContaining("WRONG: 1 acknowledged commit of 3,688 lost"),
  });
});

test("the document of a matrix", () => {
  const report = matrixReport([stressResult(), stressResult({ commits: 1 })]);
  expectToFit("stress", report);
  expect(report.rows.map(({ commits, cure, evidence }) => ({ commits, cure, evidence }))).toEqual([
    { commits: 3688, cure: null, evidence: null },
    { commits: 1, cure: null, evidence: null },
  ]);
});

test.each<[Difference, string]>([
  [{ kind: "duplicate", writer: 1, row: 2 }, "writer 1, row 2 exists twice"],
  [{ kind: "not-deleted", writer: 1, row: 2, transaction: 7 }, "writer 1, row 2 exists, but transaction 7 deleted it"],
  [{ kind: "never-written", writer: 1, row: 2 }, "writer 1, row 2 exists, but was never written"],
  [
    { kind: "too-new", writer: 1, row: 2, version: 4, expectedVersion: 3 },
    "writer 1, row 2 has version 4, but was written 3 times",
  ],
  [
    { kind: "too-old", writer: 1, row: 2, version: 2, expectedVersion: 3 },
    "writer 1, row 2 has version 2 instead of 3",
  ],
  [{ kind: "changed", writer: 1, row: 2 }, "writer 1, row 2 differs from what was written"],
  [{ kind: "missing", writer: 1, row: 2, transaction: 7 }, "writer 1, row 2 is missing, but transaction 7 wrote it"],
  [{ kind: "unknown-writer", writer: 9, rows: 5 }, "5 rows of writer 9, which does not exist"],
])("a difference: %o", (difference, text) => {
  expect(differenceText(difference)).toBe(text);
});

test("the evidence file says what the kept database is to be compared with", () => {
  const writers = [{ writer: 1, acknowledged: 3688, killed: false }];
  const evidence = { seed: 7, rows: 1, database: "/tmp/sqlock-x/database", writers, verification: LOST };
  expect(JSON.parse(evidenceText(evidence))).toEqual({
    seed: 7,
    rows: 1,
    database: "/tmp/sqlock-x/database",
    accounts: writers,
    verification: {
      acknowledged: 3688,
      found: 3687,
      lost: 1,
      duplicated: 0,
      inFlight: 0,
      differences: ["writer 2, row 9 differs from what was written"],
      integrity: "ok",
      integrityReason: null,
    },
  });
});

test("an unusable database: why, in the words of integrity", () => {
  const check = uncheckedResult("/a/app.db", "app.db", {
    kind: "look",
    failure: { kind: "denied", path: "/a/app.db" },
  });
  expect(unusableDatabaseError(new UnusableDatabase("not-a-database", "app.db", check))).toMatchObject({
    code: "no-permission",
    message: expect.stringContaining("permission"),
  });
  const corrupt = checkResult("corrupt", "row 1 missing from index i");
  expect(unusableDatabaseError(new UnusableDatabase("corrupt", "app.db", corrupt))).toMatchObject({
    code: "corrupt",
    message: "app.db is already corrupt (row 1 missing from index i)",
    hint: "see all problems: sqlock integrity app.db",
  });
});

test.each([
  [{ transaction: "immediate" } as const, "--transaction immediate"],
  [{ journalMode: "wal" } as const, "--journal-mode wal"],
  [{ thinkMs: 100 }, "--think 100ms"],
  [{ busyTimeoutMs: 5000 }, "--busy-timeout 5s"],
])("a recommendation as it is typed: %o", (change, option) => {
  expect(recommendationText(change)).toBe(option);
});
