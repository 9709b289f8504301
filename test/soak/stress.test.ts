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
