import { list, nameOf } from "../phrases.ts";
import type { Holder, Lock } from "../report.ts";
import type { Rule } from "./rule.ts";

/** Programs that lock by schemes that do not see each other. Source: os_unix.c (unix, unix-flock, unix-dotfile). */
export const mixedLockApis: Rule = ({ database }) => {
  const ranges = database.holders.filter((holder) => holder.locks.some(isOfSqlite));
  const rangesUnowned = database.unownedLocks.some(isOfSqlite);
  const flocks = database.holders.filter((holder) => holder.locks.some(isFlock));
  const flocksUnowned = database.unownedLocks.some(isFlock);
  const schemes: string[] = [];
  const who = (holders: readonly Holder[], unowned: boolean) => [...holders.map(nameOf), ...(unowned ? ["somebody unknown"] : [])];
  if (ranges.length > 0 || rangesUnowned) schemes.push(`${list(who(ranges, rangesUnowned))} with byte-range locks (SQLite's default)`);
  if (flocks.length > 0 || flocksUnowned) schemes.push(`${list(who(flocks, flocksUnowned))} with flock (a script with flock(1), or SQLite's unix-flock)`);
  if (database.lockDirectory !== null) schemes.push(`somebody with the directory ${database.lockDirectory.path} (unix-dotfile)`);
  if (schemes.length < 2) return [];
  return [
    {
      id: "mixed-lock-apis",
      severity: "warning",
      pids: [...new Set([...ranges, ...flocks].map((holder) => holder.pid))],
      summary:
        "The programs that use this database lock it in different ways, which do not keep each other out: if two of them write, they can do so at once and corrupt it.",
      detail: `${schemes.join("; ")}.`,
      remedy:
        "Let all programs lock in the same way: SQLite's default VFS (unix) everywhere. A script that means to keep SQLite out by flock does not: use sqlite3 with BEGIN IMMEDIATE, or .backup, instead.",
    },
  ];
};

const isFlock = (lock: Lock) => lock.api === "flock" && lock.role === "database" && !lock.waiting;

const isOfSqlite = (lock: Lock) => lock.name !== "FOREIGN" && !lock.waiting;
