/**
 * The answer of who-holds, field by field the JSON document (docs/json.md), with bigint and Date where the document has
 * strings. Every field is described in docs/who-holds.schema.json.
 */

import type { FindingId } from "../findings/index.ts";
import type { LockLetter } from "../lsof/fields.ts";
import type { Access } from "../proc/fdinfo.ts";
import type { JournalMode } from "../sqlite/header.ts";
import type { Activity, Block, LockApi, LockName, LockType } from "../sqlite/locks.ts";
import type { Role } from "../sqlite/roles.ts";
import type { BeyondHeader } from "./beyond-header.ts";
import type { HeaderState } from "./file-facts.ts";
import type { LikelyBasis } from "./likely-age.ts";
import type { FileSystem, OtherName, OtherView, ProcessFacts, Searched, Unseen } from "./snapshot.ts";
import type { Source } from "./source.ts";
import type { MissingSuperJournal } from "./super-journal.ts";
import type { Verdict } from "./verdict.ts";
import type { Viewer } from "./viewer.ts";

export const SCHEMA_VERSION = 1;

export type Severity = "error" | "warning" | "info";

export type { FindingId };

export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly pids: readonly number[];
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** The evidence, with numbers. */
  readonly detail: string;
  /** What to do, the safest first. A line that begins with two spaces is a command. */
  readonly remedy: string;
}

export interface Lock {
  readonly name: LockName;
  readonly role: Role;
  readonly type: LockType;
  readonly api: LockApi;
  readonly start: bigint;
  readonly end: bigint | null;
  readonly waiting: boolean;
}

export interface Handle {
  readonly fd: number;
  readonly role: Role;
  readonly path: string;
  readonly access: Access | null;
  readonly deleted: boolean;
  readonly moved: boolean;
  /** A program that its process starts does not get it (O_CLOEXEC); left out where that is not known. */
  readonly closeOnExec?: boolean;
  /** A flock that is held through it, to read (shared) or to write (exclusive); left out where there is none. */
  readonly flock?: LockType;
  /** Only with the source lsof: its letter for some lock of this process on this file; null where it says none. */
  readonly lock?: LockLetter | null;
  /** The thread that alone has it, in descriptors of its own; left out where its process has it. */
  readonly thread?: number;
  /** Its locks are not those of the database's own file: this other path to the same bytes has them. */
  readonly view?: string;
}

/** A lock of SQLite's that several processes had one after the other, while it was looked at. */
export interface ChangesHands extends Omit<Lock, "waiting"> {
  /** Those that were seen with it, in the order in which they were: the last may have it now. */
  readonly pids: readonly number[];
  /** From the first that was seen with it to the last, in ms. */
  readonly withinMs: number;
}

/** `likely-idle-in-transaction`: not proved, since a thread has ended, or threads wake by themselves. */
export type Stale = "idle-in-transaction" | "likely-idle-in-transaction" | "stopped" | "orphaned" | "deleted-file";

export interface Holder extends ProcessFacts {
  /** The real user id, where it is another than the effective one: a setuid program. Left out otherwise. */
  readonly realUid?: number;
  /**
   * Its start in clock ticks since boot (field 22 of /proc/PID/stat): with the pid, its identity. Null for a process
   * that is hidden.
   */
  readonly startTicks: bigint | null;
  readonly handles: readonly Handle[];
  readonly locks: readonly Lock[];
  /** Unknown: the source says nothing of locks. */
  readonly activity: Activity | "unknown";
  readonly blocks: readonly Block[];
  readonly readMark: number | null;
  readonly heldAtLeastMs: number | null;
  /** Likely held for so long, in ms. Null beside a proved age that is nearly as long, and where nothing is known. */
  readonly heldLikelyMs: number | null;
  /** What that stands on; null without it. */
  readonly heldLikelyBasis: LikelyBasis | null;
  readonly stale: readonly Stale[];
}

/** One holder, or an unknown process, that keeps others from one thing. */
export interface Blocker {
  /** Null: the owner of the lock cannot be told. */
  readonly pid: number | null;
  readonly lock: LockName;
  readonly effect: Block;
  /** Proved: the lock is at least this old, in ms. Null where that cannot be proved. */
  readonly heldAtLeastMs: number | null;
  /** As that of the holder, of this lock. */
  readonly heldLikelyMs: number | null;
  /** That it is this process: proved; likely (a copy of the descriptor would show the lock as well); unknown. */
  readonly sure: "proved" | "likely" | "unknown";
  /** Those that it waits for itself, by `waits`: they are the cause. */
  readonly waitsFor: readonly number[];
}

/** A holder that cannot go on before others have. */
export interface Wait {
  readonly pid: number;
  /**
   * `commit`: in rollback mode, with PENDING, until readers have finished. `checkpoint`: with the write lock, for
   * readers. `lock`: in fcntl(F_SETLKW).
   */
  readonly for: "commit" | "checkpoint" | "lock";
  /** The lock that it wants. Of several, the first. */
  readonly lock: LockName;
  /** Who has to go first. */
  readonly blockedBy: readonly number[];
  /** A lock without a known owner has to go first as well. */
  readonly byUnknown: boolean;
  /** Proved: the kernel says so, or two looks show it with no commit between them. Likely: one look does. */
  readonly sure: "proved" | "likely";
}

/** Whether transactions come to their end, between two looks. */
export interface Progress {
  /** At least so many did, and their locks were released. 0: none is proved to. */
  readonly commits: number;
  /** The counter of commits has moved: with 0 commits, that the lock was released is not known. */
  readonly counterMoved: boolean;
  /** Between the looks, in ms. */
  readonly withinMs: number;
  /** Pids that kept readers, writers or commits out in the first look, and not in a later one; left out without any. */
  readonly released?: readonly number[];
  /** Pids that blocked readers, writers or commits in one of the looks; left out without any. */
  readonly seen?: readonly number[];
  /** How often it was looked at; left out without `inEachLook`. */
  readonly looks?: number;
  /**
   * Pids that blocked them in every look, by the same activity; they may have let go in between. Left out without any.
   */
  readonly inEachLook?: readonly number[];
}

/** See OtherView. `reachedAt` null: it cannot be reached from here, and who has it open there is not seen. */
export interface View {
  readonly kind: OtherView["kind"];
  readonly path: string | null;
  readonly reachedAt: string | null;
  readonly mountPoint: string;
}

/** Whether the database is locked, in one sentence and as data (verdict.ts). */
export interface VerdictReport extends Omit<Verdict, "reason"> {
  readonly sentence: string;
}

export interface DatabaseReport {
  readonly path: string;
  readonly givenAs: string;
  readonly verdict: VerdictReport;
  /** It was deleted, and is looked at by this descriptor of a process (`/proc/PID/fd/N`); left out for others. */
  readonly descriptor?: string;
  readonly journalMode: JournalMode;
  readonly header: HeaderState;
  /** Null for a database that was deleted while a process has it open. */
  readonly sizeBytes: number | null;
  readonly pageSize: number | null;
  readonly pageCount: number | null;
  readonly fileSystem: FileSystem | null;
  readonly files: readonly {
    readonly role: Role;
    readonly path: string;
    readonly sizeBytes: number;
    /** As stat(2) has them. */
    readonly device: bigint;
    readonly inode: bigint;
  }[];
  readonly wal: {
    /** Up to the last commit. */
    readonly frames: number;
    /**
     * Written after the last commit: by a transaction that is open, or was rolled back. Null where that is not known.
     */
    readonly uncommittedFrames: number | null;
    /** 0 where it is not known. */
    readonly checkpointedFrames: number;
    /** False: nobody keeps a wal-index, which alone has that number. */
    readonly checkpointedKnown: boolean;
    readonly readMarks: readonly (number | null)[];
    /**
     * At the end of a -wal whose wal-index nobody keeps up to date, so many bytes were not read: the salts before them
     * no longer fit, or there was no time.
     */
    readonly unreadBytes: number;
    /** False: there was no time to count all frames; there are at least so many. */
    readonly complete: boolean;
  } | null;
  readonly journal: {
    readonly hot: boolean | null;
    /**
     * Its header: that of a transaction that can be rolled back; zeroes, as long as it was not synced; nothing;
     * anything else.
     */
    readonly header: "valid" | "unsynced" | "empty" | "other" | "unreadable";
    /** Of an unsynced one: its transaction has begun; left out of a finished one. */
    readonly begun?: true;
    readonly sizeBytes: number;
    /**
     * SQLite, opened by this path, would take its transaction for committed, and delete it: the super-journal that it
     * names is not there, and that proves nothing. Left out where it is found, or its transaction was committed.
     */
    readonly missingSuperJournal?: MissingSuperJournal;
  } | null;
  /** Left out where the file is no longer than its header says, or where something explains it. */
  readonly beyondHeader?: BeyondHeader;
  /** Other names (hard links) in its folder that have a -journal or -wal of their own; left out where none has. */
  readonly otherNames?: readonly OtherName[];
  /** Other paths to the same bytes, where it is another file for the kernel; left out where none is known. */
  readonly views?: readonly View[];
  /**
   * The `<database>.lock` directory of unix-dotfile: a lock without a pid. `pid`: only where it is a file instead, with
   * this pid in it (ncruces/go-sqlite3, built with dot-file locks).
   */
  readonly lockDirectory: { readonly path: string; readonly since: Date; readonly pid?: number } | null;
  readonly holders: readonly Holder[];
  /**
   * Locks whose owner cannot be told: OFD and flock locks of processes that could not be, or were not, inspected;
   * those that no descriptor of any process shows; and those of processes that had ended when they were to be
   * inspected.
   */
  readonly unownedLocks: readonly Lock[];
  /** How far the owners of `unownedLocks` were looked for; null where there are none. */
  readonly unownedSearched: Searched | null;
  readonly changesHands: readonly ChangesHands[];
  /** Which process blocks what, by the locks that are held. */
  readonly blockers: readonly Blocker[];
  readonly waits: readonly Wait[];
  /** Null: there was one look, as no process that runs keeps others out, or commits could not be counted. */
  readonly progress: Progress | null;
  /** A sentence for each holder that blocks more than a change of the journal mode. */
  readonly summary: readonly string[];
  readonly findings: readonly Finding[];
}

export interface PathError {
  readonly givenAs: string;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

export interface Report {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly sqlock: string;
  readonly takenAt: Date;
  /** With `lsof`, who owns which lock is not known. Null where this system has none. */
  readonly source: Source | null;
  readonly viewer: Viewer;
  readonly databases: readonly (DatabaseReport | PathError)[];
  readonly unseen: Unseen | null;
}

export function isPathError(entry: object): entry is PathError {
  return "error" in entry;
}
