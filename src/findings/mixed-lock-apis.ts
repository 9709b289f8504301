import type { Handle, Holder, Lock } from "../model/report.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { lockKind } from "./lock-directory.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** Programs that lock by schemes that do not see each other. Source: os_unix.c (unix, unix-flock, unix-dotfile). */
const rule: Rule = ({ database }) => {
  const ranges = database.holders.filter((holder) => holder.locks.some(isOfSqlite));
  const rangesUnowned = database.unownedLocks.some(isOfSqlite);
  const flocks = database.holders.filter((holder) => holder.locks.some(isFlock));
  const flocksUnowned = database.unownedLocks.some(isFlock);
  const schemes: string[] = [];
  const who = (holders: readonly Holder[], unowned: boolean) => [
    ...holders.map(nameOf),
    ...(unowned ? ["somebody unknown"] : []),
  ];
  if (ranges.length > 0 || rangesUnowned)
    schemes.push(`${list(who(ranges, rangesUnowned))} with byte-range locks (SQLite's default)`);
  if (flocks.length > 0 || flocksUnowned)
    schemes.push(`${list(who(flocks, flocksUnowned))} with flock (a script with flock(1), or SQLite's unix-flock)`);
  if (database.lockDirectory !== null)
    schemes.push(`somebody with the ${lockKind(database.lockDirectory)} ${database.lockDirectory.path} (unix-dotfile)`);
  if (schemes.length < 2) return [];
  // SQLite opens the database to write; flock(1), whose children inherit the lock, to read.
  const script =
    database.lockDirectory === null && !flocksUnowned && flocks.every((holder) => !holder.handles.some(isOpenToWrite));
  return [
    {
      severity: script ? "info" : "warning",
      pids: [...new Set([...ranges, ...flocks].map((holder) => holder.pid))],
      summary: script
        ? `The flock of ${list(flocks.map(nameOf))} keeps no program out that uses SQLite's default locks, nor do ` +
          "those keep it out."
        : "The programs that use this database lock it in different ways, which do not keep each other out: if two " +
          "of them write, they can do so at once and corrupt it.",
      detail: `${schemes.join("; ")}.`,
      remedy:
        "Let all programs lock in the same way: SQLite's default VFS (unix) everywhere. A script that means to " +
        "keep SQLite out by flock does not: use sqlite3 with BEGIN IMMEDIATE, or .backup, instead.",
    },
  ];
};

const isFlock = (lock: Lock) => lock.api === "flock" && lock.role === "database" && !lock.waiting;

const isOpenToWrite = (handle: Handle) => handle.role === "database" && handle.access === "read-write";

/** Those on the -shm file are byte ranges in every build, also where the database is locked by flock. */
const isOfSqlite = (lock: Lock) => lock.name !== "FOREIGN" && lock.role === "database" && !lock.waiting;

export const mixedLockApis = defineFinding({
  id: "mixed-lock-apis",
  severity: "warning",
  needs: "locks",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { unless: "info", forcible: false, why: "SQLite would not see that they are at work" },
  rule,
});
