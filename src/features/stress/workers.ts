/** The processes of the load: started together, ended together, some killed in between. */
import { addOwn } from "../../proc/own.ts";
import type { Guard } from "../../worker/sentinel.ts";
import type { Book } from "./book.ts";
import { refuseTooMany } from "./descriptors.ts";
import { notStarted, ofEnd } from "./faults.ts";
import { type End, type LoadProcess, startProcess } from "./load-process.ts";
import type { Measure } from "./measure.ts";
import type { Go, Member, Task } from "./protocol.ts";
import type { Random } from "./random.ts";
import type { StressRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

/** All are told to begin at a moment that has not come yet. */
const LEAD_MS = 30;

/**
 * To start and open the database: for all, and for each of them; and to come to an end. A disk may keep a worker
 * waiting.
 */
const START_MS = 20_000;
const EACH_START_MS = 300;
const END_MS = 30_000;

const TICK_MS = 200;

/**
 * After it has read, this process sleeps for so long: one that is woken by each commit would take the time of those who
 * commit.
 */
const NAP_MS = 4;

const NAP = new Int32Array(new SharedArrayBuffer(4));

export interface Round {
  readonly path: string;
  readonly table: string;
  readonly settings: Settings;
  readonly durationMs: number;
  readonly book: Book;
  readonly measure: Measure;
  readonly guard: Guard;
  readonly victims: Random;
  /** Five times a second, with the time since the start. */
  readonly onTick: (atMs: number) => void;
}

/** Members of processes that did not come to their own end. */
export interface Killed {
  /** By --kill-every. */
  readonly byUs: number;
  /** By a signal that is not ours, or in themselves (SIGSEGV). */
  readonly byOthers: number;
  /** Those of that. */
  readonly signals: readonly string[];
  /** They were still at work long after the end, and were ended then. */
  readonly stuck: number;
}

/** @throws UserError for what a person can mend: no processes left, a full disk. */
export async function runRound(round: Round): Promise<Killed> {
  const crew = new Crew(round);
  try {
    return await crew.run();
  } finally {
    await crew.end();
  }
}

interface Running extends LoadProcess {
  readonly slots: Slots;
  going: boolean;
  /** By --kill-every. */
  killed: boolean;
}

type Slots = readonly { readonly role: Member["role"]; readonly slot: number }[];

const alive = new Set<Running>();

function killAll(): void {
  for (const process of alive) process.kill();
}

class Crew {
  readonly #round: Round;
  readonly #failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #over = false;
  #go: Go | null = null;
  #killedByOthers = 0;
  readonly #signals = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #nap: NodeJS.Immediate | null = null;

  constructor(round: Round) {
    this.#round = round;
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => undefined);
    process.prependListener("exit", killAll); // before the folder is removed
  }

  async run(): Promise<Killed> {
    const { settings, durationMs, onTick } = this.#round;
    const all = groups(settings);
    refuseTooMany(all.length);
    const processes = all.map((slots) => this.#start(slots));
    const late = this.#sleep(START_MS + EACH_START_MS * all.length).then(() =>
      Promise.reject(notStarted("some do not get ready")),
    );
    await Promise.race([Promise.all(processes.map(({ ready }) => ready)), this.#failed, late]);
    const start = process.hrtime.bigint() + BigInt(LEAD_MS * 1e6);
    this.#go = { startNs: String(start), endNs: String(start + BigInt(durationMs * 1e6)) };
    for (const each of processes) this.#setGoing(each, this.#go);
    const now = () => Number(process.hrtime.bigint() - start) / 1e6;
    this.#timers.add(setInterval(() => onTick(now()), TICK_MS));
    const killed = await Promise.race([this.#killUntil(durationMs, now), this.#failed]);
    await Promise.race([this.#allEnded(), this.#sleep(END_MS), this.#failed]);
    const stuck = [...alive].reduce((sum, { slots }) => sum + slots.length, 0);
    return { byUs: killed, byOthers: this.#killedByOthers, signals: [...this.#signals], stuck };
  }

  /** Nothing of it is left when this returns. */
  async end(): Promise<void> {
    this.#over = true;
    for (const timer of this.#timers) clearInterval(timer);
    killAll();
    await this.#allEnded();
    process.off("exit", killAll);
  }

  async #allEnded(): Promise<void> {
    while (alive.size > 0) await Promise.all([...alive].map(({ ended }) => ended));
  }

  /** At random moments, so many apart on average; each victim's place is taken by a new one. */
  async #killUntil(durationMs: number, now: () => number): Promise<number> {
    const { settings, victims } = this.#round;
    const { killEveryMs } = settings;
    let killed = 0;
    for (;;) {
      const left = durationMs - now();
      if (killEveryMs === null || left <= 0) {
        if (left > 0) await this.#sleep(left);
        return killed;
      }
      const next = victims.int(1, 2 * killEveryMs - 1);
      const choice = victims.int(0, 0x3fff_ffff);
      if (next >= left) {
        await this.#sleep(left);
        return killed;
      }
      await this.#sleep(next);
      const running = [...alive].filter(({ going }) => going);
      const victim = running[choice % Math.max(1, running.length)];
      if (victim === undefined) continue;
      victim.going = false;
      victim.killed = true;
      victim.kill();
      killed += victim.slots.length;
    }
  }

  /** Not for longer than there is a crew: a clock that runs on would keep this process from ending. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }

  #setGoing(process: Running, go: Go): void {
    process.going = true;
    process.tell(go);
  }

  /** One that was killed has its place taken by a new one. */
  #replace({ slots }: Running): void {
    const go = this.#go;
    if (go === null) return;
    const other = this.#start(slots);
    void other.ready.then(() => this.#setGoing(other, go));
  }

  #start(slots: Slots): Running {
    const { book, guard, settings, path, table } = this.#round;
    const members = slots.map(({ role, slot }) => ({
      role,
      slot,
      worker: role === "writer" ? book.addWriter(slot) : book.addReader(),
    }));
    const task: Task = {
      path,
      table,
      settings,
      writersToRead: settings.writers,
      members: members.map(({ role, worker }) => ({ role, worker })),
    };
    const started = startProcess(task, {
      onRecord: (record) => this.#take(record),
      onPiece: () => {
        this.#nap ??= setImmediate(() => this.#sleepABit());
      },
      onFailed: this.#fail,
    });
    const running: Running = { ...started, slots, going: false, killed: false };
    if (started.pid === null) return running;
    const { pid } = started;
    guard.add(pid);
    const own = addOwn(pid);
    alive.add(running);
    void started.ended.then((end) => {
      alive.delete(running);
      guard.remove(pid);
      own.forget();
      for (const { role, worker } of end.cutOff) if (role === "writer") book.killed(worker);
      this.#ended(running, end);
    });
    return running;
  }

  #ended(running: Running, { exitCode, signal, stderr, early }: End): void {
    if (this.#over) return;
    if (signal !== undefined && this.#go !== null) {
      if (!running.killed) {
        this.#killedByOthers += running.slots.length;
        this.#signals.add(signal);
      }
      this.#replace(running);
    } else if (exitCode !== 0 || signal !== undefined) this.#fail(ofEnd(stderr, exitCode, signal, early));
  }

  /** The pipes have room for what comes meanwhile. */
  #sleepABit(): void {
    this.#nap = null;
    if (!this.#over) Atomics.wait(NAP, 0, 0, NAP_MS);
  }

  #take(record: StressRecord): void {
    const { book, measure } = this.#round;
    measure.take(record, record.kind === "commit" ? book.acknowledge(record) : null);
  }
}

/** Writers first; so many in each process as there are --threads. */
function groups({ writers, readers, threads }: Settings): Slots[] {
  const all = [
    ...Array.from({ length: writers }, (_, slot) => ({ role: "writer", slot }) as const),
    ...Array.from({ length: readers }, (_, slot) => ({ role: "reader", slot }) as const),
  ];
  return Array.from({ length: Math.ceil(all.length / threads) }, (_, i) => all.slice(i * threads, (i + 1) * threads));
}
