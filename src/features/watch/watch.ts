/** The watching itself: the thread that reads /proc/locks, the looks, and what both tell, in one stream of events. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { UserError } from "../../errors.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../../inspect/inspect.ts";
import { type DatabaseReport, type Holder, isPathError, type Report } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { resolveArgument } from "../../observe/resolve.ts";
import { readCommandLine } from "../../proc/cmdline.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";
import { commandOf } from "../../text/holder.ts";
import { uptimeMs } from "../../time.ts";
import { WATCH_SCHEMA_VERSION, type WatchEvent, type WatchSummary, watchEvent } from "./event.ts";
import { Looks } from "./looks.ts";
import type { SampleEvent, Sampling } from "./sampler.ts";
import type { Batch, ThreadData } from "./sampler-thread.ts";
import { Tallies, tenths } from "./summary.ts";
import { Waits } from "./waits.ts";

const THREAD = join(import.meta.dirname, "../workers/sampler.cjs");

const PROC = "/proc";

/** What is watched: the database as it was at the last look, null while there is none. */
export type Seen = ReadonlyMap<string, DatabaseReport | null>;

export interface Listener {
  /**
   * In the order in which they were seen; times of different databases, and of looks and readings, may overlap by some
   * ms.
   */
  readonly onEvents: (events: readonly WatchEvent[]) => void;
  readonly onLook?: (seen: Seen, unseen: Unseen | null) => void;
  /** The watching cannot go on. */
  readonly onError: (error: unknown) => void;
}

/**
 * The databases that are meant. One that is not there yet is waited for. @throws UserError what cannot be a database,
 * or be looked at
 */
export async function databasesToWatch(paths: readonly string[]): Promise<string[]> {
  const report = await inspect(paths, { locksOnly: true, staleAfterMs: DEFAULT_STALE_AFTER_MS });
  for (const entry of report.databases) {
    if (isPathError(entry) && entry.error.code !== "no-such-file")
      throw new UserError(entry.error.code, entry.error.message, entry.error.hint);
  }
  if (readText(`${PROC}/locks`).kind !== "ok") {
    throw new UserError(
      "no-proc",
      "/proc/locks cannot be read, and that is what watch reads",
      "run it outside this container; sqlock who-holds looks at the descriptors",
    );
  }
  const mounts = valueOr(readMountinfo(`${PROC}/self`), []);
  const found = (await Promise.all(paths.map((path) => resolveArgument(path, mounts)))).flat();
  return [
    ...new Set(
      found.map((resolution) => {
        if (resolution.kind === "error") throw resolution.error;
        return resolution.target.path;
      }),
    ),
  ];
}

export class Watch {
  readonly #paths: readonly string[];
  readonly #intervalMs: number;
  readonly #listener: Listener;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #looks = new Looks();
  readonly #tallies = new Tallies();
  readonly #waits = new Waits();
  readonly #names = new Map<number, { readonly name: string; readonly startTicks: bigint }>();
  /** Null before the first reading. */
  #startedMs: number | null = null;
  #sampling: Sampling = { readings: 0, longestGapMs: 0, unreadMs: 0 };
  #untilMs = Date.now();
  #unseen: Unseen | null = null;
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;
  #wake: () => void = () => undefined;

  /** `paths`: real paths of databases. `intervalMs`: between two looks. */
  constructor(paths: readonly string[], intervalMs: number, listener: Listener) {
    this.#paths = paths;
    this.#intervalMs = intervalMs;
    this.#listener = listener;
    const workerData: ThreadData = { paths, stop: this.#stop };
    this.#worker = new Worker(THREAD, { workerData });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("message", (batch: Batch) => {
        if (this.#startedMs === null) this.#begin(batch.fromMs);
        this.#sampling = batch.sampling;
        this.#untilMs = Math.max(this.#untilMs, batch.untilMs);
        this.#tell(batch.events.map((event) => this.#fromSample(event)));
        if (batch.last) resolve();
      });
      this.#worker.on("error", (error) => {
        resolve();
        listener.onError(error);
      });
    });
  }

  /** The first reading has been made: from now on nothing is missed. */
  #begin(startedMs: number): void {
    this.#startedMs = startedMs;
    this.#tell(this.#paths.map((path) => watchEvent("watching", path, startedMs)));
    this.#lookAgainAndAgain().catch(this.#listener.onError);
  }

  /** Ends it, and adds up. To be called once. */
  async stop(): Promise<WatchSummary> {
    this.#stopped = true;
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    await this.#ended;
    const watchedMs = Math.max(0, this.#untilMs - (this.#startedMs ?? this.#untilMs) - this.#sampling.unreadMs);
    return {
      schemaVersion: WATCH_SCHEMA_VERSION,
      at: new Date(this.#untilMs),
      event: "summary",
      paths: this.#paths,
      watchedMs: tenths(watchedMs),
      readings: this.#sampling.readings,
      longestGapMs: tenths(this.#sampling.longestGapMs),
      holders: this.#tallies.summary(this.#untilMs, watchedMs, this.#waits.attempts),
      unseen: this.#unseen,
    };
  }

  /** Without a summary; for what is left after stop() as well. */
  end(): void {
    this.#stopped = true;
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    void this.#worker.terminate();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
  }

  async #lookAgainAndAgain(): Promise<void> {
    while (!this.#stopped) {
      const started = uptimeMs();
      this.#look(await inspect(this.#paths, { locksOnly: false, staleAfterMs: DEFAULT_STALE_AFTER_MS, anyFile: true }));
      if (this.#stopped) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, Math.max(0, started + this.#intervalMs - uptimeMs()));
      });
    }
  }

  #look(report: Report): void {
    if (this.#stopped) return;
    const seen = new Map(this.#paths.map((path, i) => [path, databaseAt(report, path, i)]));
    const atMs = report.takenAt.getTime();
    const events: WatchEvent[] = [];
    for (const [path, database] of seen) {
      for (const holder of database?.holders ?? []) this.#learn(holder);
      if (database !== null) this.#waits.add(database);
      events.push(...this.#looks.next(path, database, atMs, isAlive));
    }
    for (const { event, pid } of events) if (event === "ended" && pid !== null) this.#names.delete(pid);
    this.#unseen = report.unseen;
    this.#listener.onLook?.(seen, report.unseen);
    this.#tell(events);
  }

  #tell(events: readonly WatchEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) this.#tallies.add(event);
    try {
      this.#listener.onEvents(events);
    } catch (error) {
      this.#listener.onError(error);
    }
  }

  #fromSample(event: SampleEvent): WatchEvent {
    if (!("lock" in event)) return watchEvent(event.event, event.path, event.atMs, { role: "database" });
    const { path, pid, lock, role, type, api } = event.lock;
    const atLeast = event.event === "released" ? event.atLeast : null;
    return watchEvent(event.event, path, event.atMs, {
      pid,
      name: this.#nameOf(pid),
      lock,
      role,
      type,
      api,
      heldMs: event.heldMs,
      atLeast,
    });
  }

  #learn(holder: Holder): void {
    if (holder.startTicks !== null)
      this.#names.set(holder.pid, { name: commandOf(holder), startTicks: holder.startTicks });
  }

  /** Asked at once: it may be gone at the next look. */
  #nameOf(pid: number): string | null {
    const known = this.#names.get(pid)?.name;
    if (known !== undefined) return known;
    const directory = `${PROC}/${pid}`;
    const stat = valueOr(readStat(directory), null);
    if (stat === null) return null;
    const name = commandOf({ name: stat.name, commandLine: valueOr(readCommandLine(directory), []) });
    this.#names.set(pid, { name, startTicks: stat.startTicks });
    return name;
  }
}

/** The report has them in the order in which they were given; a path that is no database at this moment is none. */
function databaseAt(report: Report, path: string, i: number): DatabaseReport | null {
  const entry = report.databases[i];
  const found = entry !== undefined && !isPathError(entry) && entry.path === path ? entry : undefined;
  return (
    found ?? report.databases.find((each): each is DatabaseReport => !isPathError(each) && each.path === path) ?? null
  );
}

function isAlive(holder: Holder): boolean {
  const stat = valueOr(readStat(`${PROC}/${holder.pid}`), null);
  return stat !== null && stat.startTicks === holder.startTicks && stat.state !== "zombie";
}
