/**
 * Who may use a database without locks that programs with SQLite's default locking see: decided here alone, for all
 * that says "nobody", or advises to open, delete or end something. Pure.
 * Source: os_unix.c (unix-none, unix-dotfile, unix-flock); pager.c, pager_unlock (a finished journal stays open in
 * truncate and persist mode while its connection reads).
 */
import type { CompanionRole } from "../sqlite/roles.ts";
import { flockOf, whyNotSqlite } from "./not-sqlite.ts";
import type { Related } from "./relate.ts";
import type { Handle, Holder, Lock } from "./report.ts";

export interface UseWithoutLocks {
  /** They have a companion file open to write, without the locks of SQLite's that go with it. */
  readonly writers: readonly Holder[];
  /** They have the -journal open besides, or the -wal to read without a lock: as a backup does. */
  readonly readers: readonly Holder[];
  /** They hold a lock that is none of SQLite's, less scripts with flock(1). */
  readonly foreign: readonly Holder[];
  readonly foreignUnowned: boolean;
  /** They may write over the database, and do not through SQLite. */
  readonly overwriters: readonly Holder[];
  /** `<database>.lock` stands: a lock that names nobody. */
  readonly lockDirectory: boolean;
}

type Database = Pick<Related, "holders" | "unownedLocks" | "lockDirectory">;

export function useWithoutLocks({ holders, unownedLocks, lockDirectory }: Database): UseWithoutLocks {
  return {
    writers: holders.filter((holder) => openUnlocked(holder).length > 0),
    readers: holders.filter((holder) => openUnlocked(holder).length === 0 && mayCopy(holder)),
    foreign: holders.filter(holdsForeignToWrite),
    foreignUnowned: unownedLocks.some(isForeign),
    overwriters: holders.filter(mayOverwrite),
    lockDirectory: lockDirectory !== null,
  };
}

/** A process may write to the database, or be in a transaction, and no lock of SQLite's shows it. */
export function mayHaveWriterWithoutLocks(use: UseWithoutLocks): boolean {
  return (
    [use.writers, use.foreign, use.overwriters].some((some) => some.length > 0) ||
    use.foreignUnowned ||
    use.lockDirectory
  );
}

/** The companion files that a holder has open to write, and not with the locks that SQLite has then. */
export function openUnlocked(holder: Pick<Holder, "handles" | "locks">): CompanionRole[] {
  const roles = rolesOf(holder, ({ access }) => access !== "read" && access !== "path");
  return roles.filter((role) => !fits(role, holder.locks));
}

/** It has the -journal open to write. */
export function hasJournalFile({ handles }: Pick<Holder, "handles">): boolean {
  return handles.some(
    ({ role, access, deleted, moved }) => role === "journal" && access === "read-write" && !deleted && !moved,
  );
}

/**
 * The pages of its transaction are in a -journal that it has open, and not in memory alone. A finished one proves
 * nothing: SQLite before 3.41 keeps it open in exclusive mode when journal_mode becomes MEMORY or OFF.
 */
export function writesJournalFile(holder: Pick<Holder, "handles">, { journal }: Pick<Related, "journal">): boolean {
  return hasJournalFile(holder) && (journal?.header === "valid" || journal?.begun === true);
}

/** A lock of SQLite's, by whichever call it was taken. */
export function holdsLockOfSqlite({ locks }: Pick<Holder, "locks">): boolean {
  return locks.some((lock) => lock.name !== "FOREIGN" && !lock.waiting);
}

/** A lock that is none of SQLite's, less the flock of a script (flock(1)). */
export function holdsForeignToWrite(holder: Pick<Holder, "locks" | "handles">): boolean {
  const flock = flockOf(holder);
  const ofScript = flock === "script" || flock === "likely-script";
  return holder.locks.some((lock) => isForeign(lock) && !(lock.api === "flock" && ofScript));
}

/** It has the database itself open in a way in which SQLite never has it, and may write over it (cp, a restore). */
function mayOverwrite({ handles }: Pick<Holder, "handles">): boolean {
  return handles.some((handle) => whyNotSqlite(handle) === "write-only" && !handle.deleted && !handle.moved);
}

/** Each role once. */
function rolesOf({ handles }: Pick<Holder, "handles">, matches: (handle: Handle) => boolean): CompanionRole[] {
  return [
    ...new Set(
      handles.flatMap((handle) => {
        const { role, deleted, moved } = handle;
        return role === "database" || role === "super-journal" || deleted || moved || !matches(handle) ? [] : role;
      }),
    ),
  ];
}

/** It would lose the bytes that it is reading if another process rolled them back, or checkpointed them. */
function mayCopy(holder: Holder): boolean {
  return rolesOf(holder, ({ access }) => access !== "path").some(
    (role) => role === "journal" || (role === "wal" && !fits(role, holder.locks)),
  );
}

function fits(role: CompanionRole, locks: readonly Lock[]): boolean {
  const has = (...names: readonly Lock["name"][]) => locks.some((lock) => !lock.waiting && names.includes(lock.name));
  switch (role) {
    case "journal":
      return has("RESERVED", "PENDING", "EXCLUSIVE", "SHARED");
    case "wal":
      return has("SHARED", "EXCLUSIVE");
    case "shm":
      return has("EXCLUSIVE") || (has("SHARED") && has("DMS"));
  }
}

function isForeign(lock: Lock): boolean {
  return lock.name === "FOREIGN" && !lock.waiting;
}
