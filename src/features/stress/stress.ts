/** From a database and a plan to a result: one run, or a matrix. */
import { UserError } from "../../errors.ts";
import { createStressDatabase, type Given, removeAfterError } from "./create-database.ts";
import { fileError } from "./errors.ts";
import type { Progress, StressListener } from "./listener.ts";
import { type KeepEvidence, LoadRun } from "./load-run.ts";
import { runMatrix } from "./matrix.ts";
import type { Evidence, RunResult } from "./result.ts";
import { killRandom } from "./sequence.ts";
import type { Plan, Settings } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { refuseCorrupt } from "./verification.ts";

export interface StressResult {
  /** One; with --matrix one for each combination, fewest errors first. */
  readonly runs: readonly RunResult[];
  /** What was made for the run, and could not be removed: the table of --in-place, a private folder. */
  readonly left: UserError | null;
}

/** `given`: null for a throw-away database. @throws UserError for what a person can fix */
export async function runStress(given: Given | null, plan: Plan, listener: StressListener): Promise<StressResult> {
  try {
    return await run(given, plan, listener);
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

async function run(given: Given | null, plan: Plan, listener: StressListener): Promise<StressResult> {
  const database = await createStressDatabase(given, plan, listener);
  let isKept = false;
  const keep = (evidence: Evidence) => {
    isKept = true;
    return database.keep(evidence);
  };
  let runs: readonly RunResult[];
  try {
    await refuseCorrupt(database);
    runs =
      plan.matrix === null
        ? [await runOne(database, plan.settings, keep, listener.onProgress)]
        : await runMatrix(database, plan.settings, plan.matrix, keep, listener.onProgress);
  } catch (error) {
    if (!isKept) await removeAfterError(database.remove, listener);
    throw error;
  }
  return { runs, left: isKept ? null : await remove(database) };
}

async function runOne(
  database: StressDatabase,
  settings: Settings,
  keep: KeepEvidence,
  onProgress: StressListener["onProgress"],
): Promise<RunResult> {
  const { durationMs, seed } = settings;
  const run = await LoadRun.prepare(database, null, settings);
  const { measurement } = run;
  const show = (trying: Progress["trying"], atMs: number, totalMs: number) =>
    onProgress({
      trying,
      commits: measurement.commits,
      errors: measurement.errors,
      elapsedMs: Math.min(atMs, totalMs),
      totalMs,
    });
  await run.runRound(durationMs, killRandom(seed), (atMs) => show(null, atMs, durationMs));
  return run.finish(await run.tryCure(show), keep);
}

/** The result is not lost where something cannot be removed. */
async function remove(database: StressDatabase): Promise<UserError | null> {
  try {
    await database.remove();
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
