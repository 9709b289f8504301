import { expect, test } from "vitest";
import type { RoundReport } from "../../../../src/features/stress/report.ts";
import type { RunResult } from "../../../../src/features/stress/result.ts";
import { renderMatrix } from "../../../../src/render/stress/matrix.ts";
import { matrixReport } from "../../../../src/render/stress/report.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { expectToFit } from "../../../support/schema.ts";
import { failures, stressResult, stressRound } from "../../../support/stress-result.ts";

const { settings } = stressResult();

type Change = Partial<RunResult["settings"]>;

/** `commits`: of each round of 2 s. */
function row(change: Change, commits: readonly number[], more: Partial<RunResult> = {}): RunResult {
  const rounds: RoundReport[] = commits.map((each) => stressRound({ commits: each }));
  const sum = commits.reduce((total, each) => total + each, 0);
  return stressResult({
    settings: { ...settings, readThenWrite: false, ...change },
    rounds,
    commits: sum,
    commitsPerSecond: sum / (2 * commits.length),
    ...more,
  });
}

const WAL = { journalMode: "wal", transaction: "immediate" } as const;
const WAL_DEFERRED = { journalMode: "wal", transaction: "deferred" } as const;
const DELETE = { journalMode: "delete", transaction: "immediate" } as const;
const EXCLUSIVE = { journalMode: "wal", transaction: "exclusive" } as const;

const FAST = [900, 910, 920, 930, 940];
const SLOW = [500, 510, 520, 530, 540];

test("the best, what is never recommended, and what was lost", () => {
  const lost = { ...stressResult().verification, lost: 1 };
  const report = matrixReport([
    row(EXCLUSIVE, [2000, 2000, 2000, 2000, 2000]),
    row(WAL, FAST),
    row(DELETE, SLOW, { failures: [failures()], errors: { SQLITE_BUSY: 312 }, transactions: 4000 }),
    row(DELETE, FAST, { verification: lost }),
  ]);
  expectToFit("stress", report);
  expect(report.rows.map(({ standing, advisedAgainst }) => [standing, ...advisedAgainst])).toEqual([
    ["not-recommended", "exclusive"],
    ["best"],
    ["worse"],
    ["not-recommended"],
  ]);
  // long-lines: without a terminal no line is broken
  expect(renderMatrix(report, PLAIN)).toMatchInlineSnapshot(`
    "4 writers, 4 readers; 10 s for each of 4 combinations in 5 rounds of 2 s, in turns; seed 7; LOWEST and HIGHEST: commits per second in a round

       JOURNAL  TRANSACTION  TIMEOUT  ERRORS  COMMITS/S  LOWEST  HIGHEST  READS/S  WRITE P95  WRITE MAX  LONGEST WAIT  LOST
    *  wal      immediate        5 s       0        460     450      470      900    1.00 ms      12 ms        120 ms     0
       delete   immediate        5 s     312        260     250      270      900    1.00 ms      12 ms        120 ms     0
    !  wal      exclusive        5 s       0      1,000   1,000    1,000      900    1.00 ms      12 ms        120 ms     0
    !  delete   immediate        5 s       0        460     450      470      900    1.00 ms      12 ms        120 ms     1

    Best (*): --journal-mode wal --transaction immediate --busy-timeout 5s. In each of its 5 rounds it had fewer errors, or more commits, than any other row that can be recommended had in any of them.

    --journal-mode wal --transaction immediate --busy-timeout 5s: None of the 3,688 transactions and 9,000 reads failed; the longest wait for the lock took 120 ms. All 3,688 acknowledged commits are in the table, each once. The database is intact.

    Never recommended (!), whatever was measured: --transaction exclusive (in rollback mode it keeps readers out; in WAL mode it is the same as immediate).

    None of the 3,688 transactions and 9,000 reads failed; the longest wait for the lock took 120 ms. WRONG: 1 acknowledged commit of 3,688 lost. The evidence is kept: . The database is intact.
    "
  `);
  // long-lines end
});

test.each<[string, RunResult[], string]>([
  [
    "the best",
    [row(WAL, FAST), row(DELETE, SLOW)],
    "Best (*): --journal-mode wal --transaction immediate --busy-timeout 5s. In",
  ],
  [
    "no difference that counts, and what the best have in common",
    [row(WAL, FAST), row(WAL_DEFERRED, [880, 890, 900, 910, 990]), row(DELETE, SLOW)],
    "No difference that counts between the 2 rows marked =: they differ by no more than their own 5 rounds differ " +
      "from each other. Both have " +
      "--journal-mode wal. The 1 row without a mark is worse.",
  ],
  [
    "no difference at all",
    [row(WAL, FAST), row(DELETE, FAST), row(WAL_DEFERRED, FAST)],
    "No difference that counts between the 3 rows marked =: they differ by no more than their own 5 rounds differ " +
      "from each other.",
  ],
  [
    "faster, with errors",
    [
      row(DELETE, SLOW),
      row(WAL, FAST, {
        errors: { SQLITE_BUSY: 1 },
        rounds: FAST.map((commits, i) => stressRound({ commits, errors: i === 0 ? 1 : 0 })),
      }),
    ],
    "No row is the best in both errors and commits. The row marked + committed more, but more transactions failed.",
  ],
  [
    "too short",
    [row(WAL, [900]), row(DELETE, [1])],
    "Too short to compare: 1 round for each row, and 4 are needed (--duration 1s or longer).",
  ],
  ["one combination", [row(WAL, FAST)], "One combination: nothing to compare it with."],
  [
    "the only one",
    [row(WAL, FAST), row(EXCLUSIVE, FAST)],
    "Only --journal-mode wal --transaction immediate --busy-timeout 5s can be",
  ],
  [
    "none",
    [row(EXCLUSIVE, FAST)],
    "None of these combinations can be recommended. Never recommended (!), whatever was measured: --transaction exc",
  ],
])("%s", (_, rows, text) => {
  const report = matrixReport(rows);
  expectToFit("stress", report);
  expect(report.verdict).toContain(text);
  expect(report.verdict).toBe(report.verdict.trim());
});

test("without a best row, the result of none is told", () => {
  for (const rows of [
    [row(WAL, FAST), row(WAL_DEFERRED, FAST)],
    [row(WAL, [900]), row(DELETE, [1])],
  ])
    expect(matrixReport(rows).verdict).not.toContain("acknowledged commits");
});

test("what docs/errors.md warns of is not the best, however fast it is", () => {
  const readThenWrite = { ...WAL_DEFERRED, readThenWrite: true };
  const report = matrixReport([
    row(readThenWrite, FAST),
    row({ ...WAL, readThenWrite: true }, SLOW),
    row({ ...WAL, busyTimeoutMs: 0 }, FAST),
  ]);
  expect(report.rows.map(({ standing }) => standing)).toEqual(["not-recommended", "only", "not-recommended"]);
  expect(report.verdict).toContain(
    "Never recommended (!), whatever was measured: --transaction deferred with --read-then-write (a read transaction " +
      "that tries to write can fail at once, whatever the timeout); --busy-timeout 0 (no connection waits for a lock).",
  );
});

test("WAL mode on a network file system", () => {
  const { rows, verdict } = matrixReport([row(WAL, FAST, { onNetwork: true }), row(DELETE, SLOW, { onNetwork: true })]);
  expect(rows[0]).toMatchObject({ standing: "not-recommended", advisedAgainst: ["wal-on-network"] });
  expect(verdict).toContain("where WAL mode does not work");
});

test("a narrow terminal leaves columns out", () => {
  const report = matrixReport([row(WAL, FAST), row(DELETE, SLOW)]);
  const lines = renderMatrix(report, { ...PLAIN, width: 80 }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.find((line) => line.includes("JOURNAL"))).toMatch(/COMMITS\/S +LOWEST +HIGHEST.* LOST$/);
});
