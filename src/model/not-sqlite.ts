/**
 * Descriptors of a database that no connection of SQLite has: those of scripts, copying programs and whoever inherited
 * them. Pure. Source: os_unix.c (robust_open sets O_CLOEXEC; unixOpen opens to read, or to read and write; flockLock
 * takes LOCK_EX alone), flock(1).
 */
import type { Handle, Holder, Lock } from "./report.ts";

/**
 * `script-lock`: it has a flock, and SQLite has no such descriptor. `likely-script-lock`: it has a flock and cannot
 * write; a connection of unix-flock that only reads would look the same. `write-only`: SQLite opens no database to
 * write alone. `kept-over-exec`: SQLite sets close-on-exec on its descriptors. `opens-nothing`: O_PATH.
 */
export type NotSqlite = "script-lock" | "likely-script-lock" | "write-only" | "kept-over-exec" | "opens-nothing";

type Opened = Pick<Handle, "role" | "access" | "closeOnExec" | "flock">;

/** Null where it may be that of a connection, and for companion files. */
export function whyNotSqlite({ role, access, closeOnExec, flock }: Opened): NotSqlite | null {
  if (role !== "database") return null;
  if (access === "path") return "opens-nothing";
  if (flock !== undefined) {
    if (flock === "read" || access === "write" || closeOnExec === false) return "script-lock";
    return access === "read" ? "likely-script-lock" : null;
  }
  if (access === "write") return "write-only";
  return closeOnExec === false ? "kept-over-exec" : null;
}

/** The descriptors that may be those of connections. */
export function connectionHandles<T extends Opened>(handles: readonly T[]): T[] {
  return handles.filter((handle) => whyNotSqlite(handle) === null);
}

/**
 * Whose the flock of a holder on the database is: a script's (flock(1), and the command that it started), likely so,
 * perhaps that of SQLite's unix-flock, or `own`: that of a program which has a companion file open to write, and by
 * which it locks instead of SQLite's locks (unix-flock in a transaction; ncruces/go-sqlite3 built with flock, to read
 * as well). Null where it has none.
 */
export function flockOf({
  handles,
  locks,
}: Pick<Holder, "handles" | "locks">): "script" | "likely-script" | "any" | "own" | null {
  if (!locks.some(({ api, role, waiting }) => api === "flock" && role === "database" && !waiting)) return null;
  if (locksByFlock(handles, locks)) return "own";
  const kinds = handles
    .filter(({ role, flock }) => role === "database" && flock !== undefined)
    .map((handle) => whyNotSqlite(handle));
  if (kinds.length === 0 || kinds.includes(null)) return "any";
  return kinds.includes("likely-script-lock") ? "likely-script" : "script";
}

/** The flock is on a descriptor that a connection may have, and no lock of SQLite's on the database goes with it. */
function locksByFlock(handles: readonly Handle[], locks: readonly Lock[]): boolean {
  const isOpen = ({ access, deleted, moved }: Handle) => access === "read-write" && !deleted && !moved;
  return (
    handles.some((each) => each.role === "database" && isOpen(each) && each.flock && each.closeOnExec !== false) &&
    handles.some((each) => each.role !== "database" && isOpen(each)) &&
    !locks.some(({ name, role, waiting }) => role === "database" && name !== "FOREIGN" && !waiting)
  );
}
