/** Transactions of connections whose statements are known, with their borders. Others: writers.ts. */

import type { LockType } from "../../sqlite/locks.ts";
import { DONE, OK, ROW } from "../../sqlite/result-names.ts";
import type { TransactionOutcome } from "../lines.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { CKPT, isReadSlot, isWriteSlot, RECOVER, RESERVED, segmentsOf } from "../locks/slots.ts";
import type { LockEvent } from "../source-event.ts";
import { transactionWords } from "../sql/transaction-words.ts";
import type { State } from "../state.ts";
import type { Connection } from "./connection.ts";
import { callsOf, hasBegun } from "./open-transactions.ts";
import { outcomeOf } from "./outcome.ts";
import type { Frame, Process, Thread } from "./thread.ts";
import { type Touched, Transaction } from "./transaction.ts";
import { linesOf, type Writer } from "./transaction-line.ts";
import { Writers } from "./writers.ts";

/** A statement that reads a table: others may need no lock. */
const READS = /\bfrom\b/i;

export class Transactions {
  private readonly state: State;
  /** Of whom no statement shows. */
  readonly writers: Writers;

  constructor(state: State) {
    this.state = state;
    this.writers = new Writers(state);
  }

  granted(event: LockEvent, type: LockType, thread: Thread, file: LockedFile): void {
    const step = thread.top()?.step ?? null;
    const connection = thread.connection();
    for (const { slot } of segmentsOf(file.role, type, event.start, event.end)) {
      if (file.role === "shm" && (slot === RECOVER || slot === CKPT) && type === "write")
        this.isNoTransaction(event, connection, file);
      else if (step !== null && connection !== null) this.touch(event, type, slot, file, step, connection);
      else if (isWriteSlot(file, slot, type)) this.writers.write(event, thread, file);
    }
  }

  private touch(
    event: LockEvent,
    type: LockType,
    slot: number,
    file: LockedFile,
    step: Frame,
    connection: Connection,
  ): void {
    const isRead = isReadSlot(file, slot, type);
    const isWrite = isWriteSlot(file, slot, type) && !(file.role === "shm" && file.heldBy(event.pid, CKPT) !== null);
    if (!isRead && !isWrite) return;
    if (isWrite && slot !== RESERVED) this.goOn(connection, file, event, step);
    connection.transaction ??= new Transaction(step.atMs, event.tid, false);
    const touched = connection.transaction.of(file.database);
    touched.isShared = false;
    if (isRead) {
      if (touched.readStep === 0) touched.readStep = step.id;
      return;
    }
    if (touched.writeFromMs === null || !touched.isWriting) {
      touched.writeFromMs = event.atMs;
      touched.writeStep = step.id;
    }
    touched.isWriting = true;
  }

  /**
   * Who takes PENDING or EXCLUSIVE beside RESERVED goes on with a transaction that began before its statements were
   * known.
   */
  private goOn(connection: Connection, file: LockedFile, event: LockEvent, step: Frame): void {
    const writer = this.writers.of(file);
    if (file.role !== "database" || writer?.pid !== event.pid || !writer.isTransaction) return;
    const touched = connection.transaction?.touched.find(({ database }) => database === file.database);
    if (touched?.isWriting === true || file.heldBy(event.pid, RESERVED) === null) return;
    this.writers.forget(file);
    began(connection, writer, event.tid, file, step);
  }

  /** The write lock is held for a checkpoint or a recovery. */
  private isNoTransaction(event: LockEvent, connection: Connection | null, file: LockedFile): void {
    const touched = connection?.transaction?.touched.find(({ database }) => database === file.database);
    if (touched?.isWriting && event.atMs - (touched.writeFromMs ?? 0) >= 0) {
      touched.isWriting = false;
      touched.writeFromMs = null;
    }
    this.writers.isNoTransaction(event.pid, file);
  }

  /** `thread` null: nobody did it, it is only no longer known. */
  released(held: Held, thread: Thread | null, closes: boolean): void {
    const { file, slot, type } = held;
    const frame = thread?.top() ?? null;
    if (isWriteSlot(file, slot, type)) this.releasedWrite(held, thread, frame, closes);
    else if (isReadSlot(file, slot, type)) {
      if (frame === null) this.releasedRead(held, thread, closes);
      else if (held.outerCall === thread?.outer()?.id) this.droppedRead(held, frame);
    }
  }

  private releasedWrite(held: Held, thread: Thread | null, frame: Frame | null, closes: boolean): void {
    const { file, pid } = held;
    if (file.slots.some((list, slot) => list.some((each) => each.pid === pid && isWriteSlot(file, slot, each.type))))
      return;
    const touched = held.connection?.transaction?.touched.find(({ database }) => database === file.database);
    if (touched !== undefined) touched.isWriting = false;
    if (thread !== null && !closes && isBeforeReading(held)) {
      if (touched?.writeFromMs === held.fromMs) touched.writeFromMs = null;
      this.writers.isNoTransaction(pid, file);
    }
    const writer = this.writers.of(file);
    if (writer === undefined || writer.pid !== pid) return;
    this.writers.forget(file);
    if (!writer.isTransaction) return;
    const connection = thread?.connection() ?? null;
    if (frame?.step != null && connection !== null) {
      began(connection, writer, thread?.tid ?? pid, file, frame.step).isWriting = false;
      return;
    }
    this.writers.ended(writer, held, thread === null, closes);
  }

  /** A statement is reset or finalized: what it read alone has ended. */
  private releasedRead(held: Held, thread: Thread | null, closes: boolean): void {
    if (thread === null || closes) return;
    const { file, pid } = held;
    if (hasRead(file, pid)) {
      const { connection } = held;
      if (connection !== null) this.endAlone(connection, held);
      return;
    }
    for (const connection of this.state.processes.get(pid)?.connections.values() ?? []) {
      if (connection.isOf(file.database)) this.endAlone(connection, held);
    }
  }

  private endAlone(connection: Connection, held: Held): void {
    const { transaction } = connection;
    if (transaction === null || transaction.isExplicit || transaction.isWriting()) return;
    const reads = transaction.touched.every(({ writeFromMs }) => writeFromMs === null);
    this.end(connection, reads ? "commit" : "unknown", held.toMs ?? this.state.nowMs, null);
  }

  /** Taken and dropped in one step: it did not begin to read. */
  private droppedRead(held: Held, { step }: Frame): void {
    const transaction = held.connection?.transaction ?? null;
    if (transaction === null || !transaction.isExplicit || step === null) return;
    const touched = transaction.touched.find(({ database }) => database === held.file.database);
    if (touched !== undefined && touched.readStep === step.id && !touched.isWriting) touched.readStep = 0;
  }

  /**
   * A step has read without a lock event: another connection of its process has the lock. In a transaction whose BEGIN
   * was seen that is its read; the end of a statement alone does not show then, so that there is no line of it.
   */
  readWithAnother(frame: Frame, code: number): void {
    const { connection, sql } = frame;
    if (sql === null || (code !== ROW && code !== DONE) || connection === null) return;
    const { transaction } = connection;
    const [database, ...more] = connection.databases;
    if (database === undefined || more.length > 0 || !READS.test(sql.text)) return;
    const touched = transaction?.isExplicit === true ? transaction.of(database) : null;
    if (touched === null ? transaction !== null : touched.readStep !== 0 || touched.writeFromMs !== null) return;
    const file = database.wal ? database.shm : database.file;
    const held = file?.slots
      .flatMap((list, slot) => list.filter((each) => isReadSlot(file, slot, each.type)))
      .find((each) => each.pid === connection.pid && each.connection !== connection);
    if (held === undefined) return;
    held.share(connection);
    if (touched === null) {
      this.readsUnseen(connection.pid);
      return;
    }
    touched.readStep = frame.id;
    touched.isShared = true;
  }

  /** Once for each process. */
  private readsUnseen(pid: number): void {
    const process = this.state.process(pid);
    if (process.readsUnseen) return;
    process.readsUnseen = true;
    const { nowMs: atMs } = this.state;
    this.state.emit({ type: "unknown", atMs, what: "transaction", why: "shared-locks", pids: [pid], untilMs: null });
  }

  /** The step of a statement has returned. */
  stepped(frame: Frame, code: number, thread: Thread, nowMs: number): void {
    const { connection } = frame;
    if (connection === null) return;
    const words = frame.sql === null ? null : transactionWords(frame.sql.text);
    const border = words?.border ?? "none";
    const isDone = code === DONE || code === OK;
    if (isDone && (border === "begin" || border === "commit" || border === "rollback")) connection.isBorderKnown = true;
    if (isDone && words === null) connection.isBorderKnown = false; // it may have begun one
    let { transaction } = connection;
    if (isDone && (border === "begin" || (border === "savepoint" && !transaction?.isExplicit))) {
      if (transaction !== null && (transaction.isExplicit || transaction.fromMs < frame.atMs)) {
        const begun = new Transaction(frame.atMs, thread.tid, true);
        begun.takeFrom(transaction, frame.id);
        this.end(connection, "unknown", frame.atMs, thread.outer());
        transaction = begun;
      }
      transaction ??= new Transaction(frame.atMs, thread.tid, true);
      transaction.isExplicit = true;
      transaction.begunBySavepoint = border === "savepoint";
      connection.transaction = transaction;
    }
    if (transaction === null) {
      noteEarlier(connection, frame, code, nowMs, thread.tid);
      return;
    }
    connection.earlier = null;
    transaction.add(frame, code, nowMs);
    if (border === "savepoint" && isDone) transaction.pushSavepoint(words?.savepoint ?? null);
    if (border === "rollback-to" && isDone) transaction.rollbackTo(words?.savepoint ?? null);
    const outcome = outcomeOf(connection, transaction, frame, code, words);
    if (outcome !== null) this.end(connection, outcome, nowMs, thread.outer() ?? frame);
  }

  /** A call returns in which nothing was inside: its time is the transaction's. */
  returnedOuter(frame: Frame, nowMs: number): void {
    const transaction = frame.connection?.transaction ?? frame.connection?.earlier;
    if (transaction != null) transaction.insideMs += nowMs - Math.max(frame.atMs, transaction.fromMs);
  }

  /** Ends the transaction of a connection. */
  end(connection: Connection, outcome: TransactionOutcome | "none", toMs: number | null, outer: Frame | null): void {
    const { transaction } = connection;
    connection.transaction = null;
    if (transaction === null || outcome === "none" || transaction.touched.length === 0) return;
    const endMs = toMs ?? this.state.nowMs;
    for (const line of linesOf(this.state, connection, transaction, outcome, toMs, endMs, outer)) this.state.emit(line);
  }

  closed(connection: Connection, nowMs: number, outer: Frame | null): void {
    this.end(connection, "rollback", nowMs, outer);
  }

  /** The process has ended; its locks went then. */
  processEnded(process: Process, atMs: number): void {
    this.endAll(process, "process-ended", atMs, atMs);
    this.writers.processEnded(process.pid);
  }

  private endAll(process: Process, outcome: TransactionOutcome, toMs: number | null, nowMs: number): void {
    this.state.nowMs = nowMs;
    const { calls, steps } = callsOf(process);
    for (const connection of process.connections.values()) {
      const { transaction } = connection;
      if (transaction === null) continue;
      if (outcome === "unknown") transaction.atLeast = true;
      const step = steps.get(connection);
      const isBegun = hasBegun(transaction);
      if (step !== undefined) transaction.addUnfinished(step, nowMs);
      this.end(connection, isBegun ? outcome : "none", toMs, calls.get(connection) ?? null);
    }
  }

  /** Events were lost, or the recording ends. */
  cutOff(outcome: "open" | "unknown", atMs: number): void {
    for (const process of this.state.processes.values()) {
      this.endAll(process, outcome, outcome === "open" ? null : atMs, atMs);
    }
    this.writers.cutOff(outcome);
  }
}

/** Its locks were taken before: only its end shows that this was a transaction. */
function noteEarlier(connection: Connection, frame: Frame, code: number, nowMs: number, tid: number): void {
  if (connection.isBorderKnown) {
    connection.earlier = null;
    return;
  }
  connection.earlier ??= new Transaction(frame.atMs, tid, true);
  connection.earlier.add(frame, code, nowMs);
}

/**
 * Who begins to read and finds no wal-index takes WRITE to make one, before any read mark; where another one was
 * faster, it gives WRITE back at once. Source: walIndexReadHdr (wal.c)
 */
function isBeforeReading({ file, pid, atLeast }: Held): boolean {
  return file.role === "shm" && !atLeast && !hasRead(file, pid);
}

function hasRead(file: LockedFile, pid: number): boolean {
  return file.slots.some((list, slot) => list.some((each) => each.pid === pid && isReadSlot(file, slot, each.type)));
}

/** A transaction that began before its statements were known, as a step of it shows. */
function began(connection: Connection, writer: Writer, tid: number, { database }: LockedFile, step: Frame): Touched {
  const { earlier } = connection;
  const own = earlier !== null && earlier.fromMs >= writer.fromMs ? earlier : null;
  const transaction = connection.transaction ?? own ?? new Transaction(writer.fromMs, tid, true);
  connection.earlier = null;
  connection.transaction = transaction;
  transaction.isExplicit = true;
  transaction.atLeast = true;
  transaction.fromMs = Math.min(transaction.fromMs, writer.fromMs);
  const touched = transaction.of(database);
  touched.writeFromMs = Math.min(touched.writeFromMs ?? writer.fromMs, writer.fromMs);
  // Whether it had read before that is not known.
  touched.writeStep = touched.readStep === 0 ? step.id : touched.readStep;
  touched.isWriting = true;
  return touched;
}
