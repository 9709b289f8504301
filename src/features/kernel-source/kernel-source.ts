/**
 * The kernel's lock events and SQLite's calls, with what /proc says of them: which file the database is, what was held
 * before, which process it is, and what is known of its statements.
 */
import { pathExists } from "../../observe/identify.ts";
import { readStat } from "../../proc/stat.ts";
import type { RecordingSource } from "../../recording/source.ts";
import type {
  CallEvent,
  FileEvent,
  HeldEvent,
  LockEvent,
  ProcessEvent,
  SourceEvent,
  StatementsKnown,
} from "../../recording/source-event.ts";
import { StatementTexts } from "../../recording/sql/fingerprint.ts";
import { sleep } from "../../time.ts";
import type { TraceEvent } from "../../trace/events.ts";
import { callOf, type Probe } from "../../trace/probe-definition.ts";
import { Tracer } from "../../trace/tracer.ts";
import { DatabaseFiles } from "./files.ts";
import { readHeld } from "./held.ts";
import { Identities } from "./identity.ts";
import { Introductions } from "./introductions.ts";
import { Libraries } from "./libraries/libraries.ts";
import type { Library, ProcessLibraries } from "./libraries/library.ts";
import { hasOpen, Rarely } from "./open-files.ts";
import { VerifiedSql } from "./verified-sql.ts";

export interface KernelSourceOptions {
  /** Real paths of databases, which may not exist. */
  readonly paths: readonly string[];
  /** Whether calls of SQLite are probed. */
  readonly statements: boolean;
  /** Statements are shown with their strings and numbers. */
  readonly literals: boolean;
  /** Files with a SQLite that a process will likely load: it is probed before that. */
  readonly early?: readonly string[];
  /** Processes that have a database open now. */
  readonly holders: () => Promise<readonly number[]>;
}

/** For how long the end waits for a reading of /proc/locks, ms. */
const MAX_STOP_MS = 500;

/** How often the open files of one that is not ours are looked at. */
const OPEN_FILES_EVERY_MS = 1_000;

/** A database may be replaced all the time. */
const MAX_INODES = 10_000;

export class KernelSource implements RecordingSource {
  readonly kind = "kernel";
  readonly ready: Promise<void>;
  readonly #options: KernelSourceOptions;
  readonly #tracer: Tracer;
  readonly #files: DatabaseFiles;
  readonly #identities = new Identities();
  readonly #libraries = new Libraries();
  readonly #sql = new VerifiedSql();
  readonly #texts: StatementTexts;
  /** Those that were named by a ProcessEvent and have not ended, and when each started. */
  readonly #known = new Map<number, bigint | null>();
  /** Inodes of the databases and of their -shm, by device: whose locks make a process one of ours. The last ones. */
  readonly #inodes = new Set<string>();
  readonly #introductions = new Introductions();
  readonly #looked = new Rarely(OPEN_FILES_EVERY_MS);
  #hasLost = false;
  /** Processes whose libraries are not known yet, and of whose calls none was seen. */
  readonly #looking = new Set<number>();
  /** Libraries that were probed, or tried. */
  readonly #probed = new Map<number, boolean>();
  /** What is not from the kernel, in order. */
  #own: SourceEvent[] = [];
  #devices: ReadonlySet<number> = new Set();
  #isReadingHeld = false;
  #heldRead: Promise<void> = Promise.resolve();
  /** What is being read began before the last loss or change. */
  #isReadingOld = false;
  #isOver = false;
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
    this.#options = options;
    this.#tracer = tracer;
    this.#files = new DatabaseFiles(options.paths);
    this.#texts = new StatementTexts(options.literals);
    tracer.enableExits();
    this.#lookAtFiles();
    this.ready = Promise.all([this.#heldRead, this.#probeEarly(options.early ?? [])]).then(() => {});
    void options.holders().then(
      (pids) => {
        for (const pid of pids) this.#meetAlive(pid);
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

  drain(sink: (event: SourceEvent) => void): number {
    const latestMs = this.nowMs; // what is newer may be on a file that this look does not know
    this.#lookAtFiles();
    return this.#deliver(sink, false, latestMs);
  }

  async stop(sink: (event: SourceEvent) => void): Promise<number> {
    await Promise.race([this.#heldRead, sleep(MAX_STOP_MS)]); // without it the first blockers are not known
    this.#tracer.stop();
    this.#lookAtFiles();
    this.#isOver = true;
    const untilMs = this.#deliver(sink, true);
    for (const [library, pids] of this.#sql.unverified) for (const pid of pids) sink(unverified(pid, library, untilMs));
    return untilMs;
  }

  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOver = true;
    this.#tracer.close();
    this.#libraries.close();
  }

  /** The kernel's events, and among them what was found beside them. */
  #deliver(sink: (event: SourceEvent) => void, final: boolean, latestMs?: number): number {
    const own = this.#own.sort((a, b) => a.atMs - b.atMs);
    this.#own = [];
    this.#hasLost = false;
    let next = 0;
    let changes = own.filter(({ kind }) => kind === "file").length;
    /** A path led to a new file some time before that was seen: at its first lock. */
    const begin = ({ device, inode, atMs }: LockEvent): void => {
      const index = own.findIndex(
        (each, i) => i >= next && each.kind === "file" && each.inode === inode && each.device === device,
      );
      const [change] = index < 0 ? [] : own.splice(index, 1);
      if (change?.kind !== "file") return;
      changes -= 1;
      sink({ ...change, atMs });
    };
    const { untilMs } = this.#tracer.drain(
      (event) => {
        const atMs = event.kind === "lost" ? event.fromMs : event.atMs;
        for (let first = own[next]; first !== undefined && first.atMs <= atMs; first = own[next]) {
          this.#send(first, sink);
          next += 1;
        }
        if (changes > 0 && event.kind === "lock") begin(event);
        this.#handle(event, sink);
      },
      final,
      latestMs,
    );
    for (let first = own[next]; first !== undefined && (final || first.atMs <= untilMs); first = own[next]) {
      this.#send(first, sink);
      next += 1;
    }
    this.#own.push(...own.slice(next));
    return untilMs;
  }

  #handle(event: TraceEvent, sink: (event: SourceEvent) => void): void {
    switch (event.kind) {
      case "lock":
        if (!this.#known.has(event.pid)) this.#meetByLock(event, sink);
        this.#introduce(event.pid, event.atMs, sink);
        break;
      case "call":
        if (event.pid !== null && !this.#known.has(event.pid)) this.#meetByOpenFile(event.pid, event.atMs, sink);
        if (this.#looking.size > 0 && event.pid !== null) this.#looking.delete(event.pid);
        sink(this.#shown(this.#sql.check(event)));
        return;
      case "lost":
        sink(event);
        if (!this.#hasLost) this.#forgetEnded(event.atMs, sink);
        this.#hasLost = true;
        this.#readHeld();
        return;
      case "ended":
        if (!this.#known.delete(event.pid)) return;
        if (this.#looking.delete(event.pid))
          sink({ kind: "library", atMs: event.atMs, pid: event.pid, statements: { known: false, why: "ended" } });
        break;
    }
    sink(event);
  }

  /** Ends may be among what was lost. A number may be another process's by now, which has another name. */
  #forgetEnded(atMs: number, sink: (event: SourceEvent) => void): void {
    for (const [pid, startTicks] of this.#known) {
      const stat = readStat(`/proc/${pid}`);
      if (stat.kind === "ok" && stat.value.startTicks === startTicks) continue;
      this.#known.delete(pid);
      sink({ kind: "ended", atMs, pid });
    }
  }

  /** Nothing behind this has what users typed, unless it is asked for. */
  #shown(event: CallEvent): CallEvent {
    return event.sql === null ? event : { ...event, sql: { text: this.#texts.of(event.sql), cut: false } };
  }

  /**
   * A child of a fork is refused by what it has of its parent, without a lock event, and some VFS lock without the
   * kernel: the open files of whoever calls SQLite show that it is one of ours.
   */
  #meetByOpenFile(pid: number, atMs: number, sink: (event: SourceEvent) => void): void {
    if (!this.#looked.isDue(pid, atMs) || !hasOpen(pid, this.#options.paths)) return;
    const before = this.#own.length;
    this.#meet(pid, atMs);
    for (const event of this.#own.splice(before)) this.#send(event, sink);
  }

  #introduce(pid: number, atMs: number, sink: (event: SourceEvent) => void): void {
    const event = this.#introductions.before(pid, atMs);
    if (event !== null) sink(event);
  }

  #meetByLock({ pid, device, inode, atMs }: LockEvent, sink: (event: SourceEvent) => void): void {
    if (!this.#inodes.has(`${device}:${inode}`)) return;
    const before = this.#own.length;
    this.#meet(pid, atMs);
    for (const event of this.#own.splice(before)) this.#send(event, sink);
  }

  /** One of our own events. */
  #send(event: SourceEvent, sink: (event: SourceEvent) => void): void {
    if (event.kind === "process" && !this.#introductions.isDue(event)) return; // it was told early
    sink(event);
  }

  /** Unless it has ended meanwhile. */
  #meetAlive(pid: number): void {
    if (pathExists(`/proc/${pid}`)) this.#meet(pid, this.nowMs);
  }

  /** A process that was not known: who it is, and, some time later, what its statements are read from. */
  #meet(pid: number, atMs: number): void {
    if (this.#known.has(pid) || pid === process.pid) return;
    const identity = this.#identities.of(pid);
    this.#known.set(pid, identity.startTicks);
    this.#tracer.follow(pid, atMs);
    const event: ProcessEvent = { kind: "process", atMs, process: identity };
    this.#introductions.met(event);
    this.#own.push(event);
    if (!this.#options.statements) this.#tell(pid, { known: false, why: "not-asked" });
    else if (!this.#tracer.hasUprobes) this.#tell(pid, { known: false, why: "no-uprobes" });
    else {
      this.#looking.add(pid);
      void this.#libraries.of(pid).then((found) => this.#found(pid, found));
    }
  }

  /** `found` null: the process has ended, as its event will say. */
  #found(pid: number, found: ProcessLibraries | null): void {
    if (found === null || this.#isOver || !this.#known.has(pid)) return;
    if (!found.known && hasEnded(pid)) return; // its files could not be found any more
    this.#looking.delete(pid);
    this.#probe(pid, found);
  }

  async #probeEarly(paths: readonly string[]): Promise<void> {
    if (!this.#options.statements || !this.#tracer.hasUprobes) return;
    for (const path of paths) {
      const library = await this.#libraries.ofFile(path).catch(() => null);
      if (library !== null && !this.#isOver) this.#isProbed(library);
    }
  }

  #probe(pid: number, found: ProcessLibraries): void {
    const probed = found.known ? found.libraries.filter((library) => this.#isProbed(library)) : [];
    const why = found.known ? found.besides : found.why;
    const reason = why ?? (probed.some(({ layout }) => layout.sqlOffset === null) ? "not-verified" : null);
    for (const [place, { index }] of probed.entries()) {
      const besides = place === 0 && reason !== null ? { besides: reason } : {};
      this.#tell(pid, { known: true, library: index, ...besides });
    }
    if (probed.length === 0) this.#tell(pid, { known: false, why: why ?? "not-readable" });
  }

  #tell(pid: number, statements: StatementsKnown): void {
    this.#own.push({ kind: "library", atMs: this.nowMs, pid, statements });
  }

  #isProbed(library: Library): boolean {
    const known = this.#probed.get(library.index);
    if (known !== undefined) return known;
    if (!this.#libraries.isUnchanged(library)) return false;
    const probes = library.probes.flatMap(({ functionName, offset }): Probe[] =>
      callOf(functionName) === "open" // takes no lock and does not tell the connection: it would only cost
        ? []
        : [
            {
              library: library.index,
              file: library.probePath,
              function: functionName,
              offset,
              sqlOffset: library.layout.sqlOffset,
            },
          ],
    );
    const { failed } = this.#tracer.addProbes(probes);
    // without one of its calls the stack of calls would be wrong: all or none
    if (failed.length > 0) this.#tracer.removeProbes(library.index);
    this.#probed.set(library.index, failed.length === 0);
    return failed.length === 0;
  }

  #lookAtFiles(): void {
    const isFirst = this.#devices.size === 0;
    const events = this.#files.look(this.nowMs);
    if (events.length === 0 && !isFirst) return;
    this.#own.push(...events);
    for (const { device, inode } of events) if (inode !== null) this.#inodes.add(`${device}:${inode}`);
    for (const oldest of this.#inodes) if (this.#inodes.size > MAX_INODES) this.#inodes.delete(oldest);
    if (!isFirst && !events.some(isOfDatabase)) {
      const isNew = events.some(({ inode, untilMs }) => inode !== null && untilMs === undefined);
      if (isNew) this.#readHeld(); // on a -shm that was not known
      return;
    }
    const { places } = this.#files;
    this.#tracer.enableLocks(places);
    this.#devices = new Set(places.map(({ device }) => device));
    this.#readHeld();
  }

  /** What is held now: at the start, and whenever the stream may not have it. */
  #readHeld(): void {
    if (this.#isReadingHeld) {
      this.#isReadingOld = true;
      return;
    }
    this.#isReadingHeld = true;
    this.#heldRead = readHeld(this.#devices, () => this.nowMs).then((event: HeldEvent) => {
      this.#isReadingHeld = false;
      if (this.#isOver) return;
      if (this.#isReadingOld) {
        this.#isReadingOld = false;
        this.#readHeld();
        return;
      }
      this.#own.push(event);
      for (const { pid, device, inode } of event.locks)
        if (this.#inodes.has(`${device}:${inode}`)) this.#meetAlive(pid);
    });
  }
}

/** Its steps had texts that nothing has proved. */
function unverified(pid: number, library: number, atMs: number): SourceEvent {
  return { kind: "library", atMs, pid, statements: { known: true, library, besides: "not-verified" } };
}

function hasEnded(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`);
  return stat.kind === "gone" || (stat.kind === "ok" && (stat.value.exiting || stat.value.state === "zombie"));
}

function isOfDatabase({ role }: FileEvent): boolean {
  return role === "database";
}
