import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Progress } from "../../../../src/features/stress/listener.ts";
import { LoadRun } from "../../../../src/features/stress/load-run.ts";
import { runMatrix } from "../../../../src/features/stress/matrix.ts";
import type { Random } from "../../../../src/features/stress/random.ts";
import type { RunResult } from "../../../../src/features/stress/result.ts";
import type { Combination, Settings } from "../../../../src/features/stress/settings.ts";
import type { StressDatabase } from "../../../../src/features/stress/stress-database.ts";
import { stressResult, stressSettings } from "../../../support/stress-result.ts";

const COMBINATIONS: readonly Combination[] = [
  { journalMode: "delete", transaction: "deferred", busyTimeoutMs: 0 },
  { journalMode: "wal", transaction: "immediate", busyTimeoutMs: 5000 },
];

/** A run that commits 10 in each round, and starts no process. */
class FakeRun implements Pick<LoadRun, "runRound" | "finish"> {
  readonly measurement = { commits: 0, errors: 0 };
  readonly #name: string;
  readonly #settings: Settings;
  readonly #log: string[];

  constructor(name: string, settings: Settings, log: string[]) {
    this.#name = name;
    this.#settings = settings;
    this.#log = log;
  }

  async runRound(durationMs: number, _: Random, onTick: (atMs: number) => void): Promise<void> {
    this.#log.push(`${this.#name} for ${durationMs} ms`);
    this.measurement.commits += 10;
    for (const atMs of [durationMs / 2, durationMs + 500]) onTick(atMs);
  }

  async finish(): Promise<RunResult> {
    this.#log.push(`${this.#name} ends`);
    const errors: RunResult["errors"] = this.#settings.journalMode === "wal" ? {} : { SQLITE_BUSY: 3 };
    return stressResult({ commits: this.measurement.commits, errors });
  }
}

const log: string[] = [];
const prepared: Settings[] = [];

beforeEach(() => {
  log.length = prepared.length = 0;
  vi.spyOn(LoadRun, "prepare").mockImplementation(async (_, name, settings) => {
    prepared.push(settings);
    return new FakeRun(name ?? "", settings, log) as unknown as LoadRun;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function matrix(durationMs: number): Promise<{ results: RunResult[]; progress: Progress[] }> {
  const progress: Progress[] = [];
  const results = await runMatrix(
    {} as StressDatabase,
    stressSettings({ durationMs }),
    COMBINATIONS,
    () => {
      throw new Error("nothing to keep");
    },
    (each) => progress.push(each),
  );
  return { results, progress };
}

test("each combination has its own database, and they take turns", async () => {
  await matrix(600);
  expect(prepared).toEqual(COMBINATIONS.map((each) => ({ ...stressSettings({ durationMs: 600 }), ...each })));
  expect(log).toEqual([
    "database-1 for 300 ms",
    "database-2 for 300 ms",
    "database-1 for 300 ms",
    "database-2 for 300 ms",
    "database-1 ends",
    "database-2 ends",
  ]);
});

test("the one without errors comes first", async () => {
  const { results } = await matrix(3000);
  expect(results.map(({ errors }) => errors)).toEqual([{}, { SQLITE_BUSY: 3 }]);
});

test("the progress counts all of them, and a round that takes longer does not run ahead", async () => {
  const { progress } = await matrix(100);
  expect(progress).toEqual([
    { trying: null, commits: 10, errors: 0, elapsedMs: 50, totalMs: 200 },
    { trying: null, commits: 10, errors: 0, elapsedMs: 100, totalMs: 200 },
    { trying: null, commits: 20, errors: 0, elapsedMs: 150, totalMs: 200 },
    { trying: null, commits: 20, errors: 0, elapsedMs: 200, totalMs: 200 },
  ]);
});
