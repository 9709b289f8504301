/** Reports of integrity with any text in every field that comes from outside. */

import fc from "fast-check";
import { CHECK_NAMES, type DatabaseCheck, type IntegrityReport } from "../../src/features/integrity/report.ts";
import { FINDING_IDS } from "../../src/findings/index.ts";
import { CODE_POINT } from "./code-point.ts";
import { databaseCheck, integrityReport } from "./integrity.ts";
import { walWriter } from "./report.ts";

/** Whole code points, halves of surrogate pairs, and what each format takes for its own. */
export const anyText = fc.oneof(
  fc.string({ unit: CODE_POINT }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.integer({ min: 0, max: 0x1f }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(
    "",
    " ",
    "true",
    "false",
    "\n::error::x",
    "\r\n##[error]x",
    "a,b:c%d",
    "%0A",
    "]]>",
    "<!--",
    "&amp;",
    "\u0000",
    "\ufffe",
    "\ud800",
    "..",
    "/",
    "//x/y",
    "file://x",
    "-x",
    "\u2028",
    "\u0085",
  ),
);

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const reasonCode = fc.constantFrom(null, "locked", "left-out", "missing-module", "failed");
const checkName = fc.constantFrom(...CHECK_NAMES);

const check = fc.record({
  name: checkName,
  result: fc.constantFrom("ok", "failed", "not-checked"),
  reason: orNull(anyText),
  reasonCode,
  durationMs: orNull(fc.double({ min: 0, max: 1e9, noNaN: true })),
  way: orNull(
    fc.record({
      way: fc.constantFrom("integrity_check", "quick_check", "merge"),
      mergedIndexes: fc.nat(),
      otherTables: fc.nat(),
      processes: fc.integer({ min: 1, max: 64 }),
      notMerged: fc.subarray(["asked", "as-fast", "differs", "unproved", "no-room", "unknown-state"]),
    }),
  ),
});

const problem = fc.record({
  check: checkName,
  message: anyText,
  table: orNull(anyText),
  index: orNull(anyText),
  rowid: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  parent: orNull(anyText),
  page: orNull(fc.nat()),
});

const finding = fc.record({
  id: fc.constantFrom(...FINDING_IDS),
  severity: fc.constantFrom("error", "warning", "info"),
  pids: fc.constant([4242]),
  summary: anyText,
  detail: anyText,
  remedy: anyText,
});

const database: fc.Arbitrary<DatabaseCheck> = fc
  .record({
    path: anyText,
    givenAs: anyText,
    verdict: fc.constantFrom("ok", "corrupt", "not-checked"),
    reason: orNull(anyText),
    reasonCode,
    remedy: orNull(anyText),
    journalMode: fc.constantFrom("wal", "rollback", "unknown"),
    sizeBytes: orNull(fc.nat()),
    method: fc.constantFrom(null, "in-place", "private-copy", "backup"),
    methodReason: orNull(anyText),
    checks: fc.array(check, { maxLength: 5 }),
    problems: fc.array(problem, { maxLength: 12 }),
    truncated: fc.boolean(),
    findings: fc.array(finding, { maxLength: 3 }),
    blockedBy: fc.array(
      anyText.map((text) => walWriter({ commandLine: [text], user: text })),
      { maxLength: 2 },
    ),
    readLockMs: orNull(fc.nat()),
  })
  .map((change) => databaseCheck(change as Partial<DatabaseCheck>));

export const anyReport: fc.Arbitrary<IntegrityReport> = fc
  .array(database, { maxLength: 14 })
  .map((databases) => integrityReport(...databases));
