import { expect, test } from "vitest";
import { changeFor } from "../../../../src/features/stress/cure.ts";
import { verdictOf } from "../../../../src/features/stress/verdict.ts";
import { renderMatrix, renderRun } from "../../../../src/render/stress/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { failures, stressResult } from "../../../support/stress-result.ts";

const KEPT = "All 3,688 acknowledged commits are there, each once. The database is whole.";

test("nothing failed", () => {
  expect(verdictOf(stressResult())).toBe(
    `None of 3,688 transactions and 9,000 reads failed; the longest wait for the lock took 120 ms. ${KEPT}`,
  );
});

test("deferred transactions that wanted to write, and what was tried against it", () => {
  const result = stressResult({
    failures: [failures()],
    transactions: 4000,
    cure: { option: "--transaction immediate", transactions: 800, errors: 0 },
  });
  expect(verdictOf(result)).toBe(
    "312 of 4,000 transactions failed with 'database is locked', all within 3 ms: deferred transactions that " +
      "read and then wanted to write; no timeout helps them. With --transaction immediate: 0 of 800 transactions. " +
      KEPT,
  );
  expect(changeFor(result.settings, result.failures)).toMatchObject({ option: "--transaction immediate" });
});

test("the timeout was used up", () => {
  const settings = { ...stressResult().settings, readThenWrite: false, busyTimeoutMs: 500, holdMs: 200 };
  const result = stressResult({
    settings,
    transactions: 4000,
    failures: [failures({ timedOut: 312, longestMs: 512 })],
  });
  expect(verdictOf(result)).toContain(
    "all within 512 ms: the whole --busy-timeout of 500 ms was not enough. What may help: --journal-mode wal, " +
      "shorter transactions (--hold).",
  );
  expect(changeFor(settings, result.failures)).toBeNull();
});

test("nobody waits", () => {
  const settings = { ...stressResult().settings, readThenWrite: false, busyTimeoutMs: 0 };
  expect(verdictOf(stressResult({ settings, failures: [failures()] }))).toContain(
    "with --busy-timeout 0 nobody waits for a lock",
  );
  expect(changeFor(settings, [failures()])).toMatchObject({ option: "--busy-timeout 5s" });
});

test("rows are lost, the database is corrupt", () => {
  const verification = {
    ...stressResult().verification,
    found: 3686,
    lost: 2,
    duplicated: 1,
    differences: ["writer 1, row 2: is there twice"],
  };
  const evidence = "/tmp/sqlock-x";
  expect(verdictOf(stressResult({ verification, evidence }))).toContain(
    "WRONG: 2 acknowledged commits of 3,688 lost, 1 row too many (writer 1, row 2: is there twice). The evidence " +
      "is kept: /tmp/sqlock-x.",
  );
  const corrupt = { ...stressResult().verification, integrity: "corrupt", integrityReason: "row 1 missing" } as const;
  expect(verdictOf(stressResult({ verification: corrupt, evidence }))).toContain(
    "The database is CORRUPT (row 1 missing); it is kept: /tmp/sqlock-x.",
  );
});

test("killed workers", () => {
  const verification = { ...stressResult().verification, inFlight: 3 };
  expect(verdictOf(stressResult({ workersKilled: 12, verification }))).toContain(
    "12 workers were killed; 3 transactions of theirs had been committed but not told of.",
  );
});

test("for a person", () => {
  const result = stressResult({ failures: [failures()], errors: { SQLITE_BUSY: 312 }, transactions: 4000 });
  expect(
    renderRun({ schemaVersion: 1, sqlock: "0.1.0", ...result, verdict: "As it is." }, PLAIN),
  ).toMatchInlineSnapshot(`
    "a throw-away database: rollback journal, pages of 4096; 4 writers, 4 readers; deferred, reads and then writes; busy timeout 5s; 10 s, seed 7

               NUMBER  A SECOND      P50      P95      P99    MAX
    commits     3,688       369  0.10 ms  1.00 ms  3.00 ms  12 ms
      waiting                    0.10 ms  1.00 ms  3.00 ms  12 ms
      working                    0.10 ms  1.00 ms  3.00 ms  12 ms
    reads       9,000       900  0.10 ms  1.00 ms  3.00 ms  12 ms
      waiting                    0.10 ms  1.00 ms  3.00 ms  12 ms
      working                    0.10 ms  1.00 ms  3.00 ms  12 ms

    ERROR        WHO     WHERE  NUMBER  TIMEOUT USED UP  LONGEST
    SQLITE_BUSY  writer  write     312                0     3 ms

    COMMITTED IN  NUMBER
    < 1ms          3,000  ########################################
    < 3ms            688  #########

    longest wait 120 ms, 0 retries, fairness 0.98 (each writer 900 to 950 commits)

    As it is.
    "
  `);
  const good = { ...stressResult(), verdict: "Good." };
  const bad = { ...result, verdict: "Bad.", verification: { ...result.verification, lost: 1 } };
  expect(renderMatrix({ schemaVersion: 1, sqlock: "0.1.0", rows: [good, bad] }, PLAIN)).toMatchInlineSnapshot(`
    "4 writers, 4 readers, 10 s for each of 2 combinations in turn, seed 7

       JOURNAL  TRANSACTION  TIMEOUT  ERRORS  COMMITS/S  READS/S  WRITE P95  WRITE MAX  LONGEST WAIT  LOST
    *  delete   deferred         5 s       0        369      900    1.00 ms      12 ms        120 ms     0
       delete   deferred         5 s     312        369      900    1.00 ms      12 ms        120 ms     1

    Best (*): --journal-mode delete --transaction deferred --busy-timeout 5s. Good.

    Bad.
    "
  `);
});
