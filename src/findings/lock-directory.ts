import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { knowsLocks } from "../model/source.ts";
import { openUnlocked } from "../model/use-without-locks.ts";
import { asUser } from "../text/as-root.ts";
import { duration } from "../text/duration.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoIsHidden } from "./shared/opening.ts";
import { ownerOf } from "./shared/owner.ts";
import { defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { copyWhileStopped, openNothing } from "./shared/unseen-writer.ts";

type LockDirectory = NonNullable<Related["lockDirectory"]>;

/** The lock of unix-dotfile is a directory, that of ncruces/go-sqlite3 with dot-file locks a file. */
export function lockKind({ pid }: Pick<LockDirectory, "pid">): "directory" | "file" {
  return pid === undefined ? "directory" : "file";
}

/**
 * The lock of unix-dotfile and of node-sqlite3-wasm: a directory, which names no process and survives a crash. That of
 * ncruces/go-sqlite3 is a file with a pid. Source: os_unix.c (dotlockLock); ncruces/go-sqlite3, `internal/dotlk`.
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const lock = database.lockDirectory;
  if (lock === null) return [];
  const known = knowsLocks(snapshot.source);
  const candidates = database.holders.filter(
    (holder) => holder.locks.length === 0 && holder.handles.some((handle) => handle.role === "database"),
  );
  const itself = candidates.filter(({ pid }) => pid === lock.pid);
  const unlocked = itself.length > 0 ? itself : candidates;
  const writers = unlocked.filter((holder) => openUnlocked(holder).length > 0);
  const hidden = whoIsHidden(snapshot, database);
  const remove = asUser(
    ownerOf(seen),
    `${lock.pid === undefined ? "rmdir" : "rm"} ${shellQuoted(lock.path)}`,
    snapshot.viewer,
  );
  const age = duration(Math.max(0, snapshot.takenAt.getTime() - lock.since.getTime()));
  const endangered =
    (writers.length > 0 && database.journal?.header === "valid") || database.beyondHeader !== undefined;
  return [
    {
      severity: endangered ? "error" : "warning",
      pids: unlocked.map((holder) => holder.pid),
      summary:
        `${lock.path} is a lock ${lock.pid === undefined ? "directory" : `file of process ${lock.pid}`}, ${age} old: ` +
        `programs that lock in this way get 'database is locked' until it is gone${
          endangered
            ? ". Other programs do not see that a process is writing; if one opens it, the database can be corrupted"
            : ""
        }.`,
      detail:
        madeBy(lock) +
        (unlocked.length === 0
          ? `No process that can be seen has the database open${known ? " without a lock" : ""}: likely the process ` +
            "that made it is gone."
          : !known
            ? `It may belong to a process that has the database open: ${list(unlocked.map(nameOf))}.`
            : `Of the processes that have the database open, ${list(unlocked.map(nameOf))} ` +
              `${unlocked.length === 1 ? "holds" : "hold"} no other lock.`) +
        (writers.length === 0
          ? ""
          : ` ${list(writers.map(nameOf))} ${writers.length === 1 ? "has" : "have"} the ` +
            `${list([...new Set(writers.flatMap(openUnlocked))].map(fileName))} open for writing: likely the lock is ` +
            "in use."),
      remedy:
        unlocked.length > 0
          ? remedyBeside(unlocked, writers[0] ?? null, { database, snapshot }, lock)
          : hidden !== null
            ? `Do not remove it before you know that no program that locks in this way is running: ${hidden}.`
            : "If a program that locks in this way is running, shut it down cleanly. Only if none is running, " +
              `neither here nor on another machine: ${remove}.` +
              (database.journal?.header === "valid"
                ? ` Then run sqlock who-holds ${shellQuoted(database.path)} again: the -journal beside the database ` +
                  "may belong to a dead writer."
                : ""),
    },
  ];
};

/** With a space at its end. */
function madeBy({ pid }: LockDirectory): string {
  return pid === undefined
    ? "SQLite's unix-dotfile and node-sqlite3-wasm lock by creating it. It names no process and survives a crash, so " +
        "which process created it is unknown. "
    : `It contains only the number ${pid}: likely it was created by a Go program that uses ncruces/go-sqlite3 built ` +
        "with dot-file locks (sqlite3_dotlk). It survives a crash, until such a program finds no process with that " +
        "number. ";
}

/** It may be the lock of one of them: nothing is removed, and nothing opened. */
function remedyBeside(
  holders: readonly Holder[],
  writer: Holder | null,
  { database, snapshot }: Pick<Subject, "database" | "snapshot">,
  lock: LockDirectory,
): string {
  const them = holders.length === 1 ? "it" : "them";
  const beside =
    writer === null ? "" : ` ${openNothing(database)}${copyWhileStopped(writer, database, snapshot.viewer)}`;
  return (
    `Let ${list(holders.map(({ pid }) => pid))} finish, or shut ${them} down cleanly, without a signal: a signal may ` +
    `leave the ${lockKind(lock)} behind. Do not remove it before that.${beside}`
  );
}

export const lockDirectory = defineFinding({
  id: "lock-directory",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "programs that lock in that way are not kept out, and cannot use WAL" },
  rule,
});
