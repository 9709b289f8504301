import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { knowsLocks } from "../model/source.ts";
import { openUnlocked } from "../model/unseen-use.ts";
import { duration } from "../text/duration.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoIsHidden } from "./shared/opening.ts";
import { defineFinding, type Rule } from "./shared/record.ts";
import { copyWhileStopped, openNothing } from "./shared/unseen-writer.ts";

type LockDirectory = NonNullable<Related["lockDirectory"]>;

/** The lock of unix-dotfile is a directory, that of ncruces/go-sqlite3 with dot-file locks a file. */
export function lockKind({ pid }: Pick<LockDirectory, "pid">): "directory" | "file" {
  return pid === undefined ? "directory" : "file";
}

/**
 * The lock of unix-dotfile and of node-sqlite3-wasm: a directory, which names nobody and survives a crash. That of
 * ncruces/go-sqlite3 is a file with a pid. Source: os_unix.c (dotlockLock); ncruces/go-sqlite3, `internal/dotlk`.
 */
const rule: Rule = ({ database, snapshot }) => {
  const lock = database.lockDirectory;
  if (lock === null) return [];
  const known = knowsLocks(snapshot.source);
  const candidates = database.holders.filter(
    (holder) => holder.locks.length === 0 && holder.handles.some((handle) => handle.role === "database"),
  );
  const itself = candidates.filter(({ pid }) => pid === lock.pid);
  const unlocked = itself.length > 0 ? itself : candidates;
  const writers = unlocked.filter((holder) => openUnlocked(holder).length > 0);
  const hidden = whoIsHidden(snapshot);
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
            ? ", and all others do not see that somebody writes: opened by one, the database can be corrupted"
            : ""
        }.`,
      detail:
        madeBy(lock) +
        (unlocked.length === 0
          ? `Nobody who is visible has the database open${known ? " without a lock" : ""}: likely whoever made it ` +
            "is gone."
          : !known
            ? `It may be one of those who have the database open: ${list(unlocked.map(nameOf))}.`
            : `Of those who have the database open, ${list(unlocked.map(nameOf))} hold` +
              `${unlocked.length === 1 ? "s" : ""} no other lock.`) +
        (writers.length === 0
          ? ""
          : ` ${list(writers.map(nameOf))} ${writers.length === 1 ? "has" : "have"} the ` +
            `${list([...new Set(writers.flatMap(openUnlocked))].map(fileName))} open to write: likely it is at work.`),
      remedy:
        unlocked.length > 0
          ? remedyBeside(unlocked, writers[0] ?? null, database, lock)
          : hidden !== null
            ? `Do not remove it before it is known that nobody who locks in this way runs: ${hidden}.`
            : "End the program that locks in this way, in order, if it runs. Only when it surely does not run, here " +
              `or on another machine: ${lock.pid === undefined ? "rmdir" : "rm"} ${shellQuoted(lock.path)}.` +
              (database.journal?.header === "valid"
                ? " Then look again with sqlock who-holds: the -journal beside the database may be a dead writer's."
                : ""),
    },
  ];
};

/** With a space at its end. */
function madeBy({ pid }: LockDirectory): string {
  return pid === undefined
    ? "SQLite's unix-dotfile and node-sqlite3-wasm lock by making it. It names no process and survives a crash, so " +
        "who made it cannot be known. "
    : `Its text is the number ${pid} alone: likely a Go program with ncruces/go-sqlite3 that is built with dot-file ` +
        "locks (sqlite3_dotlk) has made it. It survives a crash until such a program finds no process of that number. ";
}

/** It may be the lock of one of them: nothing is removed, and nothing opened. */
function remedyBeside(
  holders: readonly Holder[],
  writer: Holder | null,
  database: Related,
  lock: LockDirectory,
): string {
  const them = holders.length === 1 ? "it" : "them";
  const beside = writer === null ? "" : ` ${openNothing(database)}${copyWhileStopped(writer, database)}`;
  return (
    `Let ${list(holders.map(({ pid }) => pid))} finish, or end ${them} in order, as the program itself does it: ` +
    `after a signal the ${lockKind(lock)} may stay behind. Do not remove it before.${beside}`
  );
}

export const lockDirectory = defineFinding({
  id: "lock-directory",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "who locks in that way is not kept out, and cannot use WAL" },
  rule,
});
