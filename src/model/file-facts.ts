/** What the bytes of a database's files say, before anything is concluded from it. */

import type { CommitMark } from "../sqlite/commit-mark.ts";
import type { JournalMode } from "../sqlite/header.ts";
import type { JournalHeader } from "../sqlite/journal.ts";
import type { OtherName } from "./snapshot.ts";
import type { MissingSuperJournal } from "./super-journal.ts";

/**
 * What a database file begins with. `likely-encrypted`: no header, and noise (SQLCipher and the like). `other`: no
 * header, and no noise. Null: it could not be read.
 */
export type HeaderState = "database" | "empty" | "likely-encrypted" | "other" | null;

export interface FileFacts {
  /** False: the database could not be read (permission), so that the mode and the sizes are unknown. */
  readonly readable: boolean;
  readonly header: HeaderState;
  /** Of a file without SQLite's header: what its companion files say. */
  readonly journalMode: JournalMode;
  readonly pageSize: number | null;
  readonly pageCount: number | null;
  /**
   * So many whole pages are in the file beyond the page count of its header, where that is up to date; the last is not
   * of zeroes alone, as preallocated ones are (SQLITE_FCNTL_CHUNK_SIZE). Left out where there are none.
   */
  readonly pagesBeyondHeader?: number;
  readonly wal: {
    readonly frames: number;
    /** Written after the last commit: an open transaction's, or of one that was rolled back. Null: not known. */
    readonly uncommittedFrames: number | null;
    /** 0 where that is not known: only a live wal-index has it. */
    readonly checkpointedFrames: number;
    readonly readMarks: readonly (number | null)[];
    /** From the wal-index, which a process keeps up to date; else counted in the -wal itself. */
    readonly live: boolean;
    /** As the header of the -wal has it; null where that cannot be read or is none. */
    readonly pageSize: number | null;
    /** The database's own header says rollback journal: a -wal of this very file would have changed it first. */
    readonly besideRollback: boolean;
    /** Of the database, after the last commit in a -wal that is not live; 0 in others. */
    readonly pageCount: number;
    /**
     * Commits behind the first frame that does not fit, which a recovery does not reach. Not looked for in a live one.
     */
    readonly lostCommits: number;
    /** At the end of one that is not live: so many bytes were not looked at. */
    readonly unreadBytes: number;
    /** False: there are at least so many frames; there was no time to count them all. */
    readonly complete: boolean;
  } | null;
  readonly journal: {
    readonly header: JournalHeader | "unreadable";
    /** Of an unsynced one: its transaction has begun (isBegunJournal). */
    readonly begun: boolean;
    readonly sizeBytes: number;
    /**
     * The super-journal it names is gone: its transaction was committed. Null: it lay in a folder that is not to be
     * seen from here.
     */
    readonly committedBySuperJournal: boolean | null;
    /** SQLite, opened here, would take its transaction for committed, and delete it. */
    readonly missingSuperJournal?: MissingSuperJournal;
    /**
     * How many pages a database had, which now is empty, when this journal's transaction began; 0 for one that is not
     * empty.
     */
    readonly pagesOfEmpty: number;
  } | null;
  /** The target's, those that still have what they had when the locks were read; left out where there are none. */
  readonly otherNames?: readonly OtherName[];
  /** How far commits had got, and when that was read, in ms since this process was started. Null: not known. */
  readonly commits: { readonly mark: CommitMark; readonly readAtMs: number } | null;
}
