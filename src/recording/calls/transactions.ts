/** Transactions: their borders from the statements, and from the locks alone where there are no statements. */

import type { LockType } from "../../sqlite/locks.ts";
import { BUSY, DONE, OK, primaryCode, ROW } from "../../sqlite/result-names.ts";
import type { TransactionLine, TransactionOutcome } from "../lines.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { CKPT, isReadSlot, isWriteSlot, RECOVER, RESERVED, RESERVED_BYTE, segmentsOf } from "../locks/slots.ts";
import type { LockEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import type { Connection } from "./connection.ts";
import { transactionWords } from "./keyword.ts";
import type { Frame, Process, Thread } from "./thread.ts";
import { isFine, type Touched, Transaction } from "./transaction.ts";
import { transactionLine, type Writer, writerLine } from "./transaction-line.ts";

/** A statement that reads a table: others may need no lock. */
const READS = /\bfrom\b/i;

export class Transactions {
  private readonly state: State;
  /** By file. */
  readonly writers = new Map<LockedFile, Writer>();
  /** Ended with a close: whether the process ended shows next. */
  private closing: { readonly line: TransactionLine; readonly pid: number }[] = [];

  constructor(state: State) {
    this.state = state;
  }

  granted(event: LockEvent, type: LockType, thread: Thread, file: LockedFile): void {
    const step = thread.top()?.step ?? null;
    const connection = thread.connection();
    for (const { slot } of segmentsOf(file.role, type, event.start, event.end)) {
      if (file.role === "shm" && (slot === RECOVER || slot === CKPT) && type === "write")
        this.isNoTransaction(event, connection, file);
      else if (step !== null && connection !== null) this.touch(event, type, slot, file, step, connection);
      else if (isWriteSlot(file, slot, type)) this.write(event, thread, file);
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
    const writer = this.writers.get(file);
    if (file.role !== "database" || writer?.pid !== event.pid || !writer.isTransaction) return;
    const touched = connection.transaction?.touched.find(({ database }) => database === file.database);
    if (touched?.isWriting === true || file.heldBy(event.pid, RESERVED) === null) return;
    this.writers.delete(file);
    began(connection, writer, event.tid, file, step);
  }

  /** The write lock is held for a checkpoint or a recovery. */
  private isNoTransaction(event: LockEvent, connection: Connection | null, file: LockedFile): void {
    const touched = connection?.transaction?.touched.find(({ database }) => database === file.database);
    if (touched?.isWriting && event.atMs - (touched.writeFromMs ?? 0) >= 0) {
      touched.isWriting = false;
      touched.writeFromMs = null;
    }
    const writer = this.writers.get(file);
    if (writer?.pid === event.pid) writer.isTransaction = false;
  }

  private write(event: LockEvent, thread: Thread, file: LockedFile): void {
    const writer = this.writers.get(file);
    if (file.role === "database" && event.start <= RESERVED_BYTE && event.end >= RESERVED_BYTE)
      file.database.wal = false;
    if (writer?.pid === event.pid) return;
    this.writers.set(file, {
      pid: event.pid,
      tid: thread.tid,
      fromMs: event.atMs,
      atLeast: false,
      isTransaction: !closesOrCheckpoints(event, thread, file),
    });
  }

  /** Found in /proc/locks. */
  seeded(held: Held): void {
    if (!isWriteSlot(held.file, held.slot, held.type) || this.writers.get(held.file)?.pid === held.pid) return;
    const { pid, tid, fromMs } = held;
    this.writers.set(held.file, { pid, tid, fromMs, atLeast: true, isTransaction: true });
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
    const writer = this.writers.get(file);
    if (writer === undefined || writer.pid !== pid) return;
    this.writers.delete(file);
    if (!writer.isTransaction) return;
    const connection = thread?.connection() ?? null;
    if (frame?.step != null && connection !== null) {
      began(connection, writer, thread?.tid ?? pid, file, frame.step).isWriting = false;
      return;
    }
    this.alone(writer, held, thread === null, closes);
  }

  /** From the locks alone. */
  private alone(writer: Writer, held: Held, isUnproved: boolean, closes: boolean): void {
    const toMs = held.toMs;
    const line: TransactionLine = {
      ...writerLine(this.state, writer, held.file.database.path),
      toMs,
      atLeast: writer.atLeast || isUnproved,
      outcome: "unknown",
    };
    const isEnded = this.state.processes.get(writer.pid)?.endedMs != null;
    if (closes && isEnded) this.state.emit({ ...line, outcome: "process-ended" });
    else if (closes) this.closing.push({ line, pid: writer.pid });
    else this.state.emit(line);
  }

  /** A statement is reset or finalized: what it read alone has ended. */
  private releasedRead(held: Held, thread: Thread | null, closes: boolean): void {
    if (thread === null || closes) return;
    const { file, pid } = held;
    const reads = file.slots.some((list, slot) =>
      list.some((each) => each.pid === pid && isReadSlot(file, slot, each.type)),
    );
    if (reads) {
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
   * A step in a transaction has read without a lock event: another connection of its process has the lock. Only where
   * BEGIN was seen: the end of a statement alone does not show then.
   */
  readWithAnother(frame: Frame, code: number): void {
    const { connection, sql } = frame;
    if (sql === null || (code !== ROW && code !== DONE) || connection?.transaction?.isExplicit !== true) return;
    const [database, ...more] = connection.databases;
    if (database === undefined || more.length > 0 || !READS.test(sql.text)) return;
    const touched = connection.transaction.of(database);
    if (touched.readStep !== 0 || touched.writeFromMs !== null) return;
    const file = database.wal ? database.shm : database.file;
    const held = file?.slots
      .flatMap((list, slot) => list.filter((each) => isReadSlot(file, slot, each.type)))
      .find((each) => each.pid === connection.pid && each.connection !== connection);
    if (held === undefined) return;
    held.share(connection);
    touched.readStep = frame.id;
    touched.isShared = true;
  }

  /** The step of a statement has returned. */
  stepped(frame: Frame, code: number, thread: Thread, nowMs: number): void {
    const { connection } = frame;
    if (connection === null) return;
    const words = frame.sql === null ? null : transactionWords(frame.sql.text);
    const border = words?.border ?? "none";
    const isDone = code === DONE || code === OK;
    if (isDone && (border === "begin" || border === "commit" || border === "rollback")) connection.isBorderKnown = true;
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
    if (transaction === null) return;
    transaction.add(frame, code, nowMs);
    if (border === "savepoint" && isDone) transaction.pushSavepoint(words?.savepoint ?? null);
    if (border === "rollback-to" && isDone) transaction.rollbackTo(words?.savepoint ?? null);
    const outcome = this.outcomeOf(connection, transaction, frame, code, border, words?.savepoint ?? null);
    if (outcome !== null) this.end(connection, outcome, nowMs, thread.outer() ?? frame);
  }

  /** How a transaction ended with a step; null: it did not. */
  private outcomeOf(
    connection: Connection,
    transaction: Transaction,
    frame: Frame,
    code: number,
    border: string,
    savepoint: string | null,
  ): TransactionOutcome | "none" | null {
    const isDone = code === DONE || code === OK;
    const isBorder = border === "commit" || border === "rollback" || border === "release";
    if (isDone && isBorder && !transaction.isExplicit) {
      // Its BEGIN was not seen: only that it wrote is known, where this step shows it.
      if (transaction.touched.every(({ writeFromMs }) => writeFromMs === null)) return "none";
      transaction.atLeast = true;
    }
    if (isDone && border === "commit") return "commit";
    if (isDone && border === "rollback") return "rollback";
    if (isDone && border === "release" && transaction.release(savepoint)) return "commit";
    if (code === ROW) return null;
    if (!transaction.isExplicit) {
      // A statement that is refused the lock of one database may have got that of another: it has done nothing.
      const gotThem = transaction.touched.every((each) => !each.isWriting || each.writeStep === frame.id);
      if (primaryCode(code) === BUSY && gotThem) return transaction.fromMs < frame.atMs ? null : "none";
      // What is committed in a statement of its own is no part of a transaction; SHARED may stay after CREATE TABLE.
      const isAlone = transaction.touched.some((each) => each.writeFromMs !== null && each.writeStep === frame.id);
      if (transaction.isWriting() || (!isAlone && !connection.isBorderKnown && readsStill(connection, transaction))) {
        // It goes on: its BEGIN was not seen.
        transaction.isExplicit = true;
        transaction.atLeast = true;
        return null;
      }
      if (!isFine(code)) return "rollback";
      return frame.sql === null ? "unknown" : "commit";
    }
    for (const touched of transaction.touched) {
      if (touched.writeFromMs === null || touched.isWriting) continue;
      if (!isFine(code) && touched.writeStep === frame.id) touched.writeFromMs = null;
      else return isFine(code) ? "unknown" : "rollback";
    }
    return null;
  }

  /** A call returns in which nothing was inside: its time is the transaction's. */
  returnedOuter(frame: Frame, nowMs: number): void {
    const transaction = frame.connection?.transaction;
    if (transaction != null) transaction.insideMs += nowMs - Math.max(frame.atMs, transaction.fromMs);
  }

  /** Ends the transaction of a connection. */
  end(connection: Connection, outcome: TransactionOutcome | "none", toMs: number | null, outer: Frame | null): void {
    const { transaction } = connection;
    connection.transaction = null;
    if (transaction === null || outcome === "none" || transaction.touched.length === 0) return;
    const endMs = toMs ?? this.state.nowMs;
    const ranMs = outer === null ? 0 : endMs - Math.max(outer.atMs, transaction.fromMs);
    const insideMs = transaction.insideMs + Math.max(0, ranMs);
    for (const touched of transaction.touched) {
      if (touched.readStep === 0 && touched.writeFromMs === null) continue;
      this.state.emit(transactionLine(this.state, connection, transaction, touched, outcome, toMs, endMs, insideMs));
    }
  }

  closed(connection: Connection, nowMs: number, outer: Frame | null): void {
    this.end(connection, "rollback", nowMs, outer);
  }

  /** The process has ended; its locks went then. */
  processEnded(process: Process, atMs: number): void {
    const { pid } = process;
    this.endAll(process, "process-ended", atMs, atMs);
    for (const closed of this.closing) {
      if (closed.pid === pid) this.state.emit({ ...closed.line, outcome: "process-ended" });
    }
    this.closing = this.closing.filter((closed) => closed.pid !== pid);
  }

  private endAll(process: Process, outcome: TransactionOutcome, toMs: number | null, nowMs: number): void {
    this.state.nowMs = nowMs;
    const calls = new Map<Connection, Frame>();
    const steps = new Map<Connection, Frame>();
    for (const thread of process.threads) {
      const outer = thread.outer();
      const step = thread.top()?.step ?? null;
      if (outer?.connection != null) calls.set(outer.connection, outer);
      if (step?.connection != null) steps.set(step.connection, step);
    }
    for (const connection of process.connections.values()) {
      const { transaction } = connection;
      if (transaction === null) continue;
      if (outcome === "unknown") transaction.atLeast = true;
      // Its first call still waits.
      const isBegun = transaction.isExplicit || transaction.hasStatements() || transaction.isWriting();
      const step = steps.get(connection);
      if (step !== undefined) transaction.addUnfinished(step, nowMs);
      this.end(connection, isBegun ? outcome : "none", toMs, calls.get(connection) ?? null);
    }
  }

  /** A process goes on after it closed a file. */
  goesOn(pid: number): void {
    if (this.closing.length === 0) return;
    for (const closed of this.closing) if (closed.pid === pid) this.state.emit(closed.line);
    this.closing = this.closing.filter((closed) => closed.pid !== pid);
  }

  /** Events were lost, or the recording ends. */
  cutOff(outcome: "open" | "unknown", atMs: number): void {
    for (const process of this.state.processes.values()) {
      this.endAll(process, outcome, outcome === "open" ? null : atMs, atMs);
    }
    for (const { line } of this.closing) this.state.emit(line);
    this.closing = [];
    if (outcome === "open") this.endWriters();
  }

  private endWriters(): void {
    for (const [file, writer] of this.writers) {
      if (!writer.isTransaction) continue;
      this.state.emit(writerLine(this.state, writer, file.database.path));
    }
    this.writers.clear();
  }
}

/** It has a lock to read that it took in this transaction. */
function readsStill(connection: Connection, { touched }: Transaction): boolean {
  return touched.some(({ database: { file, shm } }) =>
    [shm, file].some((each) =>
      each?.slots.some((list, slot) =>
        list.some((held) => held.connection === connection && isReadSlot(each, slot, held.type) && isOfReader(held)),
      ),
    ),
  );
}

/** In WAL mode a connection has SHARED for as long as it is open. */
function isOfReader({ file }: Held): boolean {
  return file.role === "shm" || !file.database.wal;
}

/** The write lock for a checkpoint, or to close the last connection of a database in WAL mode. */
function closesOrCheckpoints(event: LockEvent, thread: Thread, file: LockedFile): boolean {
  if (file.role === "shm") return file.heldBy(event.pid, CKPT) !== null;
  return thread.top()?.call === "close" || file.database.wal;
}

/** A transaction that began before its statements were known, as a step of it shows. */
function began(connection: Connection, writer: Writer, tid: number, { database }: LockedFile, step: Frame): Touched {
  const transaction = connection.transaction ?? new Transaction(writer.fromMs, tid, true);
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
