import { expect, test } from "vitest";
import { type Reason, reasonCodeOf, reasonCodeOfAll } from "../../../../src/features/integrity/reasons.ts";
import { exitCodeOf, type ReasonCode, type Verdict } from "../../../../src/features/integrity/report.ts";
import { uncheckedParts, verdictOfChecks } from "../../../../src/features/integrity/verdict.ts";
import type { LookFailure } from "../../../../src/safe-open/look.ts";
import type { Refusal } from "../../../../src/safe-open/protocol.ts";
import { databaseCheck, integrityReport } from "../../../support/integrity.ts";

const outcome = (failed: boolean, ...reasons: Reason[]) =>
  ({ name: "structure", failed, reasons, durationMs: 1 }) as const;
const TIMEOUT: Reason = { kind: "timeout" };
const LEFT_OUT: Reason = { kind: "left-out" };
const MISSING: Reason = {
  kind: "unchecked",
  part: { code: "missing-requirement", table: "t", requirement: { type: "module", name: "m" } },
};
const ERROR: Reason = { kind: "unchecked", part: { code: "sqlite-error", table: null, message: "", missing: false } };

test.each<[Verdict, ReturnType<typeof outcome>[]]>([
  ["ok", []],
  ["ok", [outcome(false), outcome(false, LEFT_OUT)]],
  ["not-checked", [outcome(false), outcome(false, MISSING)]],
  ["corrupt", [outcome(true), outcome(false, TIMEOUT)]],
  ["corrupt", [outcome(true, TIMEOUT)]],
])("%s", (verdict, checks) => {
  expect(verdictOfChecks(checks)).toBe(verdict);
});

test("what was left out on purpose needs no reason", () => {
  expect(uncheckedParts([outcome(false, LEFT_OUT), outcome(false, MISSING, TIMEOUT), outcome(false)])).toEqual([
    [MISSING, TIMEOUT],
  ]);
});

test("of several reasons an error counts most, else the first", () => {
  expect(reasonCodeOfAll([MISSING, ERROR])).toBe("failed");
  expect(reasonCodeOfAll([MISSING, TIMEOUT])).toBe("missing-module");
  expect(reasonCodeOfAll([TIMEOUT])).toBe("timeout");
});

const look = (kind: LookFailure["kind"], code = ""): Reason =>
  ({ kind: "look", failure: { kind, path: "p", error: { code, message: "", hint: "" } } }) as Reason;
const refused = (kind: Refusal["kind"]): Reason =>
  ({ kind: "refused", path: "p", refusal: { kind }, journalMode: "wal" }) as Reason;

test.each<[ReasonCode, readonly Reason[]]>([
  ["no-such-file", [look("deleted"), look("path-error", "no-such-file"), refused("gone")]],
  [
    "not-a-file",
    [look("folder"), look("odd-companion"), look("path-error", "not-a-file"), look("path-error", "in-memory")],
  ],
  ["no-permission", [look("denied"), look("path-error", "permission-denied"), refused("denied")]],
  ["not-a-database", [look("path-error", "not-a-database")]],
  ["no-space", [refused("no-space"), refused("no-folder")]],
  ["changed", [refused("changed"), refused("unkept")]],
  ["unlocked-writer", [{ kind: "unlocked-writer", holders: [], foundProblems: true }]],
  ["locked", [{ kind: "locked", holders: [], hasUnownedLocks: false }]],
  ["encrypted", [{ kind: "content", path: "p", content: { kind: "encrypted", partly: false } }]],
  ["missing-module", [MISSING]],
  [
    "failed",
    [
      look("path-error", "anything else"),
      refused("failed"),
      refused("needs-copy"),
      refused("not-a-database"),
      ERROR,
      { kind: "crashed", why: "" },
      { kind: "not-utf8", path: "p" },
      { kind: "error", message: "", hint: null },
    ],
  ],
])("%s", (code, reasons) => {
  expect(reasons.map(reasonCodeOf)).toEqual(reasons.map(() => code));
});

test("one that is corrupt outweighs one that was not checked", () => {
  const code = (...verdicts: Verdict[]) =>
    exitCodeOf(integrityReport(...verdicts.map((verdict) => databaseCheck({ verdict }))));
  expect([code("ok"), code("ok", "not-checked"), code("not-checked", "corrupt"), code()]).toEqual([0, 2, 1, 0]);
});
