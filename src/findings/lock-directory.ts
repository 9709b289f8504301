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
  const writers = unlocked.filter((holder) => openUnlocked(holder).length > 0);
  const hidden = whoIsHidden(snapshot);
  const age = duration(Math.max(0, snapshot.takenAt.getTime() - lock.since.getTime()));
  const endangered = writers.length > 0 && database.journal?.header === "valid";
  return [
    {
      severity: endangered ? "error" : "warning",
      pids: unlocked.map((holder) => holder.pid),
      summary:
        `${lock.path} is a lock directory, ${age} old: programs that lock in this way get 'database is locked' ` +
        `until it is gone${
          endangered
            ? ", and all others do not see that somebody writes: opened by one, the database can be corrupted"
            : ""
        }.`,
      detail:
        "SQLite's unix-dotfile and node-sqlite3-wasm lock by making it. It names no process and survives a crash, " +
        "so who made it cannot be known. " +
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
          ? remedyBeside(unlocked, writers[0] ?? null, database)
          : hidden !== null
            ? `Do not remove it before it is known that nobody who locks in this way runs: ${hidden}.`
            : "End the program that locks in this way, in order, if it runs. Only when it surely does not run, here " +
              `or on another machine: rmdir ${shellQuoted(lock.path)}.` +
              (database.journal?.header === "valid"
                ? " Then look again with sqlock who-holds: the -journal beside the database may be a dead writer's."
                : ""),
    },
  ];
};

/** It may be the lock of one of them: nothing is removed, and nothing opened. */
function remedyBeside(holders: readonly Holder[], writer: Holder | null, database: Related): string {
  const them = holders.length === 1 ? "it" : "them";
  const beside = writer === null ? "" : ` ${openNothing(database)}${copyWhileStopped(writer, database)}`;
  return (
    `Let ${list(holders.map(({ pid }) => pid))} finish, or end ${them} in order, as the program itself does it: ` +
    `after a signal the directory may stay behind. Do not remove it before.${beside}`
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
