/** What was refused when the files of a database were tried as a user: facts, as the system gave them. */

import type { Rights } from "../../../model/snapshot.ts";
import type { WentReadOnly } from "../../../proc/mountinfo.ts";
import type { SecurityLabel } from "../../../proc/security.ts";
import type { JournalMode } from "../../../sqlite/header.ts";
import type { Role } from "../../../sqlite/roles.ts";

/** A user as whom it was tried. */
export interface TriedUser {
  readonly uid: number;
  /** Null: it has no entry in the list of users. */
  readonly name: string | null;
  /**
   * `asked`: by --as; `caller`: who runs sqlock; `onlooker`: the same, while only other users have it open, so that the
   * message may be one of theirs; `holder`: who has it open; `sudo`: who runs sqlock through sudo;
   * `owner`: of the database.
   */
  readonly because: "asked" | "caller" | "onlooker" | "holder" | "sudo" | "owner";
  /** Of the holders. */
  readonly pids: readonly number[];
}

/** The code of the system's error; null: it was allowed. */
export type Refused = string | null;

export interface TriedFile {
  readonly role: Role;
  readonly path: string;
  /** Null: they could not be read. */
  readonly rights: Rights | null;
  readonly read: Refused;
  readonly write: Refused;
  readonly attribute: Attribute | null;
}

/** What chattr(1) sets. */
export type Attribute = "immutable" | "append-only";

export interface TriedFolder {
  readonly path: string;
  readonly rights: Rights | null;
  /** To make a file in it. */
  readonly newFile: Refused;
  readonly attribute: Attribute | null;
}

export interface Tried {
  readonly user: TriedUser;
  /** The first folder on the path that the user may not pass through; then nothing else was tried. */
  readonly closed: { readonly path: string; readonly rights: Rights | null; readonly refused: string } | null;
  readonly files: readonly TriedFile[];
  readonly folder: TriedFolder | null;
}

/** The mount that a user's programs see the database on. */
export interface TriedMount {
  readonly mountPoint: string;
  readonly readOnly: boolean;
  readonly wentReadOnly: WentReadOnly;
  /** Quotas are kept, as its options say. */
  readonly quota: boolean;
}

/** A process that has the database open. */
export interface TriedHolder {
  readonly pid: number;
  readonly uid: number;
  /** All its descriptors of the database are open to read only. */
  readonly onlyReads: boolean;
  /** The files that it has open to write: no mode bits keep it from that any more. */
  readonly writes: readonly Role[];
  /** It sees the database on a mount of its own that is read-only (a volume with `:ro`), while this one is not. */
  readonly readOnlyMount: boolean;
  /** What a security module says of it; null: none, or it could not be read. */
  readonly label: SecurityLabel | null;
}

export interface AccessFacts {
  readonly journalMode: JournalMode;
  readonly tried: readonly Tried[];
  /** Users as whom this process may not try. */
  readonly notTried: readonly TriedUser[];
  readonly mount: TriedMount | null;
  readonly holders: readonly TriedHolder[];
}
