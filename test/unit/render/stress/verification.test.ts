import { expect, test } from "vitest";
import type { Verification } from "../../../../src/features/stress/result.ts";
import { verificationReport } from "../../../../src/render/stress/verification.ts";
import { checkResult, stressResult } from "../../../support/stress-result.ts";

const { verification: OK } = stressResult();

test("the numbers as they are; the differences in words", () => {
  const differences: Verification["differences"] = [
    { kind: "missing", writer: 1, row: 2, transaction: 3 },
    { kind: "unknown-writer", writer: 9, rows: 1 },
  ];
  expect(verificationReport({ ...OK, found: 3687, lost: 1, duplicated: 1, inFlight: 2, differences })).toEqual({
    acknowledged: 3688,
    found: 3687,
    lost: 1,
    duplicated: 1,
    inFlight: 2,
    integrity: "ok",
    integrityReason: null,
    differences: ["writer 1, row 2 is missing, but transaction 3 wrote it", "1 row of writer 9, which does not exist"],
  });
});

test.each<[Verification["integrity"], string | undefined, string | null]>([
  ["ok", undefined, null],
  ["corrupt", "row 1 missing from index i", "row 1 missing from index i"],
  ["not-checked", undefined, "it took too long (--timeout)"],
])("%s: the reason", (integrity, message, integrityReason) => {
  expect(verificationReport({ ...OK, integrity, check: checkResult(integrity, message) })).toMatchObject({
    integrity,
    integrityReason,
  });
});
