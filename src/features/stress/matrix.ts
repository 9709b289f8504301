/** --matrix: several combinations of settings, each on its own database, in turns. */
import type { Progress } from "./listener.ts";
import { type KeepEvidence, LoadRun, NOTHING_TRIED } from "./load-run.ts";
import { compareResults, type RunResult } from "./result.ts";
import { killRandom } from "./sequence.ts";
import type { Combination, Settings } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { turnsOf } from "./turns.ts";

/** In turns, so that other work on the machine slows all combinations equally. @returns fewest errors first */
export async function runMatrix(
  database: StressDatabase,
  settings: Settings,
  combinations: readonly Combination[],
  keep: KeepEvidence,
  onProgress: (progress: Progress) => void,
): Promise<RunResult[]> {
  const runs: LoadRun[] = [];
  for (const [i, combination] of combinations.entries())
    runs.push(await LoadRun.prepare(database, `database-${i + 1}`, { ...settings, ...combination }));
  const turns = turnsOf(settings.durationMs);
  const turnMs = settings.durationMs / turns;
  const random = killRandom(settings.seed);
  const totalMs = settings.durationMs * combinations.length;
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, run] of runs.entries()) {
      const beforeMs = (turn * runs.length + i) * turnMs;
      await run.runRound(turnMs, random, (atMs) =>
        onProgress({
          trying: null,
          commits: runs.reduce((sum, { measurement }) => sum + measurement.commits, 0),
          errors: runs.reduce((sum, { measurement }) => sum + measurement.errors, 0),
          elapsedMs: beforeMs + Math.min(atMs, turnMs),
          totalMs,
        }),
      );
    }
  }
  const results: RunResult[] = [];
  for (const run of runs) results.push(await run.finish(NOTHING_TRIED, keep));
  return results.sort(compareResults);
}
