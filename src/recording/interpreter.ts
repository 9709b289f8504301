/** Events of the kernel in, lines of the recording out. */

import type { LockName, LockType } from "../sqlite/locks.ts";
import { BUSY, LOCKED, primaryCode } from "../sqlite/result-names.ts";
import type { Attempt } from "./calls/attempt.ts";
import { refusalOf } from "./calls/refusals.ts";
import { Frame, type Process, type Thread } from "./calls/thread.ts";
import { Transactions } from "./calls/transactions.ts";
import { isNeeded, LONGEST_SLEEP_MS, Waits } from "./calls/waits.ts";
import type { RecordingLine, Who } from "./lines.ts";
import type { Taker } from "./locks/file.ts";
import { noteSequence } from "./locks/files.ts";
import type { Held } from "./locks/held.ts";
import { Seeds } from "./locks/seeds.ts";
import { DMS_BYTE } from "./locks/slots.ts";
import type {
  CallEvent,
  EndedEvent,
  HeldEvent,
  LibraryEvent,
  LockEvent,
  LostEvent,
  ProcessEvent,
  ReturnEvent,
  SourceEvent,
} from "./source-event.ts";
import { NO_CALL_SITE, State } from "./state.ts";

export interface InterpreterOptions {
  /** Paths of the databases, by their index in `FileEvent`. */
  readonly databases: readonly string[];
}

/** What goes on now, for the screen of a recording that runs. */
export interface Live {
  readonly waits: readonly LiveWait[];
  readonly held: readonly LiveLock[];
  readonly transactions: readonly LiveTransaction[];
}

export interface LiveWait extends Who {
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  readonly attempts: number;
  readonly sql: string | null;
  readonly blockerPids: readonly number[];
}

export interface LiveLock {
  readonly pid: number;
  readonly tid: number | null;
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  readonly atLeast: boolean;
  readonly sql: string | null;
}

export interface LiveTransaction extends Who {
  readonly path: string;
  readonly connection: number | null;
  readonly fromMs: number;
  readonly writeFromMs: number | null;
}

/** How often what has timed out is looked at, ms of the events' time. */
const SWEEP_MS = 25;
const COUNTS_MS = 1_000;
/** A thread that was not heard of for so long is forgotten; the next event makes it anew. */
const IDLE_THREAD_MS = 60_000;

export class Interpreter {
  private readonly state: State;
  private readonly waits: Waits;
  private readonly transactions: Transactions;
  private readonly seeds = new Seeds();
  private readonly emit: (line: RecordingLine) => void;
  private closes = false;
  private sweptMs = Number.NEGATIVE_INFINITY;
  private countedMs = 0;
  private forgotMs = 0;

  constructor({ databases }: InterpreterOptions, emit: (line: RecordingLine) => void) {
    this.emit = emit;
    this.state = new State(databases, emit, (held) => this.released(held));
    this.waits = new Waits(this.state);
    this.transactions = new Transactions(this.state);
  }

  next(event: SourceEvent): void {
    this.state.nowMs = event.atMs;
    if (event.atMs - this.sweptMs >= SWEEP_MS) this.sweep(event.atMs);
    switch (event.kind) {
      case "lock":
        this.lock(event);
        break;
      case "call":
        this.call(event);
        break;
      case "return":
        this.returned(event);
        break;
      case "lost":
        this.lost(event);
        break;
      case "held":
        this.held(event);
        break;
      case "file":
        this.state.files.follow(event);
        break;
      case "library":
        this.library(event);
        break;
      case "process":
        this.process(event);
        break;
      case "ended":
        this.ended(event);
        break;
    }
  }

  private lock(event: LockEvent): void {
    const { state } = this;
    const thread = state.threadOf(event.tid, event.pid);
    const outer = thread.outer();
    const outerCall = outer?.id ?? 0;
    const isDms =
      event.start === DMS_BYTE && event.end === DMS_BYTE && event.outcome === "granted" && event.operation !== "unlock";
    const file = isDms
      ? state.files.open(event, thread.sequence, outerCall)
      : state.files.find(event.device, event.inode);
    if (event.outcome === "granted") noteSequence(thread.sequence, event, file, outerCall);
    if (file === null) return;
    const frame = thread.top();
    const connection = thread.connection();
    if (connection !== null && !event.closes) {
      state.prove(connection, file.database);
      if (frame !== null) frame.hasLocks = true;
    }
    if (state.awaitingSinceMs !== null && event.outcome === "granted") this.seeds.touch(event, file);
    if (!event.closes) this.transactions.goesOn(event.pid);
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
    this.transactions.granted(event, type, thread, file);
    this.waits.explainByGrant(event, file);
  }

  /** A lock is no longer held, or not known to be. */
  private released(held: Held): void {
    const { thread } = this.state;
    const outer = thread?.outer() ?? null;
    if (outer !== null && held.name === "WRITE" && held.outerCall === outer.id) outer.dropped = held;
    this.emit({
      type: "lock",
      ...this.state.who(held.pid, held.tid ?? held.pid),
      path: held.file.database.path,
      connection: held.connection?.number ?? null,
      ...(held.sharedBy > 1 ? { sharedBy: held.sharedBy } : {}),
      lock: held.name,
      lockType: held.type,
      fromMs: held.fromMs,
      toMs: held.toMs,
      atLeast: held.atLeast,
      sql: held.sql?.text ?? null,
      callSite: NO_CALL_SITE,
    });
    this.transactions.released(held, thread !== null && thread.pid === held.pid ? thread : null, this.closes);
  }

  private call(event: CallEvent): void {
    const { state } = this;
    const thread = state.threadOf(event.tid, event.pid);
    this.dropLeft(thread, event.stackPointer);
    const parent = thread.top();
    const connection =
      event.connection === null || thread.pid === null ? null : state.connection(thread.pid, event.connection);
    const frame = new Frame(state.nextFrame(), event, connection, parent);
    if (parent !== null) {
      parent.isOuter = true;
      parent.connection ??= connection;
    }
    thread.frames.push(frame);
    thread.lastMs = event.atMs;
  }

  /** Calls that were left without a return: a jump out of them. */
  private dropLeft(thread: Thread, stackPointer: number): void {
    for (;;) {
      const top = thread.top();
      if (top === null || top.stackPointer > stackPointer) return;
      thread.frames.pop();
      this.waits.left(top);
    }
  }

  private returned(event: ReturnEvent): void {
    const thread = this.state.threadOf(event.tid, null);
    const { frames } = thread;
    let index = frames.length - 1;
    while (index >= 0 && (frames[index]?.call !== event.call || frames[index]?.library !== event.library)) index -= 1;
    if (index < 0) {
      if (frames.length === 0) this.waits.returnedUnseen(thread, event.code, event.atMs);
      return;
    }
    while (frames.length > index + 1) {
      const left = frames.pop();
      if (left !== undefined) this.waits.left(left);
    }
    const frame = frames.pop();
    if (frame !== undefined) this.leave(frame, thread, event.code, event.atMs);
    thread.lastMs = event.atMs;
  }

  private leave(frame: Frame, thread: Thread, code: number, nowMs: number): void {
    const outer = thread.outer();
    if (outer !== null) outer.innerSql = frame.innerSql ?? outer.innerSql;
    const gaveUp = this.waits.returned(frame, thread, code, nowMs);
    const primary = primaryCode(code);
    if (outer === null && gaveUp === null && (primary === BUSY || primary === LOCKED)) {
      const line = refusalOf(this.state, frame, thread, code, nowMs);
      if (line !== null) this.emit(line);
    }
    if (frame.step === frame) this.transactions.stepped(frame, code, thread, nowMs);
    if (outer === null) this.transactions.returnedOuter(frame, nowMs);
    if (frame.call === "close" && primary === 0 && frame.connection !== null) {
      this.transactions.closed(frame.connection, nowMs, outer ?? frame);
      this.state.processes.get(frame.connection.pid)?.connections.delete(frame.connection.pointer);
    }
  }

  private lost({ fromMs, atMs, events }: LostEvent): void {
    const { state } = this;
    this.emit({ type: "gap", fromMs, toMs: atMs, lostEvents: events });
    this.waits.flush(Number.POSITIVE_INFINITY);
    for (const thread of state.threads.values()) this.waits.cutOff(thread, "unknown", fromMs);
    this.transactions.cutOff("unknown", fromMs);
    for (const file of state.files.all()) {
      file.forget(fromMs, () => true);
      file.incomplete = true;
    }
    this.transactions.writers.clear();
    for (const { connections } of state.processes.values()) connections.clear();
    state.threads.clear();
    for (const { threads } of state.processes.values()) threads.clear();
    this.seeds.clear();
    state.awaitingSinceMs = atMs;
  }

  private held(event: HeldEvent): void {
    const { state } = this;
    // Where nothing is awaited, the events are complete, and the truth.
    if (state.awaitingSinceMs === null) return;
    const sinceMs = state.awaitingSinceMs;
    this.seeds.apply(event, state.files, sinceMs, (held) => this.transactions.seeded(held));
    this.seeds.clear();
    state.awaitingSinceMs = null;
    for (const file of state.files.all()) this.waits.explain(file, Number.NEGATIVE_INFINITY);
    this.waits.flush(event.atMs);
  }

  private library({ pid, statements, atMs }: LibraryEvent): void {
    const process = this.state.process(pid);
    if (statements.known) {
      if (process.statementsKnown === false) {
        this.emit({ type: "unknown", atMs, what: "sql", why: process.whyUnknown, pids: [pid], untilMs: atMs });
      }
    } else if (process.statementsKnown !== false || process.whyUnknown !== statements.why) {
      process.whyUnknown = statements.why;
      this.emit({ type: "unknown", atMs, what: "sql", why: statements.why, pids: [pid], untilMs: null });
    }
    process.statementsKnown = statements.known;
  }

  private process({ process: identity, atMs }: ProcessEvent): void {
    const startTicks = identity.startTicks?.toString() ?? null;
    const known = this.state.processes.get(identity.pid);
    if (known !== undefined && known.startTicks !== null && startTicks !== null && known.startTicks !== startTicks) {
      this.endProcess(known, atMs); // its number is used again
    }
    this.state.process(identity.pid).startTicks = startTicks;
    this.emit({ type: "process", ...identity, startTicks });
  }

  private ended({ pid, atMs }: EndedEvent): void {
    const process = this.state.processes.get(pid);
    if (process !== undefined) this.endProcess(process, atMs);
  }

  private endProcess(process: Process, atMs: number): void {
    const { pid } = process;
    for (const thread of process.threads) {
      this.waits.cutOff(thread, "killed", atMs);
      this.state.threads.delete(thread.tid);
    }
    this.transactions.processEnded(process, atMs);
    for (const file of this.state.files.all()) {
      file.forget(atMs, (held) => held.pid === pid && held.api === "posix");
    }
    this.counts(process, atMs);
    this.state.processes.delete(pid);
  }

  private sweep(nowMs: number): void {
    this.sweptMs = nowMs;
    this.waits.sweep(nowMs);
    if (nowMs - this.countedMs >= COUNTS_MS) {
      for (const process of this.state.processes.values()) this.counts(process, nowMs);
      this.countedMs = nowMs;
    }
    if (nowMs - this.forgotMs < IDLE_THREAD_MS) return;
    this.forgotMs = nowMs;
    for (const [tid, thread] of this.state.threads) {
      if (thread.frames.length > 0 || thread.runs.length > 0 || nowMs - thread.lastMs < IDLE_THREAD_MS) continue;
      this.state.threads.delete(tid);
      if (thread.pid !== null) this.state.processes.get(thread.pid)?.threads.delete(thread);
    }
  }

  /** Attempts that no call needed. */
  private counts({ pid, startTicks, optional }: Process, toMs: number): void {
    for (const [{ path }, optionalRefusals] of optional) {
      this.emit({
        type: "counts",
        fromMs: this.countedMs,
        toMs,
        pid,
        startTicks,
        path,
        holds: {},
        transactions: 0,
        waits: { times: 0, totalMs: 0 },
        optionalRefusals,
      });
    }
    optional.clear();
  }

  /** The recording ends: what is open stays open. */
  end(atMs: number): void {
    const { state } = this;
    state.nowMs = atMs;
    for (const thread of state.threads.values()) this.waits.cutOff(thread, "still", atMs);
    this.waits.flush(Number.POSITIVE_INFINITY);
    this.transactions.cutOff("open", atMs);
    for (const file of state.files.all()) for (const held of file.all()) this.stillHeld(held);
    for (const process of state.processes.values()) this.counts(process, atMs);
  }

  private stillHeld(held: Held): void {
    this.emit({
      type: "lock",
      ...this.state.who(held.pid, held.tid ?? held.pid),
      path: held.file.database.path,
      connection: held.connection?.number ?? null,
      lock: held.name,
      lockType: held.type,
      fromMs: held.fromMs,
      toMs: null,
      atLeast: true,
      sql: held.sql?.text ?? null,
      callSite: NO_CALL_SITE,
    });
  }

  live(): Live {
    const { state } = this;
    const waits: LiveWait[] = [];
    const add = (attempt: Attempt) => {
      if (attempt.grantedMs !== null) return;
      waits.push({
        ...state.who(attempt.pid, attempt.tid),
        path: attempt.file.database.path,
        lock: attempt.name,
        lockType: attempt.type,
        fromMs: attempt.fromMs,
        attempts: attempt.times,
        sql: attempt.sql?.text ?? null,
        blockerPids: attempt.blockers.filter(({ held }) => held.toMs === null).map(({ held }) => held.pid),
      });
    };
    for (const thread of state.threads.values()) {
      for (const frame of thread.frames) {
        for (const attempt of frame.attempts ?? []) if (isNeeded(attempt, frame)) add(attempt);
      }
      for (const attempt of thread.runs) {
        if (isNeeded(attempt, null) && state.nowMs - attempt.lastMs <= LONGEST_SLEEP_MS) add(attempt);
      }
    }
    return { waits, held: this.liveLocks(), transactions: this.liveTransactions() };
  }

  private liveLocks(): LiveLock[] {
    return [...this.state.files.all()].flatMap((file) =>
      [...file.all()].map(({ pid, tid, name, type, fromMs, atLeast, sql }) => ({
        pid,
        tid,
        path: file.database.path,
        lock: name,
        lockType: type,
        fromMs,
        atLeast,
        sql: sql?.text ?? null,
      })),
    );
  }

  private liveTransactions(): LiveTransaction[] {
    const found: LiveTransaction[] = [];
    for (const { pid, connections } of this.state.processes.values()) {
      for (const { transaction, number } of connections.values()) {
        for (const { database, writeFromMs } of transaction?.touched ?? []) {
          const { fromMs, tid } = transaction ?? { fromMs: 0, tid: pid };
          found.push({ ...this.state.who(pid, tid), path: database.path, connection: number, fromMs, writeFromMs });
        }
      }
    }
    for (const [file, { pid, tid, fromMs }] of this.transactions.writers) {
      found.push({
        ...this.state.who(pid, tid ?? pid),
        path: file.database.path,
        connection: null,
        fromMs,
        writeFromMs: fromMs,
      });
    }
    return found;
  }
}
