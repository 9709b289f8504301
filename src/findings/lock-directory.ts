import { knowsLocks } from "../model/source.ts";
import { duration } from "../text/duration.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/**
 * The lock of unix-dotfile and of node-sqlite3-wasm: a directory, which names nobody and survives a crash. Source:
 * os_unix.c (dotlockLock).
 */
const rule: Rule = ({ database, snapshot }) => {
  const lock = database.lockDirectory;
  if (lock === null) return [];
  const known = knowsLocks(snapshot.source);
  const unlocked = database.holders.filter(
    (holder) => holder.locks.length === 0 && holder.handles.some((handle) => handle.role === "database"),
  );
  const age = duration(Math.max(0, snapshot.takenAt.getTime() - lock.since.getTime()));
  return [
    {
      pids: unlocked.map((holder) => holder.pid),
      summary:
        `${lock.path} is a lock directory, ${age} old: programs that lock in this way get 'database is locked' ` +
        "until it is gone.",
      detail:
        "SQLite's unix-dotfile and node-sqlite3-wasm lock by making it. It names no process and survives a crash, " +
        "so who made it cannot be known. " +
        (unlocked.length === 0
          ? `Nobody who is visible has the database open${known ? " without a lock" : ""}: likely whoever made it ` +
            "is gone."
          : !known
            ? `It may be one of those who have the database open: ${list(unlocked.map(nameOf))}.`
            : `Of those who have the database open, ${list(unlocked.map(nameOf))} hold` +
              `${unlocked.length === 1 ? "s" : ""} no other lock.`),
      remedy:
        "End the program that locks in this way, in order, if it runs. Only when it surely does not run, here or " +
        `on another machine: rmdir ${shellQuoted(lock.path)}.`,
    },
  ];
};

export const lockDirectory = defineFinding({
  id: "lock-directory",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "who locks in that way is not kept out, and cannot use WAL" },
  rule,
});
