/** What a worker is told to open, and what it answers: shared by every command that reads a database with SQLite. */
import type { Trouble } from "../proc/read.ts";
import type { User } from "../user/user.ts";
import type { Pin } from "../worker/pin.ts";
import type { Actor } from "./actor.ts";

/** How the database is opened. */
export type Method =
  /** Under SQLite's own locks, on the file itself. */
  | "in-place"
  /** A copy of the database and its companion files, byte by byte. */
  | "private-copy"
  /** A copy that SQLite's backup API makes (--copy). */
  | "backup";

/** Whether SQLite finds a -wal and a -shm in place. */
export type WalFiles =
  | "none"
  /** Another connection has them open, and they stay. */
  | "kept-by-others"
  /** SQLite may make them. */
  | "may-be-made";

/** The name of a copy in its folder. */
export const COPY_NAME = "copy";

/** The super-journal that a journal named at the look. */
export interface SuperJournalFact {
  /** Null: it named none. */
  readonly name: string | null;
  /** Null: it could not be looked for. */
  readonly exists: boolean | null;
}

export interface FileToCopy {
  readonly from: string;
  readonly pin: Pin;
  readonly to: string;
  /** Of a journal; null for other files. */
  readonly superJournal: SuperJournalFact | null;
}

/** One database to open. */
export interface OpenJob {
  /** The database itself, for every method. */
  readonly path: string;
  readonly method: Method;
  /**
   * A private folder for the copy, and for a link to a database whose name better-sqlite3 would trim; null where
   * neither is needed.
   */
  readonly folder: string | null;
  /** Of a private copy: what to copy, the database first. */
  readonly files: readonly FileToCopy[];
  /** The database, and its companion files at the look. */
  readonly pins: readonly Pin[];
  /** The user that the worker becomes; null: the one that runs sqlock. */
  readonly user: User | null;
  /** That user cannot read the files: the worker becomes it after it has copied them. */
  readonly isolated: boolean;
  readonly wal: WalFiles;
  /** How long SQLite waits for a lock. */
  readonly busyMs: number;
}

/** Why the database was not opened. */
export type Refusal =
  /** SQLITE_BUSY, until the time was up. */
  | { readonly kind: "busy" }
  /** In place it cannot be read without a write (a hot journal, a WAL without its -shm). The message is SQLite's. */
  | { readonly kind: "needs-copy"; readonly message: string }
  /** This process may only read it, and then SQLite does not check its CHECK constraints. */
  | { readonly kind: "ignores-check-constraints" }
  /** SQLite's check needs collations that only the program has. `damaged`: see Connection. */
  | { readonly kind: "missing-collation"; readonly names: readonly string[]; readonly damaged: boolean }
  /** The backup API failed on damage that a copy of the bytes keeps. */
  | { readonly kind: "backup-failed"; readonly message: string }
  /**
   * The same by SQLITE_IOERR, in WAL mode. A copy of the bytes would hide that the -wal is shorter than the wal-index
   * says: SQLite makes a new wal-index for it.
   */
  | { readonly kind: "backup-io-error"; readonly message: string }
  /**
   * The files changed while they were read. `underLock`: SQLite's read lock was held meanwhile, in rollback mode:
   * a process writes without SQLite's default locks.
   */
  | { readonly kind: "changed"; readonly underLock?: true }
  /** A companion file has several names: SQLite would write to the others as well. */
  | { readonly kind: "hard-linked"; readonly path: string; readonly links: number }
  /** Root could not become the user who is to open it. */
  | { readonly kind: "no-user"; readonly actor: Actor }
  /** Those who use it cannot be seen, and their locks do not count here. */
  | { readonly kind: "unseen-users" }
  /** It is deleted, and of what belongs to it this file cannot be reached, or may not be whole. */
  | { readonly kind: "lost-companion"; readonly role: "wal" | "journal" }
  /** The connections that kept the WAL are gone. */
  | { readonly kind: "unkept" }
  /** `reserveBytes`: of the free ones, they stay free. */
  | {
      readonly kind: "no-space";
      readonly neededBytes: number;
      readonly freeBytes: number;
      readonly reserveBytes: number;
    }
  /** A file may not be as large as the copy: RLIMIT_FSIZE, or the file system's limit (EFBIG). */
  | { readonly kind: "file-limit"; readonly neededBytes: number }
  /** No folder for a copy can be made. */
  | { readonly kind: "no-folder"; readonly why: string }
  | { readonly kind: "gone" }
  | { readonly kind: "denied"; readonly path: string; readonly trouble?: Trouble }
  /** The messages are SQLite's. */
  | { readonly kind: "not-a-database"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export type OpenMessage =
  | { readonly kind: "stage"; readonly stage: "copying"; readonly done: number; readonly total: number | null }
  /** The read lock on the database itself is held from now on (true), or no longer. */
  | { readonly kind: "lock"; readonly held: boolean };
