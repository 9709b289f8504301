/** How to open a database so that nothing about it changes. Pure. */
import type { DatabaseReport } from "../model/report.ts";
import { companionsOfMode } from "../sqlite/roles.ts";
import type { IsolationReason } from "./actor.ts";
import type { Method, Refusal, WalFiles } from "./protocol.ts";

export interface Situation {
  readonly database: Pick<
    DatabaseReport,
    "descriptor" | "holders" | "unownedLocks" | "journal" | "wal" | "files" | "fileSystem"
  >;
  /** By its header: SQLite goes by the read version (byte 19) alone. */
  readonly walMode: boolean;
  /** Files can be made beside it. */
  readonly folderWritable: boolean;
  readonly copy: boolean;
  readonly allowCompanions: boolean;
  /**
   * SQLite is run by root: it sets the owner of companion files that it opens anew (`os_unix.c`, robustFchown), and
   * their ctime changes.
   */
  readonly asRoot: boolean;
  /** Why only a copy that root makes may be opened; null else. */
  readonly isolation: IsolationReason | null;
  /** There is no room for a copy that only keeps the ctime of a -journal. */
  readonly noRoom: boolean;
  /** Why it could not be opened in place. */
  readonly refused: CopyReason | null;
  /** Locks that are taken here keep out not all of those who use it: whether these can be seen. See separate-locks. */
  readonly separateLocks: "none" | "seen" | "unseen";
  /** Others than those of the look may have it open. */
  readonly partialView: boolean;
}

/** Why a copy is opened and not the database itself. */
export type CopyReason =
  /** --copy */
  | { readonly code: "asked" }
  | { readonly code: "hot-journal" }
  /** Opened where it is, SQLite would take the transaction of its -journal for committed. See MissingSuperJournal. */
  | { readonly code: "super-journal-elsewhere"; readonly isBeside: boolean }
  /** See {@link Situation.asRoot}. */
  | { readonly code: "journal-owner" }
  /** See {@link Situation.isolation}. */
  | { readonly code: "isolated"; readonly why: IsolationReason }
  /** See {@link Situation.separateLocks}. */
  | { readonly code: "separate-locks" }
  /** It is deleted, and SQLite would not find its companion files. */
  | { readonly code: "deleted" }
  /** No connection keeps the -wal and the -shm, and SQLite would make what is missing of them. */
  | {
      readonly code: "wal-not-open";
      readonly state: UnopenedWal;
      readonly folder: FolderState;
      readonly holders: UnattachedHolders;
    }
  /** See the refusals of the same names. */
  | { readonly code: "needs-copy"; readonly message: string }
  | { readonly code: "ignores-check-constraints" }
  | { readonly code: "missing-collation"; readonly names: readonly string[]; readonly damaged: boolean }
  | { readonly code: "backup-failed"; readonly message: string };

export type UnopenedWal =
  /** A -wal beside a database in rollback mode. */
  "beside-rollback" | "has-frames" | "empty" | "absent";

/** Which processes have it open, though none is attached to its wal-index. */
export type UnattachedHolders = "nobody" | "nobody-visible" | "unattached";

export type FolderState = "writable" | "not-writable" | "read-only";

export type Decision =
  | {
      readonly kind: "open";
      readonly method: Method;
      /** Null in place. */
      readonly reason: CopyReason | null;
      readonly wal: WalFiles;
    }
  /** Those who use it cannot be seen, and their locks do not count here: nothing of it can be relied on. */
  | { readonly kind: "refuse"; readonly refusal: Extract<Refusal, { kind: "unseen-users" }> }
  /** A holder keeps every reader out, and how to open it shows only when its lock is gone. */
  | { readonly kind: "wait" };

export function decide(situation: Situation): Decision {
  const { database, refused, separateLocks } = situation;
  if (separateLocks === "unseen") return { kind: "refuse", refusal: { kind: "unseen-users" } };
  if (database.descriptor !== undefined)
    return keepsReadersOut(database) ? { kind: "wait" } : privateCopy({ code: "deleted" });
  // the locks of others are no obstacle to SQLite here
  if (separateLocks === "seen" && keepsReadersOut(database)) return { kind: "wait" };
  if (situation.isolation !== null) return privateCopy({ code: "isolated", why: situation.isolation });
  if (refused !== null && !isBackupEnough(refused)) return privateCopy(refused);
  if (separateLocks === "seen") return privateCopy({ code: "separate-locks" });
  const missing = database.journal?.missingSuperJournal;
  if (missing !== undefined)
    return keepsReadersOut(database)
      ? { kind: "wait" }
      : privateCopy({ code: "super-journal-elsewhere", isBeside: missing.beside !== null });
  if (database.journal?.hot === true) return privateCopy({ code: "hot-journal" });
  const hasWal = database.files.some(({ role }) => role === "wal");
  if (!situation.walMode && !hasWal)
    return wouldTouchJournal(situation) ? privateCopy({ code: "journal-owner" }) : inPlace(situation, "none");
  if (isWalKept(database)) return inPlace(situation, "kept-by-others");
  if (keepsReadersOut(database)) return { kind: "wait" };
  if (situation.allowCompanions && situation.folderWritable) return inPlace(situation, "may-be-made");
  return privateCopy({
    code: "wal-not-open",
    state: unopenedWal(situation, hasWal),
    folder: folderState(situation),
    holders: unattachedHolders(situation),
  });
}

/** SQLite's backup of a file that is cut off is not cut off. */
function isBackupEnough(refused: CopyReason): boolean {
  return refused.code === "missing-collation" && !refused.damaged;
}

function keepsReadersOut({ holders }: Situation["database"]): boolean {
  return holders.some(({ blocks }) => blocks.includes("readers"));
}

function unattachedHolders({ database: { holders }, partialView }: Situation): UnattachedHolders {
  if (holders.length > 0) return "unattached";
  return partialView ? "nobody-visible" : "nobody";
}

/**
 * A -journal that was kept (journal_mode persist or truncate), of a database that nobody has open: with a holder its
 * times change anyway.
 */
function wouldTouchJournal({ database, asRoot, noRoom }: Situation): boolean {
  return asRoot && !noRoom && database.holders.length === 0 && database.files.some(({ role }) => role === "journal");
}

function privateCopy(reason: CopyReason): Decision {
  return { kind: "open", method: "private-copy", reason, wal: "none" };
}

/** Where a copy is wanted, SQLite makes it under its own lock. */
function inPlace({ copy, refused }: Situation, wal: WalFiles): Decision {
  const reason = refused ?? (copy ? ({ code: "asked" } as const) : null);
  return { kind: "open", method: reason === null ? "in-place" : "backup", reason, wal };
}

/** A connection is attached to the wal-index: the files of the WAL are there, and stay when a reader leaves. */
function isWalKept({ holders, unownedLocks, files }: Situation["database"]): boolean {
  const locks = [...holders.flatMap((holder) => holder.locks), ...unownedLocks];
  const attached = locks.some((lock) => lock.name === "DMS" && lock.type === "read" && !lock.waiting);
  return attached && companionsOfMode("wal").every(({ role }) => files.some((file) => file.role === role));
}

function unopenedWal({ database, walMode }: Situation, hasWal: boolean): UnopenedWal {
  if (!walMode) return "beside-rollback";
  if (database.wal !== null && (database.wal.frames > 0 || !database.wal.complete)) return "has-frames";
  return hasWal ? "empty" : "absent";
}

function folderState({ database, folderWritable }: Situation): FolderState {
  if (database.fileSystem?.readOnly === true) return "read-only";
  return folderWritable ? "writable" : "not-writable";
}
