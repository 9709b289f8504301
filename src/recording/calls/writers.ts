/** Transactions that write, from the locks alone: no call that is known is around them. */
import type { TransactionLine } from "../lines.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { CKPT, isWriteSlot, RESERVED_BYTE } from "../locks/slots.ts";
import type { LockEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import type { Thread } from "./thread.ts";
import { type Writer, writerLine } from "./transaction-line.ts";

export class Writers {
  private readonly state: State;
  private readonly byFile = new Map<LockedFile, Writer>();
  /** Ended with a close: whether the process ended shows next. */
  private closing: { readonly line: TransactionLine; readonly pid: number }[] = [];

  constructor(state: State) {
    this.state = state;
  }

  of(file: LockedFile): Writer | undefined {
    return this.byFile.get(file);
  }

  forget(file: LockedFile): void {
    this.byFile.delete(file);
  }

  clear(): void {
    this.byFile.clear();
  }

  /** Open transactions. */
  count(): number {
    let open = 0;
    for (const { isTransaction } of this.byFile.values()) if (isTransaction) open += 1;
    return open;
  }

  write(event: LockEvent, thread: Thread, file: LockedFile): void {
    const writer = this.byFile.get(file);
    if (file.role === "database" && event.start <= RESERVED_BYTE && event.end >= RESERVED_BYTE)
      file.database.wal = false;
    if (writer?.pid === event.pid) return;
    this.byFile.set(file, {
      pid: event.pid,
      tid: thread.tid,
      fromMs: event.atMs,
      atLeast: false,
      isTransaction: !closesOrCheckpoints(event, thread, file),
    });
  }

  /** Found in /proc/locks. */
  seeded(held: Held): void {
    if (!isWriteSlot(held.file, held.slot, held.type) || this.byFile.get(held.file)?.pid === held.pid) return;
    const { pid, tid, fromMs } = held;
    this.byFile.set(held.file, { pid, tid, fromMs, atLeast: true, isTransaction: true });
  }

  /** It has the lock for a checkpoint or a recovery, or had it before it began to read. */
  isNoTransaction(pid: number, file: LockedFile): void {
    const writer = this.byFile.get(file);
    if (writer?.pid === pid) writer.isTransaction = false;
  }

  /** Its lock is released. */
  ended(writer: Writer, held: Held, isUnproved: boolean, closes: boolean): void {
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

  processEnded(pid: number): void {
    for (const closed of this.closing) {
      if (closed.pid === pid) this.state.emit({ ...closed.line, outcome: "process-ended" });
    }
    this.closing = this.closing.filter((closed) => closed.pid !== pid);
  }

  /** A process goes on after it closed a file. */
  goesOn(pid: number): void {
    if (this.closing.length === 0) return;
    for (const closed of this.closing) if (closed.pid === pid) this.state.emit(closed.line);
    this.closing = this.closing.filter((closed) => closed.pid !== pid);
  }

  /** Events were lost, or the recording ends. */
  cutOff(outcome: "open" | "unknown"): void {
    for (const { line } of this.closing) this.state.emit(line);
    this.closing = [];
    if (outcome === "unknown") return; // their locks are released as unknown next
    for (const line of this.open()) this.state.emit(line);
    this.byFile.clear();
  }

  /** Those that are open now. */
  open(): TransactionLine[] {
    const open: TransactionLine[] = [];
    for (const [file, writer] of this.byFile) {
      if (writer.isTransaction) open.push(writerLine(this.state, writer, file.database.path));
    }
    return open;
  }
}

/** The write lock for a checkpoint, or to close the last connection of a database in WAL mode. */
function closesOrCheckpoints(event: LockEvent, thread: Thread, file: LockedFile): boolean {
  if (file.role === "shm") return file.heldBy(event.pid, CKPT) !== null;
  return thread.top()?.call === "close" || file.database.wal;
}
