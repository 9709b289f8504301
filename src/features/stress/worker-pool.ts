/** The processes of one round of load: started and ended together; some are killed and replaced in between. */
import { addOwn } from "../../proc/own.ts";
import { becameUser } from "../../user/as-user.ts";
import type { Guard } from "../../worker/sentinel.ts";
import type { CommitLedger } from "./commit-ledger.ts";
import { type ConnectionSlot, slotsByProcess } from "./connection-slots.ts";
import { refuseTooManyProcesses } from "./descriptor-limit.ts";
import { endError, startError } from "./errors.ts";
import { nextKill } from "./kill-schedule.ts";
import type { KilledWorkers } from "./killed-workers.ts";
import { type LoadProcess, type LoadProcessEnd, startLoadProcess } from "./load-process.ts";
import type { Measurement } from "./measurement.ts";
import type { FileIdentity, LoadTask, TimeWindow } from "./protocol.ts";
import type { Random } from "./random.ts";
import { ReadPause } from "./read-pause.ts";
import type { StressRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

/** The start is this far ahead, so that all processes know it before it comes. */
const LEAD_MS = 30;

/** Time limit for the start of all processes: a fixed part, and a part for each. */
const START_MS = 20_000;
const START_EACH_MS = 300;

/** Time limit for the end: a disk may keep a worker waiting. */
const END_MS = 30_000;

const TICK_MS = 200;

export interface Round {
  readonly path: string;
  readonly file: FileIdentity;
  readonly table: string;
  readonly settings: Settings;
  readonly durationMs: number;
  readonly ledger: CommitLedger;
  readonly measurement: Measurement;
  readonly guard: Guard;
  readonly killRandom: Random;
  /** Five times a second, with the time since the start. What it throws ends the round. */
  readonly onTick: (atMs: number) => void;
}

/** @throws UserError for what a person can fix: no more processes, a full disk. */
export async function runRound(round: Round): Promise<KilledWorkers> {
  const pool = new WorkerPool(round);
  try {
    return await pool.run();
  } finally {
    await pool.end();
  }
}

interface PoolProcess extends LoadProcess {
  readonly slots: readonly ConnectionSlot[];
  /** It knows the time window, and was not killed. */
  isWorking: boolean;
  /** By --kill-every. */
  isKilledByUs: boolean;
}

const running = new Set<PoolProcess>();

function killAll(): void {
  for (const process of running) process.kill();
}

class WorkerPool {
  readonly #round: Round;
  /** Rejects at the first failure. */
  readonly #failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #isOver = false;
  #window: TimeWindow | null = null;
  #killedByOthers = 0;
  readonly #signals = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pause = new ReadPause();

  constructor(round: Round) {
    this.#round = round;
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => undefined);
    process.prependListener("exit", killAll); // before the folder is removed
  }

  async run(): Promise<KilledWorkers> {
    const { settings, durationMs, onTick } = this.#round;
    await this.#startAll(slotsByProcess(settings));
    const start = process.hrtime.bigint() + BigInt(LEAD_MS * 1e6);
    this.#window = { startNs: String(start), endNs: String(start + BigInt(durationMs * 1e6)) };
    for (const process of running) this.#sendWindow(process, this.#window);
    const now = () => Number(process.hrtime.bigint() - start) / 1e6;
    this.#timers.add(setInterval(() => this.#tick(() => onTick(now())), TICK_MS));
    const byUs = await Promise.race([this.#killUntil(durationMs, now), this.#failed]);
    await Promise.race([this.#allEnded(), this.#sleep(END_MS), this.#failed]);
    const stuck = [...running].reduce((sum, { slots }) => sum + slots.length, 0);
    return { byUs, byOthers: this.#killedByOthers, signals: [...this.#signals], stuck };
  }

  /** Returns when no process is left. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#pause.stop();
    for (const timer of this.#timers) clearInterval(timer);
    killAll();
    await this.#allEnded();
    process.off("exit", killAll);
  }

  /** Returns when all have the database open. */
  async #startAll(slots: readonly ConnectionSlot[][]): Promise<void> {
    refuseTooManyProcesses(slots.length);
    const processes = slots.map((each) => this.#start(each));
    const timeout = this.#sleep(START_MS + START_EACH_MS * slots.length).then(() => {
      throw startError({ kind: "not-ready" });
    });
    await Promise.race([Promise.all(processes.map(({ ready }) => ready)), this.#failed, timeout]);
  }

  #tick(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #allEnded(): Promise<void> {
    while (running.size > 0) await Promise.all([...running].map(({ ended }) => ended));
  }

  /** --kill-every, until the end of the round. @returns how many connections were killed */
  async #killUntil(durationMs: number, now: () => number): Promise<number> {
    const { settings, killRandom } = this.#round;
    let killed = 0;
    for (;;) {
      const remainingMs = durationMs - now();
      const next = nextKill(killRandom, settings.killEveryMs, remainingMs);
      if (next === null) {
        await this.#sleep(Math.max(0, remainingMs));
        return killed;
      }
      await this.#sleep(next.afterMs);
      const victim = next.chooseFrom([...running].filter(({ isWorking }) => isWorking));
      if (victim === undefined) continue;
      victim.isWorking = false;
      victim.isKilledByUs = true;
      victim.kill();
      killed += victim.slots.length;
    }
  }

  /** `end` clears the timer: one that runs on would keep this process from ending. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }

  #sendWindow(process: PoolProcess, window: TimeWindow): void {
    process.isWorking = true;
    process.send(window);
  }

  #start(slots: readonly ConnectionSlot[]): PoolProcess {
    const { ledger, guard } = this.#round;
    const started = startLoadProcess(this.#taskOf(slots), {
      onRecord: (record) => this.#take(record),
      onData: () => this.#pause.schedule(),
      onFailed: this.#fail,
    });
    const process: PoolProcess = { ...started, slots, isWorking: false, isKilledByUs: false };
    if (started.pid === null) return process;
    const { pid } = started;
    guard.add(pid);
    const own = addOwn(pid);
    running.add(process);
    void started.ended.then((end) => {
      running.delete(process);
      guard.remove(pid);
      own.forget();
      for (const { role, worker } of end.unfinished) if (role === "writer") ledger.markKilled(worker);
      this.#onEnded(process, end);
    });
    return process;
  }

  #taskOf(slots: readonly ConnectionSlot[]): LoadTask {
    const { ledger, path, file, table, settings } = this.#round;
    const connections = slots.map(({ role, slot }) => ({
      role,
      worker: role === "writer" ? ledger.addWriter(slot) : ledger.addReader(),
    }));
    return { path, file, table, settings, writersToRead: settings.writers, connections };
  }

  #onEnded(process: PoolProcess, end: LoadProcessEnd): void {
    const window = this.#window;
    if (this.#isOver) return;
    if (end.signal === undefined || window === null) {
      if (end.exitCode !== 0) this.#fail(endError(end, end.wasReady, becameUser() !== null));
      return;
    }
    if (!process.isKilledByUs) {
      this.#killedByOthers += process.slots.length;
      this.#signals.add(end.signal);
    }
    const replacement = this.#start(process.slots);
    void replacement.ready.then(() => this.#sendWindow(replacement, window));
  }

  #take(record: StressRecord): void {
    const { ledger, measurement } = this.#round;
    measurement.add(record, record.kind === "commit" ? ledger.acknowledge(record) : null);
  }
}
