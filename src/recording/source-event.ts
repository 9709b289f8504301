/**
 * What a source of a recording delivers, in the order of time: the kernel's lock events, the calls of SQLite, and what
 * was found in /proc beside them. The input of everything in this folder.
 *
 * Times (`atMs`) are milliseconds since the start of the recording, on the monotonic clock, as doubles with fractions
 * down to nanoseconds; negative for what was found to be older. Inodes, lock owners and pointers of the program are
 * keys that are only compared: the low 53 bits of the kernel's 64 (`keyOf64` makes one).
 */
import type { LockApi, LockType } from "../sqlite/locks.ts";
import type { UnitManager } from "./units.ts";

/** One operation on a record lock. Source: the event posix_lock_inode, include/trace/events/filelock.h of Linux. */
export interface LockEvent {
  readonly kind: "lock";
  readonly atMs: number;
  /** The thread. */
  readonly tid: number;
  /** The process, also for OFD locks. */
  readonly pid: number;
  /** Of the superblock: major << 20 | minor. */
  readonly device: number;
  readonly inode: number;
  /** A POSIX lock: the table of files (files_struct); OFD: the open file. Reused: no key by itself. */
  readonly owner: number;
  readonly operation: "read" | "write" | "unlock";
  /** First and last byte. `end` is Infinity for "to the end of the file". */
  readonly start: number;
  readonly end: number;
  readonly api: LockApi;
  /** Close, the end of the process, or closing a copy of the descriptor: an unlock of all. */
  readonly closes: boolean;
  /** `waits`: F_SETLKW has to wait; a second event says that it was granted. `killed`: that waiter was interrupted. */
  readonly outcome: "granted" | "refused" | "waits" | "killed";
}

/** The calls of SQLite's library that are probed. */
export type CallName = "open" | "close" | "prepare" | "step" | "exec" | "checkpoint" | "backup";

/** A thread enters a call. Calls nest: exec calls prepare and step. */
export interface CallEvent {
  readonly kind: "call";
  readonly atMs: number;
  readonly tid: number;
  /** Null: the thread ended before its process could be found. */
  readonly pid: number | null;
  readonly call: CallName;
  /** Which of the probed libraries: as in `LibraryEvent`. */
  readonly library: number;
  /** Of the stack at the entry: a call that was entered at a lower address has been left without a return. */
  readonly stackPointer: number;
  /** sqlite3* and sqlite3_stmt*; null where the call does not tell. For `open` null: see `ReturnEvent`. */
  readonly connection: number | null;
  readonly statement: number | null;
  /** Null: it has none (SQLite's own statements), or it is not verified. Never a guess. */
  readonly sql: SqlText | null;
  /** Of a prepare: one as sqlite3_exec never makes it. */
  readonly isOfProgram?: true;
  /** Of a step: its statement runs anew. Left out: that is not known by the step, and each reset is told. */
  readonly isNewRun?: boolean;
}

export interface SqlText {
  readonly text: string;
  /** Its first bytes only: it is longer than the kernel copies. */
  readonly cut: boolean;
  /** Of the whole, where `text` does not have all of it. */
  readonly length?: SqlLength;
}

export interface SqlLength {
  /** Of the text as the program gave it. */
  readonly bytes: number;
  /** It is longer, or as long. */
  readonly atLeast: boolean;
}

export interface ReturnEvent {
  readonly kind: "return";
  readonly atMs: number;
  readonly tid: number;
  readonly call: CallName;
  readonly library: number;
  /** Result code of SQLite, the extended one where the connection asked for it. */
  readonly code: number;
}

/**
 * A thread resets a statement, so that its next step runs it again, or destroys it. Its return is not told. Resets are
 * left out where the steps tell as much.
 */
export interface ResetEvent {
  readonly kind: "reset";
  readonly atMs: number;
  readonly tid: number;
  /** Null: the thread ended before its process could be found. */
  readonly pid: number | null;
  readonly library: number;
  readonly connection: number | null;
  readonly statement: number;
  /** sqlite3_finalize: another statement may have this pointer next. sqlite3_exec does without it. */
  readonly finalizes: boolean;
  /** Its text, where it is finalized; null: it has none, or it is not taken. */
  readonly sql: SqlText | null;
}

/**
 * Events of one CPU between `fromMs` and `atMs` were lost, at least `events`; null: it is not known how many, or
 * whether any. Whatever was held is now unknown.
 * It stands at `fromMs` in the stream: what follows it, up to `atMs`, is what other CPUs have seen.
 */
export interface LostEvent {
  readonly kind: "lost";
  readonly fromMs: number;
  readonly atMs: number;
  readonly events: number | null;
  /** Left out: they came faster than they could be read. */
  readonly why?: "switched-off"; // another program has switched the tracing off, or changed what is traced
}

/** The bytes that a lock covers, and where. */
export interface HeldRange {
  readonly device: number;
  readonly inode: number;
  readonly start: number;
  readonly end: number;
  readonly type: LockType;
  readonly api: LockApi;
}

/** One lock of /proc/locks. */
export interface HeldSeen extends HeldRange {
  readonly pid: number;
  /** A lock of an open file (OFD), which these processes have, too: it is of each of them, in an entry of its own. */
  readonly sharedWith?: readonly number[];
}

/**
 * A reading of /proc/locks, which began at `fromMs` and ended at `atMs`: at the start, and after events were lost.
 * Where the stream has an event of the same process and bytes since then, the event is the truth. `complete: false`:
 * locks may be missing, so that a blocker may be unknown.
 */
export interface HeldEvent {
  readonly kind: "held";
  readonly fromMs: number;
  readonly atMs: number;
  readonly locks: readonly HeldSeen[];
  /** Locks of open files that no process was found to have. Left out for none. */
  readonly unowned?: readonly HeldRange[];
  readonly complete: boolean;
}

/** Which file a database's path, or that of its -shm, leads to now; `inode` null: to none. */
export interface FileEvent {
  readonly kind: "file";
  readonly atMs: number;
  /** Index of the database in the recording. */
  readonly database: number;
  readonly role: "database" | "shm";
  readonly device: number;
  readonly inode: number | null;
  /** When the look began that found it, and ended at `atMs`: a file that was learnt since is newer. */
  readonly lookedMs?: number;
  /** It was not made before that. Left out: that is not known. */
  readonly bornMs?: number;
  /** From `atMs` until then it has led to this file and no other: no sequence of locks proves another one. */
  readonly untilMs?: number;
  /**
   * No longer: between `atMs` and `untilMs` a file was made, deleted or replaced there. The path may have led to files
   * that were never seen, and the number of the one before may be another file's by the end.
   */
  readonly changes?: true;
}

/** What is known of the statements of a process, from now on. Without one: its statements are unknown. */
export interface LibraryEvent {
  readonly kind: "library";
  readonly atMs: number;
  readonly pid: number;
  readonly statements: StatementsKnown;
}

/** A process may have several libraries, each in an event. `besides`: of yet another one the statements are unknown. */
export type StatementsKnown =
  | { readonly known: true; readonly library: number; readonly besides?: UnknownStatements }
  | { readonly known: false; readonly why: UnknownStatements };

/** Why the statements of a process cannot be shown. */
export type UnknownStatements =
  | "not-asked" // --no-sql, or locks only
  | "no-symbols" // a stripped SQLite inside the program
  | "go-code" // a SQLite in Go, or a stripped one in a program of Go: a call may go on in another thread
  | "no-library" // no SQLite that is known was found in the process
  | "not-verified" // its code is not the known one, or nothing proved the texts at its steps
  | "ended" // the process ended before its files could be read
  | "other-processor"
  | "not-readable"
  | "too-many" // more SQLite libraries are mapped than are probed, of one user or in all
  | "no-uprobes"
  | "sampled"; // the source is not the kernel

/** A process, when it is first seen. */
export interface ProcessEvent {
  readonly kind: "process";
  readonly atMs: number;
  readonly process: ProcessIdentity;
  /** It has a database of the recording open. Left out: that is not known, its locks will tell. */
  readonly hasOpen?: true;
}

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; null where the process had ended before it could be read. */
  readonly startTicks: bigint | null;
  readonly name: string | null;
  readonly commandLine: readonly string[] | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly unit: string | null;
  readonly unitManager: UnitManager | null;
  readonly unitUid: number | null;
  readonly container: string | null;
}

/** A process has ended, and its locks are gone. It comes after all its other events, and may come out of order. */
export interface EndedEvent {
  readonly kind: "ended";
  readonly atMs: number;
  readonly pid: number;
}

export type SourceEvent =
  | LockEvent
  | CallEvent
  | ReturnEvent
  | ResetEvent
  | LostEvent
  | HeldEvent
  | FileEvent
  | LibraryEvent
  | ProcessEvent
  | EndedEvent;

/** The low 53 bits of a 64-bit number in two halves: exact as a double, and different for each of the kernel's. */
export function keyOf64(low: number, high: number): number {
  return (high % 0x200000) * 0x1_0000_0000 + low;
}
