import { describe, expect, test } from "vitest";
import type { DatabaseCheck } from "../../../../src/features/integrity/report.ts";
import { factsOf, leftUnchecked, methodOf, problemCount, sumUp } from "../../../../src/render/integrity/words.ts";
import {
  absent,
  check,
  checks,
  corrupt,
  databaseCheck,
  integrityReport,
  locked,
  problem,
} from "../../../support/integrity.ts";

test.each<[Partial<DatabaseCheck>, string]>([
  [{}, "rollback journal, 48 KiB, 12 pages of 4096"],
  [{ journalMode: "wal", pageCount: 1 }, "WAL mode, 48 KiB, 1 page of 4096"],
  [{ journalMode: "unknown" }, "48 KiB, 12 pages of 4096"],
  [{ pageCount: null }, "rollback journal, 48 KiB"],
  [{ pageSize: null }, "rollback journal, 48 KiB"],
  [{ sizeBytes: null }, "rollback journal, 12 pages of 4096"],
  [{ sizeBytes: 0, pageCount: 0 }, "empty: a valid database without pages"],
  [{ journalMode: "unknown", sizeBytes: null, pageCount: null }, ""],
])("the facts of %j", (change, facts) => {
  expect(factsOf(databaseCheck(change))).toBe(facts);
});

describe("how it was opened", () => {
  const untried = checks().map((each) => ({ ...each, result: "not-checked" as const }));
  test.each<[string, Partial<DatabaseCheck>, string | null]>([
    ["not at all", { method: null }, null],
    [
      "in rollback mode",
      { durationMs: 1300, readLockMs: 1200 },
      "checked in place in 1 s; read lock for 1 s: no commits during that time",
    ],
    [
      "beside somebody who writes without locks",
      {
        durationMs: 1300,
        readLockMs: 1200,
        checks: untried.map((each) => ({ ...each, reasonCode: "changed" as const })),
      },
      "tried in place in 1 s; read lock for 1 s: no commits with SQLite's default locking during that time",
    ],
    [
      "in WAL mode",
      { journalMode: "wal", durationMs: 1300, readLockMs: 1200 },
      "checked in place in 1 s; read lock for 1 s: no checkpoint beyond its snapshot during that time",
    ],
    [
      "for a moment",
      { durationMs: null, readLockMs: 99 },
      "checked in place; read lock for less than 0.1 s: no commits during that time",
    ],
    [
      "for longer",
      { durationMs: null, readLockMs: 100 },
      "checked in place; read lock for 0.1 s: no commits during that time",
    ],
    [
      "on a copy",
      { method: "private-copy", methodReason: "its journal is hot", durationMs: 2000, readLockMs: null },
      "checked on a private copy in 2 s: its journal is hot",
    ],
    [
      "by SQLite",
      { method: "backup", durationMs: null, readLockMs: null },
      "checked on a copy made by SQLite's backup API",
    ],
    ["in vain", { durationMs: 5000, readLockMs: null, checks: untried }, "tried in place in 5 s"],
    [
      "one of its checks was run",
      { durationMs: 5000, readLockMs: null, checks: [check("header"), ...untried.slice(1)] },
      "checked in place in 5 s",
    ],
  ])("%s", (_, change, method) => {
    expect(methodOf(databaseCheck(change))).toBe(method);
  });
});

test.each([
  ["it found problems, and was not complete", "failed", "no such module: x", "structure", "no such module: x"],
  ["it was complete", "failed", null, "structure", null],
  ["its reason is all that it has", "failed", "no such module: x", "header", null],
  ["it was not run", "not-checked", "no such module: x", "structure", null],
] as const)("what else could not be looked at: %s", (_, result, reason, of, expected) => {
  const problems = [problem("row 7 missing from index i", { check: of })];
  expect(leftUnchecked(check("structure", { result, reason }), { problems })).toBe(expected);
});

test.each([
  [0, false, "0 problems"],
  [1, false, "1 problem"],
  [14, false, "14 problems"],
  [100, true, "100 problems or more"],
  [1000, true, "1,000 problems or more"],
])("%i problems, of more: %s", (length, truncated, text) => {
  expect(problemCount({ problems: Array.from({ length }, () => problem("x")), truncated })).toBe(text);
});

test.each([
  [[], "0 databases: nothing to check"],
  [[databaseCheck()], "1 database: 1 ok"],
  [[locked(), databaseCheck(), corrupt(), databaseCheck()], "4 databases: 2 ok, 1 corrupt, 1 not checked"],
  [[absent(), locked()], "2 databases: 2 not checked"],
])("%#: the sum", (databases, text) => {
  expect(sumUp(integrityReport(...databases))).toBe(text);
});
