/** Watches databases: joins the events of locks (lock-reader.ts) and the looks into one stream of events. */
import { DEFAULT_STALE_AFTER_MS, inspect } from "../../inspect/inspect.ts";
import type { FileFacts } from "../../model/file-facts.ts";
import { type DatabaseReport, isPathError, type Report } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { spaceOf } from "../../observe/target.ts";
import { uptimeMs } from "../../time.ts";
import type { AlertLook } from "./alert/tracker.ts";
import { BlockedAttempts } from "./blocked-attempts.ts";
import { WATCH_SCHEMA_VERSION, type WatchEvent, type WatchSummary, watchEvent } from "./event.ts";
import { fateOf } from "./fate.ts";
import { HoldTotals, tenths } from "./hold-totals.ts";
import type { LockReader } from "./lock-reader.ts";
import { LocksHeld } from "./locks-held.ts";
import { LookComparison } from "./look-comparison.ts";
import { ProcessNames } from "./process-names.ts";
import type { SampleEvent, SamplingStatistics } from "./sampler.ts";
import type { SampleBatch } from "./sampler-thread.ts";
import type { LookResult } from "./state.ts";
import { WalGrowths } from "./wal-growth.ts";
import { walSample } from "./wal-sample.ts";

/** The verdict is to fit in two lines of the smallest screen that is common. */
const SCREEN_COLUMNS = 80;

export interface WatchListener {
  /**
   * In the order in which they were seen; the times of different databases, and those of looks and readings, may
   * overlap by some ms.
   */
  readonly onEvents: (events: readonly WatchEvent[]) => void;
  readonly onLook?: (look: LookResult) => void;
  /** As onLook: what alerts need of it. */
  readonly onLooked?: (look: AlertLook) => void;
  /** Locks are known until then, and every event before it was told: several times a second, if given. */
  readonly onRead?: (untilMs: number) => void;
  /** Watching cannot continue. */
  readonly onError: (error: unknown) => void;
}

export class Watch {
  readonly #paths: readonly string[];
  readonly #intervalMs: number;
  readonly #listener: WatchListener;
  readonly #reader: LockReader;
  readonly #comparison = new LookComparison();
  readonly #totals = new HoldTotals();
  readonly #attempts = new BlockedAttempts();
  readonly #names = new ProcessNames();
  readonly #wal = new WalGrowths();
  readonly #held = new LocksHeld();
  /** Null before the first reading. */
  #startedMs: number | null = null;
  #statistics: SamplingStatistics = { readings: 0, longestGapMs: 0, unreadMs: 0 };
  #untilMs = Date.now();
  #unseen: Unseen | null = null;
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;
  #wake: () => void = () => undefined;
  #isLookWanted = false;

  /** `paths`: real paths of databases. `intervalMs`: between two looks. `reader`: of the same paths, not started. */
  constructor(paths: readonly string[], intervalMs: number, reader: LockReader, listener: WatchListener) {
    this.#paths = paths;
    this.#intervalMs = intervalMs;
    this.#reader = reader;
    this.#listener = listener;
    reader.start({ onBatch: (batch) => this.#take(batch), onError: listener.onError });
  }

  #take({ fromMs, untilMs, statistics, events }: SampleBatch): void {
    if (this.#startedMs === null) this.#begin(fromMs);
    this.#statistics = statistics;
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    this.#emit(events.flatMap((event) => this.#fromSample(event)));
    if (!this.#stopped) this.#listener.onRead?.(untilMs);
  }

  /** From now on events are seen. */
  #begin(startedMs: number): void {
    this.#startedMs = startedMs;
    const source = this.#reader.kind;
    this.#emit(this.#paths.map((path) => watchEvent("watching", path, startedMs, { source })));
    this.#lookRepeatedly().catch(this.#listener.onError);
  }

  /** All gaps: for so long nothing was read. */
  get unreadMs(): number {
    return this.#statistics.unreadMs;
  }

  /** Ends it. To be called once. */
  async stop(): Promise<WatchSummary> {
    this.#stopped = true;
    await this.#reader.stop();
    const watchedMs = Math.max(0, this.#untilMs - (this.#startedMs ?? this.#untilMs) - this.#statistics.unreadMs);
    return {
      schemaVersion: WATCH_SCHEMA_VERSION,
      at: new Date(this.#untilMs),
      event: "summary",
      source: this.#reader.kind,
      paths: this.#paths,
      watchedMs: tenths(watchedMs),
      readings: this.#statistics.readings,
      longestGapMs: tenths(this.#statistics.longestGapMs),
      holders: this.#totals.summary(this.#untilMs, watchedMs, this.#reader.blocked ?? this.#attempts.counts),
      wal: this.#wal.summary(),
      unseen: this.#unseen,
    };
  }

  /** Ends it without a summary; also releases what stop() leaves. */
  end(): void {
    this.#stopped = true;
    this.#reader.end();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
  }

  /** Without waiting for the next one's turn. */
  lookNow(): void {
    this.#isLookWanted = true;
    this.#wake();
  }

  async #lookRepeatedly(): Promise<void> {
    while (!this.#stopped) {
      const started = uptimeMs();
      const beganMs = Date.now();
      this.#isLookWanted = false;
      let facts: ReadonlyMap<string, FileFacts> = new Map();
      const report = await inspect(this.#paths, {
        locksOnly: false,
        staleAfterMs: DEFAULT_STALE_AFTER_MS,
        anyFile: true,
        brief: true,
        columns: SCREEN_COLUMNS,
        heldSeenMs: (path, pid, lock) => this.#held.heldMs(path, pid, lock, Date.now()),
        onFacts: (found) => {
          facts = found;
        },
      });
      this.#look(report, facts, beganMs);
      if (this.#stopped) return;
      if (this.#isLookWanted) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, Math.max(0, started + this.#intervalMs - uptimeMs()));
      });
    }
  }

  #look(report: Report, facts: ReadonlyMap<string, FileFacts>, beganMs: number): void {
    if (this.#stopped) return;
    const reports = new Map(this.#paths.map((path, i) => [path, databaseAt(report, path, i)]));
    const atMs = report.takenAt.getTime();
    const events: WatchEvent[] = [];
    for (const [path, database] of reports) {
      for (const holder of database?.holders ?? []) this.#names.add(holder);
      if (database !== null) this.#attempts.addLook(database);
      events.push(...this.#comparison.next(path, database, atMs, fateOf));
      if (database !== null) this.#wal.add(path, walSample(database, atMs, spaceOf));
    }
    for (const path of this.#paths) {
      const wal = this.#wal.toTell(path, atMs);
      if (wal !== null) events.push(watchEvent("wal-growth", path, atMs, { wal }));
    }
    for (const { event, pid } of events) if (event === "ended" && pid !== null) this.#names.delete(pid);
    this.#unseen = report.unseen;
    const walGrowths = new Map(this.#paths.map((path) => [path, this.#wal.of(path)]));
    this.#listener.onLook?.({ reports, beganMs, unseen: report.unseen, walGrowths });
    const marks = new Map([...facts].map(([path, { commits }]) => [path, commits?.mark ?? null]));
    this.#listener.onLooked?.({ reports, marks, beganMs, atMs });
    this.#emit(events);
  }

  #emit(events: readonly WatchEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) {
      this.#totals.add(event);
      this.#held.add(event);
    }
    try {
      this.#listener.onEvents(events);
    } catch (error) {
      this.#listener.onError(error);
    }
  }

  #fromSample(event: SampleEvent): readonly WatchEvent[] {
    if (event.event === "gap") {
      this.#comparison.gap();
      const { atMs, gapMs } = event;
      return this.#paths.map((path) => watchEvent("gap", path, atMs, { gapMs, source: this.#reader.kind }));
    }
    if (!("lock" in event)) return [watchEvent(event.event, event.path, event.atMs, { role: "database" })];
    const { path, pid, lock, role, type, api } = event.lock;
    const atLeast = event.event === "released" ? event.atLeast : null;
    return [
      watchEvent(event.event, path, event.atMs, {
        pid,
        name: this.#names.get(pid),
        lock,
        role,
        type,
        api,
        heldMs: event.heldMs,
        atLeast,
        ...(event.formerFile === true ? { formerFile: true } : {}),
      }),
    ];
  }
}

/** Reports are in the order of the paths, unless one stands for several. Null for a path that is no database now. */
function databaseAt(report: Report, path: string, i: number): DatabaseReport | null {
  const isOfPath = (database: Report["databases"][number] | undefined): database is DatabaseReport =>
    database !== undefined && !isPathError(database) && database.path === path;
  const expected = report.databases[i];
  return isOfPath(expected) ? expected : (report.databases.find(isOfPath) ?? null);
}
