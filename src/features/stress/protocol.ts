/** The messages between the command and its workers. Only the workers open the database with SQLite. */
import type { OpenJob, Refusal as OpenRefusal } from "../../safe-open/protocol.ts";
import type { Comparison, WriterCommits } from "./compare.ts";
import type { Role } from "./records.ts";
import type { JournalMode, Settings } from "./settings.ts";

/** The name of the table in a throw-away database; elsewhere a random suffix makes it unique. */
export const TABLE = "sqlock_stress";

/** A database by device and inode, in decimal: JSON has no numbers of 64 bits. */
export interface FileIdentity {
  readonly device: string;
  readonly inode: string;
}

/** Work beside the load: a worker does one job and ends. */
export type Job =
  /** Makes a consistent copy in `copy.folder`, under the name `copy`. */
  | { readonly kind: "copy"; readonly copy: OpenJob }
  | {
      readonly kind: "prepare";
      readonly path: string;
      /** In place: what `path` must lead to; null: whatever this job makes there. */
      readonly file: FileIdentity | null;
      /** A closed database that is copied to `path` first; null: use what is at `path`, or make a new database. */
      readonly from: string | null;
      readonly table: string;
      /** Null: as it is. */
      readonly journalMode: JournalMode | null;
      /** The journal mode must not be changed. */
      readonly inPlace: boolean;
      /** False: only check that the database can be opened and has the mode. */
      readonly createTable: boolean;
      readonly busyMs: number;
    }
  | {
      readonly kind: "verify";
      readonly path: string;
      readonly file: FileIdentity;
      readonly table: string;
      readonly seed: number;
      readonly rows: number;
      readonly writers: readonly WriterCommits[];
    }
  | {
      readonly kind: "drop";
      readonly path: string;
      readonly file: FileIdentity;
      readonly table: string;
      readonly busyMs: number;
    };

export type Refusal =
  | OpenRefusal
  /** --in-place: the database has another journal mode than the requested one. */
  | { readonly kind: "other-mode"; readonly mode: string }
  /** SQLite opened another file than the look found, or companion files of another one. */
  | { readonly kind: "other-file" }
  /** `code`: SQLITE_FULL and the like, or an errno. */
  | { readonly kind: "sqlite"; readonly code: string; readonly message: string };

export type Message =
  | { readonly kind: "copied" }
  | {
      readonly kind: "prepared";
      readonly journalMode: JournalMode;
      readonly pageSize: number;
      readonly file: FileIdentity;
    }
  | { readonly kind: "verified"; readonly comparison: Comparison }
  | { readonly kind: "dropped" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** One connection of the load: writer 3, reader 1. */
export interface LoadConnection {
  readonly role: Role;
  readonly worker: number;
}

/** The first line on the standard input of a load process. */
export interface LoadTask {
  readonly path: string;
  readonly file: FileIdentity;
  readonly table: string;
  readonly settings: Settings;
  /** Readers read the rows of writers 1 to this one. */
  readonly writersToRead: number;
  /** Several: each has a thread. */
  readonly connections: readonly LoadConnection[];
}

/**
 * The second line: start and end, in ns of the monotonic clock, which all processes of a machine share.
 * Source: clock_gettime(2)
 */
export interface TimeWindow {
  readonly startNs: string;
  readonly endNs: string;
}

/** A line on stderr of a load process that cannot go on; it then exits with FAULT_EXIT. */
export interface WorkerFault {
  /** SQLite's, an errno, or {@link OTHER_FILE}. */
  readonly code: string;
  readonly message: string;
}

export const FAULT_EXIT = 3;

/** See the refusal `other-file`. */
export const OTHER_FILE = "OTHER_FILE";
