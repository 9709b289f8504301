import { expect, test } from "vitest";
import type { Reason } from "../../../../src/features/integrity/reasons.ts";
import { type CheckResult, uncheckedResult } from "../../../../src/features/integrity/result.ts";
import type { Finding } from "../../../../src/model/report.ts";
import { databaseReportOf, mainReasonOf, reportOf } from "../../../../src/render/integrity/document.ts";

const outcome = (name: "structure" | "virtual-tables", ...reasons: Reason[]) => ({
  name,
  failed: false,
  reasons,
  durationMs: 7,
});
const result = (change: Partial<CheckResult>): CheckResult => ({
  ...uncheckedResult("/srv/my db", "my db", { kind: "timeout" }),
  checks: [],
  verdict: "ok",
  ...change,
});
const missing = (name: string): Reason => ({
  kind: "unchecked",
  part: { code: "missing-requirement", table: null, requirement: { type: "module", name } },
});
const FINDING: Finding = {
  id: "leftover-wal",
  severity: "warning",
  pids: [],
  summary: "S.",
  detail: "D.",
  remedy: "Copy it back.",
};
const CORRUPT = {
  verdict: "corrupt",
  problems: [
    {
      check: "structure",
      cause: { kind: "sqlite", message: "Page 3: never used" },
      table: null,
      index: null,
      rowid: null,
      parent: null,
      page: 3,
    },
  ],
} as const;

test("the reasons of all checks, each once; the code of the first; the first remedy", () => {
  const seen = databaseReportOf(
    result({
      verdict: "not-checked",
      checks: [
        outcome("structure", missing("a"), missing("b")),
        outcome("virtual-tables", missing("a"), { kind: "timeout" }),
      ],
    }),
  );
  expect(seen).toMatchObject({
    reason:
      "the database needs the module a, which this SQLite does not have; the database needs the module b, which " +
      "this SQLite does not have; it took too long (--timeout)",
    reasonCode: "missing-module",
    remedy: expect.stringContaining("--timeout 1h"),
  });
  expect(seen.checks.map(({ result: each, reasonCode }) => [each, reasonCode])).toEqual([
    ["not-checked", "missing-module"],
    ["not-checked", "missing-module"],
  ]);
});

test("no reason of a database that is ok or corrupt", () => {
  const checks = [outcome("structure", { kind: "left-out" })];
  for (const change of [{ checks }, { ...CORRUPT, checks }])
    expect(databaseReportOf(result(change))).toMatchObject({
      reason: null,
      reasonCode: null,
      checks: [{ reasonCode: "left-out" }],
    });
  expect(databaseReportOf(result({})).remedy).toBeNull();
  expect(databaseReportOf(result(CORRUPT)).remedy).toContain("VACUUM INTO");
});

test("what root has checked as its owner is repaired as its owner", () => {
  const remedy = (uid: number) =>
    databaseReportOf(result({ ...CORRUPT, openedAs: { uid, of: "database", folderUid: null } })).remedy;
  expect(remedy(1000)).toContain("as the user who owns the database (uid 1000), never as root");
  expect(remedy(0)).not.toContain("never as root");
});

test("what root has checked in a copy, as nobody, is repaired in a copy", () => {
  const why = { kind: "out-of-reach", uid: 1000, path: "/srv" } as const;
  const remedy = databaseReportOf(result({ ...CORRUPT, copyReason: { code: "isolated", why } })).remedy;
  expect(remedy).toContain("on a copy that belongs to an ordinary user, as that user, never as root");
  expect(databaseReportOf(result({ ...CORRUPT, copyReason: { code: "asked" } })).remedy).not.toContain("as root");
});

test("a corrupt database's -wal is not to be copied back", () => {
  const findings = [FINDING, { ...FINDING, id: "hard-linked" as const }];
  const remedies = (change: Partial<CheckResult>) =>
    databaseReportOf(result({ findings, ...change })).findings.map(({ remedy }) => remedy);
  expect(remedies({})).toEqual(["Copy it back.", "Copy it back."]);
  expect(remedies(CORRUPT)).toEqual([
    expect.stringContaining("  cp -a '/srv/my db' '/srv/my db-wal' /a/safe/folder/\n"),
    "Copy it back.",
  ]);
});

test("a header that SQLite accepts is a finding", () => {
  expect(databaseReportOf(result({ headerFaults: [{ code: "read-version-zero" }] })).findings).toMatchObject([
    { id: "header-mismatch", severity: "warning", summary: expect.stringContaining("the read version is 0") },
  ]);
});

test("the main reason is the first problem, else why it was not checked", () => {
  expect(mainReasonOf(result(CORRUPT))).toBe("Page 3: never used");
  expect(mainReasonOf(uncheckedResult("p", "p", { kind: "timeout" }))).toBe("it took too long (--timeout)");
  expect(mainReasonOf(result({}))).toBeNull();
});

test("a report has all of them", () => {
  expect(reportOf([result({}), result({})], true, { uid: 0 })).toMatchObject({
    schemaVersion: 1,
    quick: true,
    databases: [{}, {}],
  });
});
