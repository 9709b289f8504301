/** What the command and its workers, which alone open the database with SQLite, tell each other. */
import type { OpenJob, Refusal as OpenRefusal } from "../../safe-open/protocol.ts";
import type { Role } from "./records.ts";
import type { JournalMode, Settings } from "./settings.ts";
import type { Account, Compared } from "./verify.ts";

/** The name of the table in a throw-away database; in any other it has a word behind it that no other table has. */
export const TABLE = "sqlock_stress";

/** Work that is no part of the load: one worker does one of it, and ends. */
export type Job =
  /** A consistent copy in `look.folder`, under the name `copy`. */
  | { readonly kind: "copy"; readonly look: OpenJob }
  | {
      readonly kind: "prepare";
      readonly path: string;
      /** A closed database to begin with; null: what is at `path`, or a new one. */
      readonly from: string | null;
      readonly table: string;
      /** Null: as it is. */
      readonly journalMode: JournalMode | null;
      /** The mode is not to be changed. */
      readonly inPlace: boolean;
      /** False: only see whether it could be. */
      readonly create: boolean;
      readonly busyMs: number;
    }
  | {
      readonly kind: "verify";
      readonly path: string;
      readonly table: string;
      readonly seed: number;
      readonly rows: number;
      readonly accounts: readonly Account[];
    }
  | { readonly kind: "drop"; readonly path: string; readonly table: string; readonly busyMs: number };

export type Refusal =
  | OpenRefusal
  /** In place: it has another journal mode than was asked for. */
  | { readonly kind: "other-mode"; readonly mode: string }
  /** `code`: SQLITE_FULL and the like. */
  | { readonly kind: "sqlite"; readonly code: string; readonly message: string };

export type Message =
  | { readonly kind: "copied" }
  | { readonly kind: "prepared"; readonly journalMode: JournalMode; readonly pageSize: number }
  | { readonly kind: "verified"; readonly compared: Compared }
  | { readonly kind: "dropped" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** One connection of the load. */
export interface Member {
  readonly role: Role;
  readonly worker: number;
}

/** The first line on the standard input of a process of the load. */
export interface Task {
  readonly path: string;
  readonly table: string;
  readonly settings: Settings;
  /** Writers 1 to this one are there to be read. */
  readonly writersToRead: number;
  /** Each has a connection, and, where there are several, a thread. */
  readonly members: readonly Member[];
}

/**
 * The second line: when to begin and to end, in ns of the monotonic clock, which all processes of a machine share.
 * Source: clock_gettime(2)
 */
export interface Go {
  readonly startNs: string;
  readonly endNs: string;
}

/** What is said on stderr by a worker that cannot go on; it then ends with this code. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

export const FAULT_EXIT = 3;
