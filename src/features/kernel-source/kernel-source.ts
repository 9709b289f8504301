/**
 * The kernel's lock events and SQLite's calls, with what /proc says of them: which process it is (here), which file the
 * database is and what was held before (locked-inodes.ts), and what is known of its statements (statements.ts).
 */
import { pathExists } from "../../observe/identify.ts";
import { readStat } from "../../proc/stat.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type { LockEvent, ProcessEvent, ProcessIdentity, SourceEvent } from "../../recording/source-event.ts";
import { sleep, uptimeMs } from "../../time.ts";
import type { TraceEvent } from "../../trace/events.ts";
import { Tracer } from "../../trace/tracer.ts";
import { BeforeExec, isAnotherProgram } from "./before-exec.ts";
import { Identities } from "./identity.ts";
import { Introductions } from "./introductions.ts";
import { LockedInodes } from "./locked-inodes.ts";
import { EarlyUsers, hasOpen, Rarely } from "./open-files.ts";
import { OwnEvents } from "./own-events.ts";
import { Statements } from "./statements.ts";

export interface KernelSourceOptions {
  /** Real paths of databases, which may not exist. */
  readonly paths: readonly string[];
  /** Whether calls of SQLite are probed. */
  readonly statements: boolean;
  /** Statements are shown with their strings and numbers. */
  readonly literals: boolean;
  /** Files with a SQLite that a process will likely load: it is probed before that. */
  readonly early?: readonly string[];
  /** While nothing happens, what else may change is looked at less often. */
  readonly rests?: boolean;
  /** Processes that have a database open now. */
  readonly holders: () => Promise<readonly number[]>;
}

/** For how long the end waits for a reading of /proc/locks, ms. */
const MAX_STOP_MS = 500;

/** How often the open files of one that is not ours are looked at. */
const OPEN_FILES_EVERY_MS = 1_000;
/** One whose statements are seen, and no lock yet, may open a database with the next of them. */
const EARLY_EVERY_MS = 20;
/** Of the time, for all of them. */
const OPEN_FILES_SHARE = 0.2;

/**
 * When nothing has happened for so long, the files of the databases and the settings of the trace are looked at less
 * often: with the next event at once, and else at this interval, ms.
 */
const RESTS_AFTER_MS = 1_000;
const AT_REST_EVERY_MS = 500;

type Sink = (event: SourceEvent) => void;

export class KernelSource implements RecordingSource {
  readonly kind = "kernel";
  readonly ready: Promise<void>;
  readonly #paths: string[];
  readonly #tracer: Tracer;
  readonly #files: LockedInodes;
  readonly #statements: Statements;
  readonly #identities = new Identities();
  /** Those that were named by a ProcessEvent and have not ended, and when each started. */
  readonly #known = new Map<number, bigint | null>();
  readonly #introductions = new Introductions();
  readonly #beforeExec = new BeforeExec();
  readonly #looked = new Rarely(OPEN_FILES_EVERY_MS, OPEN_FILES_SHARE, uptimeMs);
  readonly #early = new EarlyUsers(new Rarely(EARLY_EVERY_MS, OPEN_FILES_SHARE, uptimeMs));
  readonly #own = new OwnEvents();
  /** When something has happened last, as far as that is known, and when it was last looked what else has changed. */
  #newsMs = 0;
  #drainedMs = 0;
  #untilMs = 0;
  readonly #rests: boolean;
  #hasLost = false;
  #isClosed = false;

  /** @throws TraceError */
  static open(options: KernelSourceOptions): KernelSource {
    const tracer = Tracer.open();
    try {
      return new KernelSource(options, tracer);
    } catch (error) {
      tracer.close();
      throw error;
    }
  }

  private constructor(options: KernelSourceOptions, tracer: Tracer) {
    const { statements, literals, early = [], rests = false, holders } = options;
    this.#rests = rests;
    const paths = [...options.paths];
    this.#paths = paths;
    this.#tracer = tracer;
    this.#files = new LockedInodes({
      paths,
      now: () => this.nowMs,
      enable: (files) => tracer.enableLocks(files),
      add: (...events) => this.#own.add(...events),
      meet: (pid) => this.#meetAlive(pid),
    });
    this.#statements = new Statements({
      statements,
      literals,
      tracer,
      isKnown: (pid) => this.#known.has(pid),
      hasOpen: (pid) => this.#early.has(pid, this.nowMs, () => hasOpen(pid, paths)),
      startTicksOf: (pid) => this.#known.get(pid) ?? null,
      add: (event) => this.#own.add(event),
    });
    tracer.enableExits();
    this.#files.look();
    this.ready = Promise.all([this.#files.heldRead, this.#statements.probeEarly(early)]).then(() => {});
    void holders().then(
      (pids) => {
        for (const pid of pids) this.#meetAlive(pid, true);
      },
      () => {}, // those that take a lock are met by it
    );
  }

  get startNs(): bigint {
    return this.#tracer.startNs;
  }

  get nowMs(): number {
    return this.#tracer.nowMs;
  }

  started(pid: number, commandLine: readonly [string, ...string[]]): void {
    this.#identities.started(pid, commandLine);
  }

  follow(path: string): void {
    this.#paths.push(path);
    this.#files.follow(path);
  }

  drain(sink: Sink): number {
    if (!this.#rests) return this.#drain(sink);
    const nowMs = this.nowMs;
    if (this.#tracer.hasNews()) this.#newsMs = nowMs;
    else if (nowMs - this.#newsMs > RESTS_AFTER_MS && nowMs - this.#drainedMs < AT_REST_EVERY_MS) return this.#untilMs;
    this.#drainedMs = nowMs;
    this.#untilMs = this.#drain(sink);
    return this.#untilMs;
  }

  #drain(sink: Sink): number {
    const latestMs = this.#files.lookIfDue(); // what is newer may be on a file that is not known yet
    return this.#deliver(sink, false, latestMs);
  }

  async stop(sink: Sink): Promise<number> {
    await Promise.race([this.#files.heldRead, sleep(MAX_STOP_MS)]); // without it the first blockers are not known
    this.#tracer.stop();
    this.#files.look();
    this.#end();
    const untilMs = this.#deliver(sink, true);
    for (const event of this.#statements.unverified(untilMs)) sink(event);
    return untilMs;
  }

  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end();
    this.#tracer.close();
    this.#statements.close();
  }

  /** What is still being found out is of no use any more. */
  #end(): void {
    this.#files.end();
    this.#statements.end();
  }

  /** The kernel's events, and among them what was found beside them. */
  #deliver(sink: Sink, final: boolean, latestMs?: number): number {
    this.#hasLost = false;
    this.#own.begin();
    const send = (event: SourceEvent) => this.#send(event, sink);
    const { untilMs } = this.#tracer.drain(
      (event) => {
        this.#own.deliver(event.kind === "lost" ? event.fromMs : event.atMs, send);
        const change = event.kind === "lock" ? this.#own.changeBefore(event) : null;
        if (change !== null) sink(change);
        this.#handle(event, sink);
      },
      final,
      latestMs,
    );
    this.#own.deliver(final ? Number.POSITIVE_INFINITY : untilMs, send);
    this.#own.end();
    this.#statements.delivered(untilMs);
    return untilMs;
  }

  #handle(event: TraceEvent, sink: Sink): void {
    switch (event.kind) {
      case "lock":
        if (!this.#known.has(event.pid) && this.#files.has(event)) this.#meetByLock(event, sink);
        this.#statements.locks(event.pid, event.atMs);
        this.#introduce(event.pid, event.atMs, sink);
        this.#askAgain(event, sink);
        break;
      case "call":
        if (event.pid !== null && !this.#known.has(event.pid)) this.#meetByOpenFile(event.pid, event.atMs, sink);
        sink(this.#statements.shown(event));
        return;
      case "return":
        this.#statements.returned(event);
        break;
      case "reset":
        this.#statements.ends(event);
        sink(event.sql === null ? event : { ...event, sql: null }); // its text is not shown
        return;
      case "lost":
        sink(event);
        if (!this.#hasLost) this.#forgetEnded(event.atMs, sink);
        this.#hasLost = true;
        this.#files.readHeld();
        return;
      case "ended": {
        // also of one that was never met, but has called a probed library: another process may get its number
        this.#beforeExec.ended(event.pid);
        this.#known.delete(event.pid);
        const unknown = this.#statements.ended(event.pid, event.atMs);
        if (unknown !== null) sink(unknown);
        break;
      }
    }
    sink(event);
  }

  /** Ends may be among what was lost. A number may be another process's by now, which has another name. */
  #forgetEnded(atMs: number, sink: Sink): void {
    for (const [pid, startTicks] of this.#known) {
      const stat = readStat(`/proc/${pid}`);
      if (stat.kind === "ok" && stat.value.startTicks === startTicks) continue;
      this.#known.delete(pid);
      sink({ kind: "ended", atMs, pid });
    }
  }

  /**
   * A child of a fork is refused by what it has of its parent, without a lock event, and some VFS lock without the
   * kernel: the open files of whoever calls SQLite show that it is one of ours.
   */
  #meetByOpenFile(pid: number, atMs: number, sink: Sink): void {
    if (this.#looked.look(pid, atMs, () => hasOpen(pid, this.#paths)) === true) this.#meetAtOnce(pid, atMs, sink, true);
  }

  #meetByLock(event: LockEvent, sink: Sink): void {
    const identity = this.#meetAtOnce(event.pid, event.atMs, sink);
    if (identity !== null) this.#beforeExec.met(identity, event);
  }

  /** It was met before it executed its program. */
  #askAgain(event: LockEvent, sink: Sink): void {
    const before = this.#beforeExec.before(event);
    if (before === null) return;
    const identity = this.#identities.of(event.pid);
    if (isAnotherProgram(before, identity)) sink({ kind: "process", atMs: event.atMs, process: identity });
  }

  #introduce(pid: number, atMs: number, sink: Sink): void {
    const event = this.#introductions.before(pid, atMs);
    if (event !== null) sink(event);
  }

  /** Before its event that is being delivered. */
  #meetAtOnce(pid: number, atMs: number, sink: Sink, isOpen = false): ProcessIdentity | null {
    let identity: ProcessIdentity | null = null;
    for (const event of this.#own.addedBy(() => this.#meet(pid, atMs, isOpen))) {
      if (event.kind === "process") identity = event.process;
      this.#send(event, sink);
    }
    return identity;
  }

  /** One of our own events. */
  #send(event: SourceEvent, sink: Sink): void {
    if (event.kind === "process" && !this.#introductions.isDue(event)) return; // it was told early
    sink(event);
  }

  /** Unless it has ended meanwhile. */
  #meetAlive(pid: number, isOpen = false): void {
    if (pathExists(`/proc/${pid}`)) this.#meet(pid, this.nowMs, isOpen);
  }

  /**
   * A process that was not known: who it is, and, some time later, what its statements are read from. `isOpen`: its
   * descriptors have shown that it has a database of the recording open.
   */
  #meet(pid: number, atMs: number, isOpen: boolean): void {
    if (this.#known.has(pid) || pid === process.pid) return;
    const identity = this.#identities.of(pid);
    this.#known.set(pid, identity.startTicks);
    this.#tracer.follow(pid, atMs);
    const event: ProcessEvent = { kind: "process", atMs, process: identity, ...(isOpen ? { hasOpen: true } : {}) };
    this.#introductions.met(event);
    this.#own.add(event);
    this.#statements.met(pid);
  }
}
