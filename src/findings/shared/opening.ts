/** Whether a remedy may open the database: every rule whose remedy does asks here. Pure. */
import type { Related } from "../../model/relate.ts";
import type { Holder } from "../../model/report.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { isSomebodyHidden } from "../../model/unseen-processes.ts";
import { useWithoutLocks } from "../../model/use-without-locks.ts";
import { asRoot } from "../../text/as-root.ts";
import { list } from "../../text/list.ts";
import { fileName } from "../../text/role.ts";
import { shellQuoted } from "../../text/shell.ts";
import { unseenCount } from "../../text/unseen.ts";
import type { Subject } from "./record.ts";

/**
 * Which process could lose data if the database were opened, or a file of it removed: a clause, without a full stop.
 * Null where none could.
 */
export function whoCouldLose({ database, snapshot }: Pick<Subject, "database" | "snapshot">): string | null {
  const use = useWithoutLocks(database);
  const users = [...use.writers, ...use.readers];
  if (users.length > 0) return `${who(users, "has", "have")} the ${list(companionsOf(users))} open`;
  if (use.overwriters.length > 0)
    return `${who(use.overwriters, "has", "have")} the database file open for writing, but not through SQLite`;
  const folder = shmFolder(snapshot, database.path);
  if (folder !== null)
    return `${shellQuoted(folder)} is a folder, likely the lock of a program that uses the database exclusively`;
  if (database.lockDirectory !== null)
    return `${shellQuoted(database.lockDirectory.path)} exists, a lock that SQLite's default locking does not see`;
  if (use.foreign.length > 0) return `${who(use.foreign, "holds", "hold")} a lock that is not one of SQLite's`;
  if (use.foreignUnowned) return "an unknown process holds a lock that is not one of SQLite's";
  return whoIsHidden(snapshot, database);
}

/** The -shm, where a folder has its name: ncruces/go-sqlite3 with dot-file locks makes one as a lock. */
function shmFolder({ databases }: Pick<Snapshot, "databases">, path: string): string | null {
  const odd = databases.find(({ target }) => target.path === path)?.target.oddCompanions ?? [];
  return odd.find(({ role, type }) => role === "shm" && type === "folder")?.path ?? null;
}

/** Instead of opening it: sentences. `loser`: the process that could lose by it. */
export function notYet(loser: string, { database, snapshot }: Pick<Subject, "database" | "snapshot">): string {
  return `Do not open it yet: ${loser}. When that is settled, inspect it again: ${whoHolds(database, snapshot)}.`;
}

/** As root, where root sees more. */
function whoHolds({ path }: Pick<Related, "path">, { unseen, viewer }: Pick<Snapshot, "unseen" | "viewer">): string {
  const command = `sqlock who-holds ${shellQuoted(path)}`;
  return unseen?.asRoot === true ? asRoot(command, viewer) : command;
}

/** Why a process may have the database open without being seen: a clause. Null where none can. */
export function whoIsHidden(snapshot: Snapshot, database: Pick<Related, "path">): string | null {
  if (!isSomebodyHidden(snapshot)) return null;
  if (snapshot.locksOnly) return "processes that have it open without a lock were not searched for (--locks-only)";
  if (snapshot.partialView || snapshot.unseen === null)
    return "other processes may have it open where they cannot be seen from here";
  const { asRoot: seenByRoot, remedy } = snapshot.unseen;
  return (
    `${unseenCount(snapshot.unseen)} could not be inspected ` +
    `(to see them${seenByRoot === true ? `: ${whoHolds(database, snapshot)}` : `, ${remedy}`})`
  );
}

/**
 * A condition of the remedy where root could inspect every process but init, with a comma and a space before it; ""
 * where it could inspect all.
 */
export function unlessHidden({ unseen }: Pick<Snapshot, "unseen">): string {
  return unseen === null
    ? ""
    : `, once you are sure that no other process uses it (${unseenCount(unseen)} could not be inspected: ` +
        `${unseen.remedy})`;
}

/** `4242 has`. Pids alone: a name must not put a line of its own into a remedy. */
function who(holders: readonly Holder[], one: string, several: string): string {
  return `${list(holders.map(({ pid }) => pid))} ${holders.length === 1 ? one : several}`;
}

/** `-journal`. */
function companionsOf(holders: readonly Holder[]): string[] {
  const roles = holders.flatMap(({ handles }) => handles.map(({ role }) => role).filter((role) => role !== "database"));
  return [...new Set(roles)].map(fileName);
}
