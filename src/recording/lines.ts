/**
 * The recording as a document: one line of JSON each (docs/record.schema.json). Field names never change their meaning;
 * fields may be added. Times in ms since the start, on the monotonic clock; `meta` has the wall clock of the start.
 */
import type { LockName, LockType } from "../sqlite/locks.ts";
import type { Buckets } from "./histogram.ts";
import type { ConnectionLine, MisuseLine } from "./program/lines.ts";
import type { UnknownStatements } from "./source-event.ts";
import type { ClockLine, OpenLine, WalLine } from "./state-lines.ts";
import type { SummaryLine } from "./summary-line.ts";
import type { UnitManager } from "./units.ts";

export const RECORDING_VERSION = 1;

export interface MetaLine {
  readonly type: "meta";
  readonly schemaVersion: number;
  readonly sqlock: string;
  readonly source: "kernel" | "sampled";
  /** Every lock, wait and refusal is in it (but those of a `gap`). */
  readonly exact: boolean;
  /** Why this source. */
  readonly because: string;
  /** ISO 8601 with the offset of the zone; `zone`: its IANA name, or that offset where no name is known. */
  readonly startedAt: string;
  /** The same moment on CLOCK_MONOTONIC, in ns: a program's own log can be laid beside the recording. */
  readonly startedMonotonicNs: string;
  readonly zone: string;
  readonly kernel: string;
  /** Of this start of the machine (/proc/sys/kernel/random/boot_id): CLOCK_MONOTONIC begins anew with each. */
  readonly bootId?: string;
  /** Of a folder: the number of this file in the run of its recorder, from 1 on; times go on. Left out: one file. */
  readonly segment?: number;
  readonly minWaitMs: number;
  readonly statements: boolean;
  readonly literals: boolean;
  readonly redacted: boolean;
  readonly databases: readonly { readonly path: string; readonly givenAs: string }[];
  /** A command was started with a tracer in it, which tells lines of code. Left out where not. */
  readonly callSites?: true;
  /** `unitUids`: units of these names of these users' own managers count, beside those of the system's. */
  readonly only?: {
    readonly pids?: readonly number[];
    readonly units?: readonly string[];
    readonly unitUids?: readonly number[];
  };
}

/** What cannot be known, from when on and of which processes; repeated when it changes. */
export interface UnknownLine {
  readonly type: "unknown";
  readonly atMs: number;
  readonly what: "sql" | "wait" | "blocker" | "transaction" | "process" | "container" | "lock" | "call-site";
  /**
   * `open-file`, of `blocker`: no process was found that has the open file of a lock (OFD). `shared-locks`, of
   * `transaction`: reads outside of BEGIN and COMMIT were with locks that another connection of the process had
   * (likely): they have no line. `unseen-file`, of `lock`: the database or its -shm was made, deleted or replaced
   * between two looks at its folder, and what these processes locked then may have been that or another file.
   * `before-found`, of `lock`: before `toMs` the command had the database open, and sqlock did not know of it.
   * `attached`, of `transaction`: the program tells of connections with several databases. Of `call-site`:
   * `messages-lost`; `pid-namespace`; `no-tracer`: others have one; or no program of the command has: `python-option`
   * (-I, -S, -E), `node-permission`, `environment` (it is another one), `static` (a program without shared libraries),
   * `not-traced` (another reason).
   */
  readonly why: UnknownStatements | string;
  readonly pids: readonly number[];
  /** Of `unseen-file`: the database. */
  readonly path?: string;
  /** Of `unseen-file`: from `atMs` until then. Left out: until when is not known. Without `pids`: of any process. */
  readonly toMs?: number;
  /** The statements of these processes are unknown before this; null: for the whole recording. */
  readonly untilMs: number | null;
}

export interface ProcessLine {
  readonly type: "process";
  readonly pid: number;
  readonly startTicks: string | null;
  readonly name: string | null;
  readonly commandLine: readonly string[] | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly unit: string | null;
  /** Whose unit it is, as in who-holds. */
  readonly unitManager: UnitManager | null;
  readonly unitUid: number | null;
  readonly container: string | null;
}

/** Who: the process, its start (two processes of one number are two), the thread. */
export interface Who {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly tid: number;
}

/** The user's own line of code, as the tracer inside of the program tells it. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly function: string | null;
  /** Name of the thread; null: the main thread. Left out in recordings of earlier versions, as the fields below. */
  readonly thread?: string | null;
  /** Of asyncio, or the request; null: none. */
  readonly task?: string | null;
  /** No line of the user's own code was on the stack: this is one of a library. Left out where not. */
  readonly inLibrary?: true;
  /** Up to two further lines of the user's own code, from which it was called. Left out for none. */
  readonly calledFrom?: readonly { readonly file: string; readonly line: number; readonly function: string | null }[];
  /** Joined by process and time alone, since the thread is not known. Left out where it is certain. */
  readonly sure?: "likely";
  /** In a pattern or a summary: most of what it stands for was there, not all. Left out where it was all. */
  readonly most?: true;
}

/**
 * A text that is too long to be repeated. Other lines have its beginning in `sql` and its number in `statement`, which
 * is left out where `sql` is all that is known of the text.
 */
export interface StatementLine {
  readonly type: "statement";
  readonly id: number;
  readonly atMs: number;
  /** With `?` for its literals, unless the recording has them. It ends in " …" where the rest is not known. */
  readonly sql: string;
  /** Of `sql`, in characters. */
  readonly length: number;
  /** Its rest is not shown: it is too long, or not known. */
  readonly cut: boolean;
  /** Of the first statement with this text, as the program gave it, where `cut`: see `sqlBytes` of other lines. */
  readonly bytes?: number;
  /** It is longer than that, or as long. */
  readonly bytesAtLeast?: true;
}

/** A statement, as other lines have it. */
export interface SqlFacts {
  readonly sql: string | null;
  /** `id` of the line with the whole text, where `sql` is the beginning of it. */
  readonly statement?: number;
  /** Length of the text as the program gave it, in bytes; left out where the text that is shown has all of it. */
  readonly sqlBytes?: number;
  /** It is longer than that, or as long; left out where `sqlBytes` is exact. */
  readonly sqlBytesAtLeast?: true;
}

export interface LockLine extends Who, SqlFacts {
  readonly type: "lock";
  /** Of the database. */
  readonly path: string;
  /** Number of the connection in this recording; null unless it is proved. */
  readonly connection: number | null;
  /** So many connections of the process had the lock together, as far as they are known; left out for one. */
  readonly sharedBy?: number;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  /** Null: still held at the end. */
  readonly toMs: number | null;
  /** It was held before `fromMs`, or maybe after `toMs`. */
  readonly atLeast: boolean;
  readonly callSite: CallSite | null;
}

export interface BlockerFact extends SqlFacts {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly tid: number | null;
  readonly lock: LockName;
  readonly lockType: LockType;
  /** When it was taken, and how long it was held, until the end of the wait or of the lock; see `atLeast`. */
  readonly fromMs: number;
  readonly heldMs: number;
  readonly atLeast: boolean;
  readonly callSite: CallSite | null;
  /** How long of the wait it stood in the way, ms. */
  readonly blockedMs: number;
}

export type WaitOutcome = "granted" | "gave-up" | "killed" | "still" | "unknown";

/** A lock that a call needed and did not get at once. */
export interface WaitLine extends Who, SqlFacts {
  readonly type: "wait";
  readonly path: string;
  readonly connection: number | null;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  readonly waitedMs: number;
  /** Refused attempts; 1 for one that the kernel let wait (F_SETLKW). */
  readonly attempts: number;
  readonly outcome: WaitOutcome;
  /** Result of the call, e.g. SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT; null where it is not known. */
  readonly result: string | null;
  /**
   * No call was seen around it: a run of refusals of one thread, perhaps in several calls. `waitedMs` is the run's, and
   * `granted` says that the thread got the lock in the end; how often it got SQLITE_BUSY before is not known. Left out
   * where it was one call.
   */
  readonly perhapsSeveralCalls?: true;
  /**
   * For another connection of its own process, inside SQLite (likely): the kernel was not asked, `attempts` is 0. Left
   * out where it was for another process.
   */
  readonly withinProcess?: true;
  /** The connection had the database to read: SQLite does not wait then, it could be a deadlock. Left out where not. */
  readonly whileReading?: true;
  /**
   * Only the program tells of it: its call took so long while the blockers held the write lock. `attempts` is 0. Left
   * out where the attempts were seen.
   */
  readonly sure?: "likely";
  /** `id` of the `connection` line, where the program tells of it. */
  readonly connectionId?: number;
  /** The lock was free so long before it was tried again and got: the sleep was longer than needed. */
  readonly oversleptMs: number;
  readonly callSite: CallSite | null;
  /** The one that was in the way longest first. Empty: not known (a gap, or before the start). */
  readonly blockers: readonly BlockerFact[];
}

export type TransactionKind = "read" | "write" | "upgrade";
export type TransactionOutcome = "commit" | "rollback" | "open" | "process-ended" | "unknown";

export interface StatementFact extends SqlFacts {
  readonly atMs: number;
  readonly ms: number;
  readonly result: string | null;
  /** So many in a row of the same text, of which this is the first; left out for one. */
  readonly times?: number;
}

export interface TransactionLine extends Who {
  readonly type: "transaction";
  readonly path: string;
  readonly connection: number | null;
  readonly kind: TransactionKind;
  readonly fromMs: number;
  /** Null: open at the end. */
  readonly toMs: number | null;
  readonly atLeast: boolean;
  readonly outcome: TransactionOutcome;
  /** In calls of SQLite, and outside of them; null where statements are unknown. */
  readonly insideMs: number | null;
  readonly outsideMs: number | null;
  /** Of that, waiting for locks; null as `insideMs`. */
  readonly waitedMs: number | null;
  /** When it got the write lock; null without. */
  readonly writeFromMs: number | null;
  readonly statements: readonly StatementFact[];
  /** Further ones that are not listed. */
  readonly moreStatements: number;
  /** All that it read was with locks that another connection of its process had (likely). Left out where not. */
  readonly sharedLocks?: true;
  /** Where it was begun. */
  readonly callSite: CallSite | null;
  /** Where the program is traced; each is left out where it is not known. */
  readonly program?: ProgramTransaction;
}

/** What the tracer inside of a program adds to a transaction. */
export interface ProgramTransaction {
  /** `id` of its `connection` line. */
  readonly connectionId: number;
  /** The whole line is from the program: no lock was seen for it. */
  readonly alone?: true;
  readonly readAt?: CallSite;
  readonly wroteAt?: CallSite;
  readonly endedAt?: CallSite;
  /** `close`: its connection was closed with it; `collected`: it was dropped. Left out: COMMIT or ROLLBACK. */
  readonly endedBy?: "close" | "collected";
  /** The longest time between two of its calls, and the lines before and after it. */
  readonly pause?: { readonly ms: number; readonly after: CallSite | null; readonly before: CallSite | null };
  /** A task, a thread or a request that ended while it was open. */
  readonly leftOpenBy?: "task" | "thread" | "request";
}

export type RefusalReason =
  | "same-process" // another connection of the same process: the kernel is not asked
  | "snapshot" // another one committed after this transaction's read: SQLITE_BUSY_SNAPSHOT
  | "committed-in-between" // the lock was got, but the log had moved on
  | "deadlock" // it has a read lock that the one it would wait for needs to go
  | "inside-process" // SQLITE_LOCKED: this connection itself, or one that shares its cache
  | "no-wait" // refused without a wait: no busy timeout
  | "unknown";

/** A call returned SQLITE_BUSY without having waited for another process. */
export interface RefusalLine extends Who, SqlFacts {
  readonly type: "refusal";
  readonly path: string;
  readonly connection: number | null;
  readonly atMs: number;
  /** How long the call took: against another connection of its process, it may have waited in vain. */
  readonly callMs: number;
  /** Of that, it waited inside SQLite for another connection of its process (likely); left out where it did not. */
  readonly waitedMs?: number;
  /**
   * No lock of its connection was seen: `path` is the only database that it can be (`likely`), or one of several
   * (`unknown`). Left out where it is proved.
   */
  readonly pathIs?: "likely" | "unknown";
  readonly result: string;
  readonly why: RefusalReason;
  /** Proved from locks and statements; else it is what fits. */
  readonly sure: "proved" | "likely";
  readonly callSite: CallSite | null;
  /** `id` of the `connection` line, where the program tells of it. */
  readonly connectionId?: number;
  /** Where the program alone tells of it: who held a lock that can be the reason (likely). Left out for none. */
  readonly blockers?: readonly BlockerFact[];
}

export interface GapLine {
  readonly type: "gap";
  readonly fromMs: number;
  readonly toMs: number;
  /** At least; null: it is not known how many, or whether any. */
  readonly lostEvents: number | null;
  /**
   * `switched-off`: another program has switched the tracing off, or changed what is traced. Left out: the events came
   * faster than they could be read, or, in a sampled recording, /proc/locks was not read. `disk-full`: what was
   * recorded could not be written, be it for this or another reason. `removed`: the file with it was deleted, or moved
   * away, while it was written. Lines of this time that follow are what the recorder still knew of it.
   */
  readonly why?: "switched-off" | "disk-full" | "removed";
}

/** What was too short to be listed, per second (or longer, after `folded`), process and database. */
export interface CountsLine {
  readonly type: "counts";
  readonly fromMs: number;
  readonly toMs: number;
  readonly pid: number;
  readonly startTicks: string | null;
  readonly path: string;
  /** Holds by lock name: how many, and their total in ms. */
  readonly holds: Readonly<Partial<Record<LockName, HoldCounts>>>;
  /** Null: the recording shows no calls, and so not all transactions. */
  readonly transactions: number | null;
  /** Of the transactions, those that had the write lock, and those that were committed with it. Left out for none. */
  readonly writeTransactions?: number;
  readonly commits?: number;
  /** Transactions that changed something with one statement: the most frequent. Left out for none. */
  readonly oneStatement?: readonly OneStatementCounts[];
  /** Null: the recording is a sample, which does not show them; so of `optionalRefusals`. */
  readonly waits: WaitCounts | null;
  /** Runs of refusals that may be several calls each: not in `waits`. Left out for none. */
  readonly runs?: WaitCounts;
  /** Calls that ended with SQLITE_BUSY, after a wait and without: only where a file became too large. */
  readonly gaveUp?: number;
  readonly refusals?: number;
  /** Attempts that no call needed (read marks, restart of the log, checkpoints). */
  readonly optionalRefusals: number | null;
}

export interface HoldCounts {
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs?: number;
  /** Of these, write locks; left out for none. */
  readonly writes?: number;
  /** How long those were held in all, and the longest; left out where there are none but write locks, or no such. */
  readonly writesMs?: number;
  readonly longestWriteMs?: number;
  /** How many were how long: see histogram.ts. Left out in recordings of earlier versions. */
  readonly buckets?: Buckets;
  /** Of these, write locks; left out where there are none but write locks, or no such. */
  readonly writeBuckets?: Buckets;
}

export interface WaitCounts {
  readonly times: number;
  readonly totalMs: number;
  /** Left out in recordings of earlier versions. */
  readonly longestMs?: number;
  readonly attempts?: number;
  /** Of these, those that ended with the lock; left out for none. */
  readonly granted?: number;
  readonly buckets?: Buckets;
}

export interface OneStatementCounts extends SqlFacts {
  readonly tid: number;
  readonly times: number;
  readonly heldMs: number;
  /** Where, if all were at one line that the program tells. */
  readonly callSite?: CallSite;
}

/** The path of a database leads to another file now, or to none. */
export interface DatabaseLine {
  readonly type: "database";
  readonly atMs: number;
  readonly path: string;
  /** `found`: the recorded command has opened it; it is recorded from now on. */
  readonly change: "created" | "replaced" | "deleted" | "found";
}

/** The file came near its largest size: what was listed of this time is in `counts` now. */
export interface FoldedLine {
  readonly type: "folded";
  readonly fromMs: number;
  readonly toMs: number;
  /** So many lines were folded. */
  readonly lines: number;
}

export type RecordingLine =
  | MetaLine
  | StatementLine
  | DatabaseLine
  | ClockLine
  | OpenLine
  | WalLine
  | FoldedLine
  | SummaryLine
  | UnknownLine
  | ProcessLine
  | LockLine
  | WaitLine
  | TransactionLine
  | RefusalLine
  | ConnectionLine
  | MisuseLine
  | GapLine
  | CountsLine;
