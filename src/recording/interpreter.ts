/** Events of the kernel in, lines of the recording out. */

import type { LockType } from "../sqlite/locks.ts";
import { Calls } from "./calls/calls.ts";
import { Processes } from "./calls/processes.ts";
import type { Thread } from "./calls/thread.ts";
import { Transactions } from "./calls/transactions.ts";
import { Unproved } from "./calls/unproved.ts";
import { Waits } from "./calls/waits.ts";
import { grantedAfterOwn } from "./calls/within-process.ts";
import type { RecordingLine } from "./lines.ts";
import { type Live, liveOf } from "./live.ts";
import type { Database } from "./locks/database.ts";
import type { Taker } from "./locks/file.ts";
import { noteSequence } from "./locks/files.ts";
import type { Held, HeldListener } from "./locks/held.ts";
import { lockLine } from "./locks/lock-line.ts";
import { Seeds } from "./locks/seeds.ts";
import { DMS_BYTE } from "./locks/slots.ts";
import { isToWrite } from "./locks/to-write.ts";
import { Unseen } from "./locks/unseen.ts";
import { type WalUse, walUse } from "./locks/wal-use.ts";
import { openNow } from "./open-now.ts";
import type { FileEvent, HeldEvent, LockEvent, LostEvent, SourceEvent } from "./source-event.ts";
import { State } from "./state.ts";
import type { OpenLine } from "./state-lines.ts";

export interface InterpreterOptions {
  /** Paths of the databases, by their index in `FileEvent`. */
  readonly databases: readonly string[];
  /**
   * False: a -shm is known by its file events alone, as those of samples come before its first lock. Else also by the
   * sequence of a thread's locks.
   */
  readonly learnsFiles?: boolean;
  /** Is told of locks at once: a `lock` line comes when they are released. */
  readonly locks?: Partial<HeldListener>;
}

/** How often what has timed out is looked at, ms of the events' time. */
const SWEEP_MS = 25;
/** A thread that was not heard of for so long is forgotten; the next event makes it anew. */
const IDLE_THREAD_MS = 60_000;
/** With more threads than these, for so long. */
const MANY_THREADS = 20_000;
const IDLE_OF_MANY_MS = 2_000;

/** What programs do, not what was found beside it. */
const OF_PROGRAMS: ReadonlySet<SourceEvent["kind"]> = new Set(["lock", "call", "return", "reset"]);

export class Interpreter {
  private readonly state: State;
  private readonly waits: Waits;
  private readonly transactions: Transactions;
  private readonly seeds = new Seeds();
  private readonly unproved: Unproved;
  private readonly unseen: Unseen;
  private readonly calls: Calls;
  private readonly processes: Processes;
  private readonly emit: (line: RecordingLine) => void;
  private readonly locks: Partial<HeldListener>;
  private readonly learnsFiles: boolean;
  private closes = false;
  private gapUntilMs = Number.NEGATIVE_INFINITY;
  private sweptMs = Number.NEGATIVE_INFINITY;
  private forgotMs = 0;

  constructor({ databases, locks, learnsFiles = true }: InterpreterOptions, emit: (line: RecordingLine) => void) {
    this.emit = emit;
    this.locks = locks ?? {};
    this.learnsFiles = learnsFiles;
    const released = (held: Held) => this.released(held);
    this.state = new State(databases, emit, { ...locks, released });
    this.waits = new Waits(this.state);
    this.unproved = new Unproved(this.state);
    this.unseen = new Unseen(emit);
    this.transactions = new Transactions(this.state);
    this.calls = new Calls(this.state, this.waits, this.transactions, this.unproved);
    this.processes = new Processes(this.state, this.waits, this.transactions, this.unproved, this.seeds);
  }

  next(event: SourceEvent): void {
    // Of other processors, while one lost events: nothing is known that they could be added to.
    if (event.atMs < this.gapUntilMs && OF_PROGRAMS.has(event.kind)) return;
    this.state.nowMs = event.atMs;
    if (event.atMs - this.sweptMs >= SWEEP_MS) this.sweep(event.atMs);
    switch (event.kind) {
      case "lock":
        this.lock(event);
        break;
      case "call":
        if (event.pid !== null) this.processes.goesOn(event.pid);
        this.calls.enter(event);
        break;
      case "return":
        this.calls.returned(event);
        break;
      case "reset":
        this.calls.reset(event);
        break;
      case "lost":
        this.lost(event);
        break;
      case "held":
        this.held(event);
        break;
      case "file":
        this.follow(event);
        break;
      case "library":
        this.processes.library(event);
        break;
      case "process":
        this.processes.begins(event);
        break;
      case "ended":
        this.processes.ended(event);
        break;
    }
  }

  /** All events until then are in: what ends by itself has ended, though nothing else happens. */
  passed(untilMs: number): void {
    const { state } = this;
    if (untilMs <= state.nowMs) return;
    state.nowMs = untilMs;
    if (untilMs - this.sweptMs >= SWEEP_MS) this.sweep(untilMs);
  }

  private follow(event: FileEvent): void {
    const { files } = this.state;
    const before = files.databases[event.database]?.file;
    for (const earlier of files.follow(event)) this.lock(earlier, true);
    // /proc/locks is read anew for it.
    if (files.databases[event.database]?.file !== before) this.state.awaitingSinceMs ??= event.atMs;
  }

  /** `isRepeated`: it came before its file was known. */
  private lock(event: LockEvent, isRepeated = false): void {
    const { state } = this;
    if (!event.closes) this.processes.goesOn(event.pid);
    const thread = state.threadOf(event.tid, event.pid);
    this.waits.goesOn(event, thread);
    const outer = thread.outer();
    const outerCall = outer?.id ?? 0;
    const isDms =
      this.learnsFiles &&
      !isRepeated &&
      event.start === DMS_BYTE &&
      event.end === DMS_BYTE &&
      event.outcome === "granted" &&
      event.operation !== "unlock";
    const file = isDms ? state.files.open(event, thread.sequence, outerCall) : state.files.of(event);
    const isUser = file === null || !this.learnsFiles || file.isUsedBy(event);
    if (event.outcome === "granted") noteSequence(thread.sequence, event, isUser ? file : null, outerCall);
    if (file === null) {
      state.files.remember(event);
      for (const database of state.files.unseen(event)) this.unseen.add(event, database);
      return;
    }
    if (!isUser) {
      if (event.operation === "unlock") {
        if (file.incomplete) this.seeds.touch(event, file);
        file.unlock(event);
      } else this.unseen.add(event, file.database);
      return;
    }
    const frame = thread.top();
    const connection = thread.connection();
    if (connection !== null && !event.closes) {
      state.prove(connection, file.database);
      if (frame !== null) frame.hasLocks = true;
    }
    if (!event.closes) this.unproved.locks(event.pid);
    // A -shm is deleted when nobody has it, and the next file of its inode may be anybody's.
    else if (file.role === "database") this.unproved.hasOpen(event.pid);
    if (file.incomplete && event.outcome === "granted") this.seeds.touch(event, file);
    if (!event.closes) this.transactions.writers.goesOn(event.pid);
    if (event.operation === "unlock") {
      if (event.outcome === "granted") this.unlock(event, thread);
    } else if (event.outcome === "granted") {
      this.grant(event, event.operation, thread);
    } else if (event.outcome === "refused" || event.outcome === "waits") {
      this.waits.refused(event, event.operation, thread, file);
    }
    thread.lastMs = event.atMs;
  }

  private unlock(event: LockEvent, thread: Thread): void {
    const file = this.state.files.find(event.device, event.inode);
    this.state.thread = thread;
    this.closes = event.closes;
    file?.unlock(event);
    this.closes = false;
    this.state.thread = null;
    thread.lastRefused = null;
  }

  private grant(event: LockEvent, type: LockType, thread: Thread): void {
    const file = this.state.files.find(event.device, event.inode);
    if (file === null) return;
    const taker: Taker = {
      sql: thread.sql(),
      connection: thread.connection(),
      outerCall: thread.outer()?.id ?? 0,
    };
    this.state.thread = thread;
    file.grant(event, type, taker);
    this.state.thread = null;
    thread.lastRefused = null;
    this.waits.granted(event, type, thread, file);
    grantedAfterOwn(event, type, thread, file);
    this.transactions.granted(event, type, thread, file);
    this.waits.unexplained.explainByGrant(event, file);
  }

  /** A lock is no longer held, or not known to be. */
  private released(held: Held): void {
    if (held.type === "write" && this.isCalledBeside(held)) held.noteInTheWay();
    this.locks.released?.(held);
    const { thread } = this.state;
    const by = thread?.connection() ?? null;
    // Whoever had it last drops it.
    if (held.type === "read" && held.connection !== null && by !== null && by.pid === held.pid) held.share(by);
    const outer = thread?.outer() ?? null;
    if (outer !== null && held.name === "WRITE" && held.outerCall === outer.id) {
      outer.dropped = held;
      const top = thread?.top() ?? null;
      if (top !== null && top.firstDropped?.file !== held.file) top.firstDropped = held;
    }
    this.emit(lockLine(this.state, held));
    this.transactions.released(held, thread !== null && thread.pid === held.pid ? thread : null, this.closes);
  }

  /** Another thread of its process is in a call: it may wait for this lock, of which the kernel hears nothing. */
  private isCalledBeside({ pid, tid }: Held): boolean {
    const threads = this.state.processes.get(pid)?.threads;
    if (threads === undefined || threads.size < 2) return false;
    for (const thread of threads) if (thread.tid !== tid && thread.frames.length > 0) return true;
    return false;
  }

  private lost({ fromMs, atMs, events, why }: LostEvent): void {
    const { state } = this;
    this.emit({ type: "gap", fromMs, toMs: atMs, lostEvents: events, ...(why === undefined ? {} : { why }) });
    // Those of two processors overlap.
    const untilMs = Math.max(this.gapUntilMs, atMs);
    this.gapUntilMs = untilMs;
    this.waits.unexplained.flush(Number.POSITIVE_INFINITY);
    for (const thread of state.threads.values()) this.waits.cutOff(thread, "unknown", fromMs);
    this.transactions.cutOff("unknown", fromMs);
    for (const file of state.files.all()) {
      file.forget(fromMs, () => true);
      file.incomplete = true;
      file.sinceMs = untilMs;
    }
    this.transactions.writers.clear();
    for (const process of state.processes.values()) state.forgetConnections(process);
    state.threads.clear();
    for (const { threads } of state.processes.values()) threads.clear();
    this.seeds.clear();
    state.awaitingSinceMs = untilMs;
  }

  private held(event: HeldEvent): void {
    const { state } = this;
    if (event.fromMs < this.gapUntilMs) return; // it was read in a gap: another reading follows that
    this.seeds.apply(event, state.files, Math.max(0, this.gapUntilMs), (held) =>
      this.transactions.writers.seeded(held),
    );
    for (const { pid, device, inode } of event.locks) {
      if (state.files.find(device, inode)?.role === "database") this.unproved.hasOpen(pid);
    }
    if (event.unowned?.some(({ device, inode }) => state.files.find(device, inode) !== null) === true) {
      const line = { type: "unknown", atMs: event.atMs, what: "blocker", why: "open-file", pids: [] } as const;
      this.emit({ ...line, untilMs: null });
    }
    state.awaitingSinceMs = null;
    for (const file of state.files.all()) this.waits.unexplained.explain(file, Number.NEGATIVE_INFINITY);
    this.waits.unexplained.flush(event.atMs);
  }

  private sweep(nowMs: number): void {
    this.sweptMs = nowMs;
    this.waits.sweep(nowMs);
    this.processes.sweep(nowMs);
    const idleMs = this.state.threads.size > MANY_THREADS ? IDLE_OF_MANY_MS : IDLE_THREAD_MS;
    if (nowMs - this.forgotMs < idleMs) return;
    this.forgotMs = nowMs;
    for (const [tid, thread] of this.state.threads) {
      if (thread.frames.length > 0 || thread.runs.length > 0 || nowMs - thread.lastMs < idleMs) continue;
      this.state.threads.delete(tid);
      if (thread.pid !== null) this.state.processes.get(thread.pid)?.threads.delete(thread);
    }
  }

  /** The recording ends: what is open stays open. */
  end(atMs: number): void {
    const { state } = this;
    state.nowMs = atMs;
    this.processes.forgetAllEnded();
    for (const thread of state.threads.values()) this.waits.cutOff(thread, "still", atMs);
    this.waits.unexplained.flush(Number.POSITIVE_INFINITY);
    this.transactions.cutOff("open", atMs);
    for (const file of state.files.all()) for (const held of file.all()) this.emit(lockLine(state, held));
    this.processes.countAll(atMs);
  }

  /** How much is remembered. */
  size(): { processes: number; threads: number; connections: number; held: number; waits: number } {
    const { processes, threads, files } = this.state;
    let connections = 0;
    for (const process of processes.values()) connections += process.connections.size;
    let held = 0;
    for (const file of files.all()) for (const list of file.slots) held += list.length;
    return { processes: processes.size, threads: threads.size, connections, held, waits: this.waits.size() };
  }

  /** A database that is recorded from now on. */
  addDatabase(path: string): void {
    this.state.files.add(path);
  }

  startTicksOf(pid: number): string | null {
    return this.state.processes.get(pid)?.startTicks ?? null;
  }

  /** As far as its locks have shown. */
  isWal(path: string): boolean {
    return this.databaseAt(path)?.wal === true;
  }

  /** Null: which file is its -shm is not known, or there is none. */
  walUse(path: string): WalUse | null {
    const database = this.databaseAt(path);
    return database === undefined ? null : walUse(database);
  }

  private databaseAt(path: string): Database | undefined {
    return this.state.files.databases.find((database) => database.path === path);
  }

  /** Locks to write this database that are held now. */
  writeLocks(path: string): readonly Held[] {
    const files = [...this.state.files.all()].filter((file) => file.database.path === path);
    return files.flatMap((file) => file.slots.flatMap((list) => list.filter(isToWrite)));
  }

  live(nowMs: number): Live {
    return liveOf(this.state, this.transactions, nowMs);
  }

  /** All that is held, waited for and open now, of what is shown. */
  open(nowMs: number, shows: (line: RecordingLine) => boolean = () => true): OpenLine {
    return openNow(this.state, this.transactions, this.live(nowMs), nowMs, shows);
  }

  /** As far as its end is known. */
  isRunning(pid: number, startTicks: string | null): boolean {
    const process = this.state.processes.get(pid);
    return process !== undefined && process.endedMs === null && process.startTicks === startTicks;
  }
}
