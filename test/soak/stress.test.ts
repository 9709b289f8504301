/** Many kills during a long load: no acknowledged commit is lost, whatever is killed when. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Metric } from "../../src/features/stress/report.ts";
import { temporaryFiles } from "../support/check.ts";
import { matrixJson, SOUND, stressJson } from "../support/stress.ts";

const MODES = ["wal", "delete"] as const;

/** The schedule has about 300 in 30 seconds; a busy machine carries out fewer. */
const MIN_KILLS = 20;

test.each(MODES.flatMap((mode) => ["1", "4"].map((threads) => [mode, threads] as const)))(
  "%s, --threads %s: 30 seconds of kills",
  { timeout: 300_000 },
  async (mode, threads) => {
    const { folder, env } = temporaryFiles();
    const load = ["--writers", "8", "--readers", "4", "--kill-every", "100ms", "--duration", "30s"];
    const report = await stressJson(["--journal-mode", mode, "--threads", threads, ...load], {
      env,
      timeoutMs: 290_000,
    });
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

/** For measurements that are taken up to three times. */
const MEASURED = { timeout: 400_000 };

/**
 * A difference that is there drowns in what else the machine does, and then none is told: it is measured again. What
 * `tell` throws is a wrong answer, and counts at once.
 */
async function isTold(tell: () => Promise<{ readonly told: boolean; readonly seen: unknown }>): Promise<void> {
  const all: unknown[] = [];
  for (let tries = 0; tries < 3; tries++) {
    const { told, seen } = await tell();
    if (told) return;
    all.push(seen);
  }
  throw new Error(`no difference was told: ${JSON.stringify(all)}`);
}

/** A run that tries another option, which makes the metric higher. */
async function tries(load: readonly string[], option: RegExp, metric: Metric, inVerdict: string) {
  const { rounds, fairness, concerns, comparison, verdict, verification } = await stressJson(
    [...load, "--duration", "10s"],
    { timeoutMs: 110_000 },
  );
  expect(verification).toMatchObject(SOUND);
  const change = comparison?.metrics.find((each) => each.metric === metric)?.change;
  const isAsked = option.test(comparison?.option ?? "");
  const told = isAsked && change === "higher";
  if (isAsked) {
    expect(comparison).toMatchObject({ before: { length: 4 }, after: { length: 4 } });
    expect(change).not.toBe("lower");
  }
  if (told) expect(verdict).toContain(`${comparison?.option} ${inVerdict}`);
  return { told, seen: { rounds, fairness, concerns, comparison } };
}

test("WAL mode is tried in place of rollback mode, and helps readers", MEASURED, () => {
  const load = ["--journal-mode", "delete", "--busy-timeout", "500ms"];
  return isTold(() => tries(load, /^--journal-mode wal$/, "commits", ""));
});

test("writers that hold the lock and do not pause: a pause makes them even", MEASURED, () => {
  const load = ["--journal-mode", "wal", "--hold", "20ms", "--readers", "0"];
  const inVerdict = "(a pause after each transaction) helps (4 rounds with it and 4 without";
  // as long as the transactions are here, which a busy machine makes longer: 100 ms
  return isTold(() => tries(load, /^--think \d+ms$/, "fairness", inVerdict));
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

test("WAL mode beside rollback mode: the difference counts", MEASURED, () => {
  const load = ["--transaction", "immediate", "--journal-mode", "wal,delete", "--busy-timeout", "5s"];
  const alone = ["--writers", "1", "--readers", "0", "--duration", "10s"];
  return isTold(async () => {
    const { rows, verdict } = await matrixJson([...load, ...alone], { timeoutMs: 110_000 });
    const standings = rows.map(({ standing }) => standing);
    const told = standings[0] === "best";
    if (told) {
      expect(standings).toEqual(["best", "worse"]);
      expect(verdict).toMatch(/^Best \(\*\): --journal-mode wal --transaction immediate --busy-timeout 5s\./);
    } else expect(standings).toEqual(["no-difference", "no-difference"]);
    return { told, seen: rows.map(({ standing, rounds }) => ({ standing, rounds })) };
  });
});
