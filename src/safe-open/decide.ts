/** How a database is to be looked at so that nothing about it changes. Pure. */

import type { Job } from "../features/integrity/protocol.ts";
import type { Method } from "../features/integrity/report.ts";
import type { DatabaseReport } from "../model/report.ts";

export interface Situation {
  readonly database: Pick<DatabaseReport, "holders" | "unownedLocks" | "journal" | "wal" | "files" | "fileSystem">;
  /** Its header says that it is in WAL mode: SQLite goes by the read version (byte 19) alone. */
  readonly walMode: boolean;
  /** Files can be made beside it. */
  readonly folderWritable: boolean;
  readonly copy: boolean;
  readonly allowCompanions: boolean;
  /**
   * SQLite sets the owner of companion files that it opens anew, when it is run by root (`os_unix.c`, robustFchown):
   * their ctime changes.
   */
  readonly asRoot: boolean;
  /** There is no room for a copy that serves no other end than that. */
  readonly noRoom: boolean;
  /** Why a look at the place itself has failed already. */
  readonly refused: string | null;
}

export type Decision =
  | { readonly kind: "look"; readonly method: Method; readonly reason: string | null; readonly wal: Job["wal"] }
  /** Somebody keeps every reader out, and once he is gone the way to look is another one. */
  | { readonly kind: "wait" };

export function decide(situation: Situation): Decision {
  const { database, refused, copy } = situation;
  if (refused !== null) return copied(refused);
  if (database.journal?.hot === true)
    return copied("its journal is hot: a read in place would roll it back, or be refused");
  const hasWal = database.files.some(({ role }) => role === "wal");
  if (!situation.walMode && !hasWal) return touchesJournal(situation) ? copied(JOURNAL) : inPlace(copy, "none");
  if (keptWal(database)) return inPlace(copy, "kept-by-others");
  if (database.holders.some((holder) => holder.blocks.includes("readers"))) return { kind: "wait" };
  if (situation.allowCompanions && situation.folderWritable) return inPlace(copy, "may-be-made");
  return copied(reasonOfWal(situation, hasWal));
}

const JOURNAL = "SQLite, run by root, would set the owner of its -journal anew";

/**
 * One that was kept (journal_mode persist or truncate), of a database that nobody has open: else its times are not what
 * they were anyway.
 */
function touchesJournal({ database, asRoot, noRoom }: Situation): boolean {
  return asRoot && !noRoom && database.holders.length === 0 && database.files.some(({ role }) => role === "journal");
}

function copied(reason: string): Decision {
  return { kind: "look", method: "private-copy", reason, wal: "none" };
}

function inPlace(copy: boolean, wal: Job["wal"]): Decision {
  return copy
    ? { kind: "look", method: "backup", reason: "--copy", wal }
    : { kind: "look", method: "in-place", reason: null, wal };
}

/** Somebody is attached to the wal-index, so that its files are there, and stay when a reader leaves. */
function keptWal({ holders, unownedLocks, files }: Situation["database"]): boolean {
  const locks = [...holders.flatMap((holder) => holder.locks), ...unownedLocks];
  const attached = locks.some((lock) => lock.name === "DMS" && lock.type === "read" && !lock.waiting);
  return attached && ["wal", "shm"].every((role) => files.some((file) => file.role === role));
}

function reasonOfWal({ database, folderWritable, walMode }: Situation, hasWal: boolean): string {
  const readOnly = database.fileSystem?.readOnly === true;
  const place = readOnly
    ? ", on a read-only file system"
    : folderWritable
      ? ""
      : ", in a folder that may not be written";
  if (!walMode)
    return `a -wal lies beside it that nobody has open${place}: a read in place would make a -shm for it, or delete it`;
  if (database.wal !== null && database.wal.frames > 0)
    return `nobody has its WAL open${place}: a read in place would make a -shm for it`;
  return hasWal
    ? `it is in WAL mode and nobody has it open${place}: a read in place would make a -shm`
    : `it is in WAL mode and nobody has it open${place}: a read in place would make a -wal and a -shm`;
}
