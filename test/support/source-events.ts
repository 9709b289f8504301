/** Events typed in by hand: one process a number, its thread of the same number, its files_struct ten times that. */
import type { CallName, LockEvent, SourceEvent } from "../../src/recording/source-event.ts";

export const DATABASE = 1;
export const SHM = 2;
export const PENDING = 0x40000000;
export const RESERVED = 0x40000001;
export const SHARED = [0x40000002, 0x400001ff] as const;
export const WRITE = 120;
export const CKPT = 121;
export const READ1 = 124;

export type Bytes = number | readonly [number, number];

/** Both files are known, and nothing was locked before. */
export function start(shm: number | null = SHM): SourceEvent[] {
  return [
    { kind: "file", atMs: 0, database: 0, role: "database", device: 1, inode: DATABASE },
    { kind: "file", atMs: 0, database: 0, role: "shm", device: 1, inode: shm },
    { kind: "held", fromMs: 0, atMs: 0, locks: [], complete: true },
  ];
}

export function lock(
  atMs: number,
  pid: number,
  operation: LockEvent["operation"],
  bytes: Bytes,
  more: Partial<LockEvent> = {},
): LockEvent {
  const [first, last] = typeof bytes === "number" ? [bytes, bytes] : bytes;
  return {
    kind: "lock",
    atMs,
    tid: pid,
    pid,
    device: 1,
    inode: first >= PENDING ? DATABASE : SHM,
    owner: pid * 10,
    operation,
    start: first,
    end: last,
    api: "posix",
    closes: false,
    outcome: "granted",
    ...more,
  };
}

export function refused(
  atMs: number,
  pid: number,
  operation: LockEvent["operation"],
  bytes: Bytes,
  more: Partial<LockEvent> = {},
): LockEvent {
  return lock(atMs, pid, operation, bytes, { ...more, outcome: "refused" });
}

/** The end of a process, or the close of a file. */
export function closes(atMs: number, pid: number, inode: number, more: Partial<LockEvent> = {}): LockEvent {
  return lock(atMs, pid, "unlock", [0, Number.POSITIVE_INFINITY], { inode, closes: true, ...more });
}

export function call(
  atMs: number,
  tid: number,
  name: CallName,
  sql: string | null = null,
  { stackPointer = 1000, connection = tid * 100 }: { stackPointer?: number; connection?: number } = {},
): SourceEvent {
  return {
    kind: "call",
    atMs,
    tid,
    pid: tid,
    call: name,
    library: 0,
    stackPointer,
    connection,
    statement: tid * 100 + 1,
    sql: sql === null ? null : { text: sql, cut: false },
  };
}

export function returns(atMs: number, tid: number, name: CallName, code: number): SourceEvent {
  return { kind: "return", atMs, tid, call: name, library: 0, code };
}
