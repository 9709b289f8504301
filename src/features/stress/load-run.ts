/** One database with its load: one or more rounds, a trial of what should help, the verification. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../errors.ts";
import { roomAt } from "../../safe-open/room.ts";
import { CommitLedger } from "./commit-ledger.ts";
import { metricsOf, ROUNDS_EACH, roundMsOf } from "./comparison.ts";
import { concernsOf } from "./concerns.ts";
import { diskFullError } from "./errors.ts";
import { addKilled, type KilledWorkers, NONE_KILLED } from "./killed-workers.ts";
import { Measurement } from "./measurement.ts";
import type { Random } from "./random.ts";
import { cureFor, type Recommendation, recommendationFor } from "./recommendation.ts";
import {
  type Comparison,
  type Evidence,
  type EvidenceLocation,
  failedReads,
  failedWrites,
  isSound,
  type RunResult,
  resultOf,
  type Trial,
} from "./result.ts";
import { killRandom } from "./sequence.ts";
import type { JournalMode, Settings } from "./settings.ts";
import { changeJournalMode, type PreparedDatabase, prepareDatabase, type StressDatabase } from "./stress-database.ts";
import { verify } from "./verification.ts";
import { runRound } from "./worker-pool.ts";

/** How long the recommended setting is tried, at most. */
const TRIAL_MS = 2000;

export type KeepEvidence = (evidence: Evidence) => EvidenceLocation;

/** What was tried after the load. */
export interface Tried {
  readonly trial: Trial | null;
  readonly comparison: Comparison | null;
}

export const NOTHING_TRIED: Tried = { trial: null, comparison: null };

/** `atMs` of `totalMs`. */
export type OnTrying = (change: Recommendation, atMs: number, totalMs: number) => void;

interface RoundOptions {
  readonly durationMs: number;
  readonly settings: Settings;
  readonly measurement: Measurement;
  readonly random: Random;
  readonly onTick: (atMs: number) => void;
}

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
    await this.#round({ durationMs, settings: this.#settings, measurement: this.measurement, random, onTick });
  }

  /**
   * What should help is not only named: the same load runs with it on the same database. Against failures, alone for a
   * short time; against what else is bad, in turns with the settings as given.
   */
  async tryCure(onTrying: OnTrying): Promise<Tried> {
    const change = recommendationFor(this.#settings, this.measurement.failures);
    return change === null
      ? { trial: null, comparison: await this.#compareCure(onTrying) }
      : { trial: await this.#try(change, onTrying), comparison: null };
  }

  async #try(change: Recommendation, onTrying: OnTrying): Promise<Trial> {
    const settings: Settings = { ...this.#settings, ...change, killEveryMs: null };
    const measurement = new Measurement(settings.busyTimeoutMs);
    const durationMs = Math.min(TRIAL_MS, settings.durationMs);
    const onTick = (atMs: number) => onTrying(change, atMs, durationMs);
    await this.#round({ durationMs, settings, measurement, random: killRandom(settings.seed), onTick });
    const errors = failedWrites(measurement.failures);
    const readErrors = failedReads(measurement.failures);
    return { change, transactions: measurement.commits + errors, errors, reads: measurement.reads, readErrors };
  }

  async #compareCure(onTrying: OnTrying): Promise<Comparison | null> {
    // the programs that use the given file would meet a longer load than was asked for
    if (this.#database.inPlace !== null) return null;
    const { journalMode } = this.#prepared;
    const given: Settings = { ...this.#settings, killEveryMs: null };
    const change = cureFor({
      settings: { ...given, journalMode },
      concerns: this.#concerns,
      latencyMs: this.measurement.latencies,
      onNetwork: this.#database.onNetwork,
    });
    const roundMs = roundMsOf(given.durationMs);
    if (change === null || roundMs === null) return null;
    const sides = [given, { ...given, ...change }].map((settings) => ({
      settings,
      mode: "journalMode" in change ? (settings.journalMode ?? journalMode) : null,
      measurement: new Measurement(settings.busyTimeoutMs),
    }));
    const totalMs = 2 * ROUNDS_EACH * roundMs;
    for (let round = 0; round < 2 * ROUNDS_EACH; round++) {
      const side = sides[round % 2] as (typeof sides)[number];
      if (side.mode !== null && !(await this.#changeMode(side.mode))) return null;
      const onTick = (atMs: number) =>
        onTrying(change, roundMs * round + Math.min(Math.max(0, atMs), roundMs), totalMs);
      await this.#round({ durationMs: roundMs, random: killRandom(given.seed), onTick, ...side });
    }
    const [before, after] = sides.map(({ measurement }) => measurement.rounds(given.writers));
    return { change, before: before ?? [], after: after ?? [], metrics: metricsOf(before ?? [], after ?? []) };
  }

  /** The result of the load is not lost where the mode cannot be changed. */
  async #changeMode(mode: JournalMode): Promise<boolean> {
    try {
      return await changeJournalMode(this.#database, this.#prepared, mode);
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  get #concerns() {
    const { measurement } = this;
    const { writers } = this.#settings;
    const { latencies: latencyMs, commits, reads } = measurement;
    const facts = {
      latencyMs,
      commits,
      reads,
      rounds: measurement.rounds(writers),
      fairness: measurement.fairness(writers),
    };
    return concernsOf({ settings: this.#settings, ...facts });
  }

  /** Verifies the database; keeps it where something is wrong. @throws UserError */
  async finish({ trial, comparison }: Tried, keep: KeepEvidence): Promise<RunResult> {
    const { path, journalMode, pageSize } = this.#prepared;
    const { givenAs, inPlace, openedAs, onNetwork } = this.#database;
    const { seed, rows } = this.#settings;
    const { writers } = this.#ledger;
    const verification = await verify(this.#database, this.#prepared, this.#settings, writers);
    const result = resultOf({
      database: givenAs,
      inPlace: inPlace !== null,
      onNetwork,
      openedAs,
      settings: this.#settings,
      journalMode,
      pageSize,
      measurement: this.measurement,
      concerns: this.#concerns,
      killed: this.#killed,
      verification,
      trial,
      comparison,
    });
    const evidence = isSound(result) ? null : keep({ seed, rows, database: path, writers, verification });
    return { ...result, evidence };
  }

  async #round({ durationMs, settings, measurement, random, onTick }: RoundOptions): Promise<void> {
    const { path, file } = this.#prepared;
    const { table, guard } = this.#database;
    const ledger = this.#ledger;
    measurement.startRound(durationMs);
    const killed = await runRound({
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
    this.#killed = addKilled(this.#killed, killed);
  }
}
