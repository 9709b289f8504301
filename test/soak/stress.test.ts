/** Many kills during a long load: no acknowledged commit is lost, whatever is killed when. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFiles } from "../support/check.ts";
import { matrixJson, SOUND, stressJson } from "../support/stress.ts";

const MODES = ["wal", "delete"] as const;

/** The schedule has about 300 in 30 seconds; a busy machine carries out fewer. */
const MIN_KILLS = 50;

test.each(MODES.flatMap((mode) => ["1", "4"].map((threads) => [mode, threads] as const)))(
  "%s, --threads %s: 30 seconds of kills",
  { timeout: 120_000 },
  async (mode, threads) => {
    const { folder, env } = temporaryFiles();
    const load = ["--writers", "8", "--readers", "4", "--kill-every", "100ms", "--duration", "30s"];
    const report = await stressJson(["--journal-mode", mode, "--threads", threads, ...load], { env });
    const answer = { error: undefined, ...report }; // an error is printed where the test fails
    expect(answer).toMatchObject({
      error: undefined,
      code: 0,
      verification: SOUND,
      workersKilledByOthers: 0,
      workersStuck: 0,
    });
    expect(report.workersKilled).toBeGreaterThan(MIN_KILLS);
    expect(report.verification.inFlight).toBeLessThanOrEqual(report.workersKilled);
    expect(readdirSync(folder)).toEqual([]);
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(folder);
  },
);

test("a matrix of twelve combinations with kills", { timeout: 300_000 }, async () => {
  const options = { timeoutMs: 290_000 };
  const { code, rows } = await matrixJson(["--kill-every", "150ms", "--rows", "5", "--duration", "2s"], options);
  expect(code).toBe(0);
  expect(rows).toHaveLength(12);
  for (const row of rows) expect(row).toMatchObject({ verification: SOUND });
});

test("WAL mode is tried in place of rollback mode, and helps readers", { timeout: 120_000 }, async () => {
  const load = ["--journal-mode", "delete", "--busy-timeout", "500ms", "--duration", "10s"];
  const { rounds, comparison, concerns, verdict, verification } = await stressJson(load, { timeoutMs: 110_000 });
  const waits = { concerns, rounds, comparison }; // printed where the test fails
  expect(waits).toMatchObject({
    comparison: { option: "--journal-mode wal", before: { length: 4 }, after: { length: 4 } },
  });
  expect(waits.comparison?.metrics.find(({ metric }) => metric === "commits")).toMatchObject({ change: "higher" });
  expect(verdict).toContain("--journal-mode wal ");
  expect(verification).toMatchObject(SOUND);
});

test("writers that hold the lock and do not pause: a pause makes them even", { timeout: 120_000 }, async () => {
  const load = ["--journal-mode", "wal", "--hold", "20ms", "--readers", "0", "--duration", "10s"];
  const { fairness, concerns, comparison, verdict, verification } = await stressJson(load, { timeoutMs: 110_000 });
  const seen = { fairness, concerns, comparison }; // printed where the test fails
  expect(seen).toMatchObject({ comparison: { option: "--think 100ms" } });
  expect(seen.comparison?.metrics.find(({ metric }) => metric === "fairness")).toMatchObject({ change: "higher" });
  expect(verdict).toContain("--think 100ms (a pause after each transaction) helps (4 rounds with it and 4 without");
  expect(verification).toMatchObject(SOUND);
});

test("settings that are alike: a best row only where all rounds were better", { timeout: 120_000 }, async () => {
  // deferred transactions that write first are the same as immediate ones; chance may separate them, once in 100 times
  const load = ["--transaction", "deferred,immediate", "--journal-mode", "wal", "--busy-timeout", "5s"];
  const { rows, verdict } = await matrixJson([...load, "--duration", "10s"], { timeoutMs: 110_000 });
  const rates = rows.map(({ standing, rounds }) => ({ standing, rounds: rounds.map(({ commits }) => commits) }));
  const [first, second] = rates.map(({ rounds }) => rounds);
  const isApart = Math.min(...(first ?? [])) > Math.max(...(second ?? []));
  expect(rates).toMatchObject(
    isApart
      ? [{ standing: "best" }, { standing: "worse" }]
      : [{ standing: "no-difference" }, { standing: "no-difference" }],
  );
  expect(verdict).toMatch(isApart ? /^Best/ : /^No difference that counts between the 2 rows marked =/);
});

test("WAL mode beside rollback mode: the difference counts", { timeout: 120_000 }, async () => {
  const load = ["--transaction", "immediate", "--journal-mode", "wal,delete", "--busy-timeout", "5s"];
  const alone = ["--writers", "1", "--readers", "0", "--duration", "10s"];
  const { rows, verdict } = await matrixJson([...load, ...alone], { timeoutMs: 110_000 });
  const rates = rows.map(({ standing, rounds }) => ({ standing, rounds: rounds.map(({ commits }) => commits) }));
  expect(rates).toMatchObject([{ standing: "best" }, { standing: "worse" }]);
  expect(verdict).toMatch(/^Best \(\*\): --journal-mode wal --transaction immediate --busy-timeout 5s\./);
});
