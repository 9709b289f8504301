/**
 * Lock events and probes of the kernel as a stream in the order of time. Needs root and tracefs; what it makes there is
 * removed by `close`, by a guard where this process is killed, and by the next tracer where both were.
 */
import { existsSync } from "node:fs";
import { endianness } from "node:os";
import { lowerPriority, raisePriority } from "../priority.ts";
import { inChildPidNamespace } from "../proc/pid-namespace.ts";
import { readText, valueOr } from "../proc/read.ts";
import type { LostEvent } from "../recording/source-event.ts";
import { exitDecoder } from "./decode.ts";
import { Buffers } from "./drain.ts";
import { TraceError } from "./errors.ts";
import type { DecodedEvent, TraceEvent } from "./events.ts";
import { Exits, processHasEnded } from "./exits.ts";
import type { LockedFile } from "./filter.ts";
import { type Guard, startGuard } from "./guard.ts";
import { Instance } from "./instance.ts";
import { LockEvents } from "./lock-events.ts";
import { findOrMount, type Tracefs, unmount } from "./mount.ts";
import { nameOf, self } from "./name.ts";
import { Order } from "./order.ts";
import { baseOf, parseHeaderPage } from "./page.ts";
import type { Probe } from "./probe-definition.ts";
import { removeProbes, sweep } from "./sweep.ts";
import { livingProcessOf, parseSavedTgids, Threads } from "./tgid.ts";
import { attempt, readTracefs } from "./tracefs.ts";
import { Upkeep } from "./upkeep.ts";
import { type FailedProbe, Uprobes } from "./uprobes.ts";

export interface TracerOptions {
  /** Of each CPU, in kB; by default what fits the machine. */
  readonly bufferKb?: number;
}

/** Who reads something beside the events, which only the events until then can prove. */
export interface Lookahead {
  /** Events of one CPU that were just read, before any of them is delivered. */
  seen(events: readonly DecodedEvent[], processOf: (tid: number) => number | null): void;
  /** False: the events until now are of no use to it. */
  look(): boolean;
  /** All events until then were seen. */
  complete(untilMs: number): void;
}

export interface Drained {
  /** Everything that happened until then was delivered. */
  readonly untilMs: number;
}

/** A record is complete some time after its own time: a CPU of a virtual machine may stand still in between. */
const COMMIT_MS = 2;

/** Readings of a thousand events each, which wait in memory until those before them are delivered. */
const MOST_AHEAD = 20;

/** A drain that is not the last one gives way after this time, so that signals are heard. */
const DRAIN_WITHIN_MS = 100;

export class Tracer {
  /** CLOCK_MONOTONIC in ns at the time 0 of all events. */
  readonly startNs: bigint;
  readonly name: string;
  readonly tracefs: string;
  /** Of the guard; null where none could be started. */
  readonly guardPid: number | null;
  readonly #mount: Tracefs;
  readonly #guard: Guard | null;
  readonly #instance: Instance;
  readonly #buffers: Buffers;
  readonly #locks: LockEvents;
  readonly #uprobes: Uprobes;
  readonly #upkeep: Upkeep;
  readonly #threads: Threads;
  readonly #exits: Exits;
  readonly #order = new Order();
  readonly #processOf = (tid: number): number | null => this.#threads.processOf(tid);
  #lookahead: Lookahead | null = null;
  #isClosed = false;
  #isStopped = false;
  #hasNews = false;
  #saved: ReadonlyMap<number, number> | null = null;

  /** @throws TraceError */
  static open(options: TracerOptions = {}): Tracer {
    if (process.geteuid?.() !== 0) throw new TraceError("not-root");
    if (inChildPidNamespace("/proc")) throw new TraceError("child-pid-namespace");
    if (endianness() !== "LE") throw new TraceError("byte-order");
    return new Tracer(options);
  }

  private constructor({ bufferKb }: TracerOptions) {
    const owner = self();
    opened += 1;
    const name = nameOf(owner, opened);
    this.#mount = findOrMount(name);
    this.tracefs = this.#mount.directory;
    this.name = name;
    let guard: Guard | null = null;
    try {
      const layout = attempt(this.tracefs, () =>
        parseHeaderPage(readTracefs(`${this.tracefs}/events/header_page`), "events/header_page"),
      );
      sweep(this.tracefs);
      // before there is anything to remove
      guard = startGuard(this.tracefs, name, this.#mount.ours ? this.tracefs : null);
      this.#instance = new Instance(this.tracefs, name, { bufferKb });
      const cpus = this.#instance.cpus;
      this.startNs = process.hrtime.bigint();
      this.#buffers = new Buffers(this.#instance.directory, cpus, layout, baseOf(this.startNs + namespaceOffset()));
    } catch (error) {
      if (guard !== null) guard.leaveToIt();
      else if (this.#mount.ours) unmount(this.tracefs);
      throw error;
    }
    raisePriority();
    this.#guard = guard;
    this.guardPid = guard?.pid ?? null;
    this.#locks = new LockEvents(this.tracefs, this.#instance, this.#buffers);
    this.#uprobes = new Uprobes(this.tracefs, this.#instance, name);
    const restoreProbes = () => this.#uprobes.restore((id, decoder) => this.#buffers.use(id, decoder));
    this.#upkeep = new Upkeep(this.#instance.settings, restoreProbes, () => this.nowMs);
    this.#threads = new Threads(livingProcessOf, () => this.#savedTgids());
    this.#exits = new Exits(this.#threads, processHasEnded);
  }

  /** Now, in the time of the events. */
  get nowMs(): number {
    return Number(process.hrtime.bigint() - this.startNs) / 1e6;
  }

  /**
   * Lock events of these files, and of all databases on their devices. Called again, it replaces the files, and no
   * event is missed meanwhile. @throws TraceError
   */
  enableLocks(files: readonly LockedFile[]): void {
    this.#locks.enable(files);
  }

  /** Ends of processes: each after all other events of it, and up to three drains late. @throws TraceError */
  enableExits(): void {
    const format = this.#instance.format(EXITS);
    this.#buffers.use(
      format.id,
      attempt(EXITS, () => exitDecoder(format)),
    );
    this.#instance.enable(EXITS, true);
  }

  /** The end of this process is delivered, also where no other event but a close is of it. `atMs`: it was seen then. */
  follow(pid: number, atMs: number): void {
    this.#exits.follow(pid, atMs);
  }

  /** Whether the kernel has uprobes at all. */
  get hasUprobes(): boolean {
    return existsSync(`${this.tracefs}/uprobe_events`);
  }

  /** Probes of calls of SQLite, which cost every program that uses the library. @throws TraceError */
  addProbes(probes: readonly Probe[]): { added: Probe[]; failed: FailedProbe[] } {
    if (!this.hasUprobes) throw new TraceError("no-uprobes", `${this.tracefs}/uprobe_events`);
    const failed = probes.flatMap(
      (probe) => this.#uprobes.add(probe, (id, decoder) => this.#buffers.use(id, decoder)) ?? [],
    );
    const failures = new Set(failed.map(({ probe }) => probe));
    return { added: probes.filter((probe) => !failures.has(probe)), failed };
  }

  /** Of one library. False: some are still there, and the end will try again. */
  removeProbes(library: number): boolean {
    return this.#uprobes.removeOf(library);
  }

  /** To be shown all events, before `drain` delivers them. */
  lookAhead(lookahead: Lookahead): void {
    this.#lookahead = lookahead;
  }

  /** Nothing is recorded any more; the last drain delivers what was. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#addLost(this.#upkeep.look(this.nowMs));
    try {
      this.#instance.stop();
    } catch (error) {
      if (!(error instanceof TraceError)) throw error; // the instance is gone, as the look has found
    }
  }

  /** What is lost is lost for who looks ahead, too. */
  #addLost(lost: LostEvent | null): void {
    if (lost === null) return;
    this.#lookahead?.seen([lost], this.#processOf);
    this.#order.add([lost]);
  }

  /**
   * Delivers what has happened until about now, in the order of time; what is newer waits for the next call, and so
   * does what would take too long. Nothing newer than `latestMs`: what else the caller knows is of that time. `final`:
   * nothing is recorded any more, and everything is delivered.
   */
  drain(sink: (event: TraceEvent) => void, final = false, latestMs = Number.POSITIVE_INFINITY): Drained {
    if (final) this.stop();
    this.#saved = null;
    this.#exits.look(this.nowMs);
    const nowMs = this.nowMs;
    const kept = final ? null : this.#upkeep.lookIfDue(nowMs);
    this.#addLost(kept?.lost ?? null);
    const limitMs = final ? Number.POSITIVE_INFINITY : nowMs;
    let untilMs = 0;
    let readMs = 0;
    do {
      readMs = this.#read(limitMs);
      this.#lookahead?.complete(readMs);
      if (this.#lookahead?.look() === true) this.#lookahead.complete(this.#readAhead());
      untilMs = Math.min(readMs, limitMs - COMMIT_MS, kept?.untilMs ?? limitMs, final ? limitMs : latestMs);
      this.#deliver(untilMs, sink, final);
    } while (readMs < limitMs && (final || this.nowMs - nowMs < DRAIN_WITHIN_MS));
    if (final) this.#exits.look(nowMs);
    for (const ended of this.#exits.take(untilMs, final)) sink(ended);
    return { untilMs: final ? nowMs : untilMs };
  }

  /** Whether anything has happened but ends of threads, which come from the whole machine. Cheap: delivers nothing. */
  hasNews(): boolean {
    this.#hasNews = false;
    this.#read(this.nowMs);
    return this.#hasNews;
  }

  /** What has happened until now, as far as it is not too much. @returns until when all was read */
  #readAhead(): number {
    const nowMs = this.nowMs;
    let readMs = this.#read(nowMs);
    for (let more = MOST_AHEAD; readMs < nowMs && more > 0; more--) readMs = this.#read(nowMs);
    return readMs;
  }

  /** @returns until when all was read */
  #read(untilMs: number): number {
    return this.#buffers.read(untilMs, (run) => {
      this.#lookahead?.seen(run, this.#processOf);
      this.#order.add(run);
      this.#hasNews ||= run.some(({ kind }) => kind !== "exit");
    });
  }

  #deliver(untilMs: number, sink: (event: TraceEvent) => void, final: boolean): void {
    for (const event of this.#order.take(untilMs)) {
      if (event.kind === "exit") {
        this.#exits.next(event);
        continue;
      }
      if (event.kind === "lost") this.#threads.forgetThreads();
      if (event.kind === "lock") {
        // not by a close: it may come after the end of the thread, when its number is free
        if (event.closes) this.#exits.closes(event.pid, event.atMs);
        else this.#threads.learn(event.tid, event.pid);
        if (event.outcome === "waits" && !final) this.#locks.followWaits();
      }
      const isCall = event.kind === "call" || event.kind === "reset";
      sink(isCall ? { ...event, pid: this.#threads.processOf(event.tid) } : event);
    }
  }

  /**
   * Removes everything. False: something is left, and the guard goes on trying for some seconds. May be called again;
   * never throws.
   */
  close(): boolean {
    if (this.#isClosed) return true;
    this.#isClosed = true;
    lowerPriority();
    this.#buffers.close();
    const instance = this.#instance.remove();
    const probes = removeProbes(this.tracefs, (group) => group === this.name);
    const mount = !this.#mount.ours || unmount(this.tracefs);
    const done = instance && probes.length === 0 && mount;
    if (done) this.#guard?.dismiss();
    else this.#guard?.leaveToIt();
    return done;
  }

  #savedTgids(): ReadonlyMap<number, number> {
    this.#saved ??= parseSavedTgids(valueOr(readText(`${this.tracefs}/saved_tgids`), ""));
    return this.#saved;
  }
}

const EXITS = "sched/sched_process_exit";

/** Tracers of this process so far: each has a name of its own. */
let opened = 0;

/** In a time namespace CLOCK_MONOTONIC is not the kernel's own. In ns, to be added. Source: time_namespaces(7) */
function namespaceOffset(): bigint {
  const [, seconds, nanoseconds] =
    /^monotonic\s+(-?\d+)\s+(\d+)$/m.exec(valueOr(readText("/proc/self/timens_offsets"), "")) ?? [];
  return seconds === undefined || nanoseconds === undefined
    ? 0n
    : -(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
}
