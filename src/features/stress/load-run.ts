/** One database with its load: one or more rounds, a trial of the recommended setting, the verification. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { roomAt } from "../../safe-open/room.ts";
import { CommitLedger } from "./commit-ledger.ts";
import { diskFullError } from "./errors.ts";
import { addKilled, type KilledWorkers, NONE_KILLED } from "./killed-workers.ts";
import { Measurement } from "./measurement.ts";
import type { Random } from "./random.ts";
import { recommendationFor } from "./recommendation.ts";
import {
  type Evidence,
  type EvidenceLocation,
  failedWrites,
  isSound,
  type RunResult,
  resultOf,
  type Trial,
} from "./result.ts";
import { killRandom } from "./sequence.ts";
import type { Settings } from "./settings.ts";
import { type PreparedDatabase, prepareDatabase, type StressDatabase } from "./stress-database.ts";
import { verify } from "./verification.ts";
import { runRound } from "./worker-pool.ts";

/** How long the recommended setting is tried, at most. */
const TRIAL_MS = 2000;

export type KeepEvidence = (evidence: Evidence) => EvidenceLocation;

export class LoadRun {
  readonly #database: StressDatabase;
  readonly #prepared: PreparedDatabase;
  readonly #settings: Settings;
  readonly #ledger = new CommitLedger();
  readonly measurement: Measurement;
  #killed: KilledWorkers = NONE_KILLED;

  /** `name`: of the database, where there are several. @throws UserError */
  static async prepare(database: StressDatabase, name: string | null, settings: Settings): Promise<LoadRun> {
    return new LoadRun(database, await prepareDatabase(database, name, settings.journalMode), settings);
  }

  private constructor(database: StressDatabase, prepared: PreparedDatabase, settings: Settings) {
    this.#database = database;
    this.#prepared = prepared;
    this.#settings = settings;
    this.measurement = new Measurement(settings.busyTimeoutMs);
  }

  /** @throws UserError */
  async runRound(durationMs: number, random: Random, onTick: (atMs: number) => void): Promise<void> {
    this.#killed = addKilled(
      this.#killed,
      await this.#round(durationMs, random, onTick, this.#settings, this.measurement),
    );
  }

  /** The recommended setting is not only named: the same load runs with it on the same database. */
  async tryRecommendation(): Promise<Trial | null> {
    const change = recommendationFor(this.#settings, this.measurement.failures);
    if (change === null) return null;
    const settings: Settings = { ...this.#settings, ...change, killEveryMs: null };
    const measurement = new Measurement(settings.busyTimeoutMs);
    const durationMs = Math.min(TRIAL_MS, settings.durationMs);
    const killed = await this.#round(durationMs, killRandom(settings.seed), () => undefined, settings, measurement);
    this.#killed = addKilled(this.#killed, killed);
    const errors = failedWrites(measurement.failures);
    return { change, transactions: measurement.commits + errors, errors };
  }

  /** Verifies the database; keeps it where something is wrong. @throws UserError */
  async finish(trial: Trial | null, keep: KeepEvidence): Promise<RunResult> {
    const { path, journalMode, pageSize } = this.#prepared;
    const { givenAs, inPlace, openedAs } = this.#database;
    const { seed, rows } = this.#settings;
    const { writers } = this.#ledger;
    const verification = await verify(this.#database, this.#prepared, this.#settings, writers);
    const result = resultOf({
      database: givenAs,
      inPlace: inPlace !== null,
      openedAs,
      settings: this.#settings,
      journalMode,
      pageSize,
      measurement: this.measurement,
      killed: this.#killed,
      verification,
      trial,
    });
    const evidence = isSound(result) ? null : keep({ seed, rows, database: path, writers, verification });
    return { ...result, evidence };
  }

  #round(
    durationMs: number,
    random: Random,
    onTick: (atMs: number) => void,
    settings: Settings,
    measurement: Measurement,
  ): Promise<KilledWorkers> {
    const { path, file } = this.#prepared;
    const { table, guard } = this.#database;
    const ledger = this.#ledger;
    measurement.startRound(durationMs);
    return runRound({
      path,
      file,
      table,
      settings,
      durationMs,
      ledger,
      measurement,
      guard,
      killRandom: random,
      onTick: (atMs) => {
        const room = roomAt(dirname(path));
        if (room.freeBytes < room.reserveBytes) throw diskFullError(room);
        const bytes = lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size;
        if (bytes !== undefined && atMs >= 0 && atMs < durationMs) measurement.addWalSize(atMs, bytes);
        onTick(atMs);
      },
    });
  }
}
