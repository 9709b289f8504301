import { flockOf } from "../model/not-sqlite.ts";
import type { Related } from "../model/relate.ts";
import type { Holder, Lock } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { lockKind } from "./lock-directory.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** Programs that lock by schemes that do not see each other. Source: os_unix.c (unix, unix-flock, unix-dotfile). */
const rule: Rule = ({ database, snapshot }) => {
  const ranges = database.holders.filter((holder) => holder.locks.some(isOfSqlite));
  const rangesUnowned = database.unownedLocks.some(isOfSqlite);
  const flocks = database.holders.filter((holder) => {
    const flock = flockOf(holder);
    return flock === "any" || flock === "own";
  });
  const flocksUnowned = database.unownedLocks.some(isFlock);
  const schemes: string[] = [];
  if (ranges.length > 0 || rangesUnowned)
    schemes.push(`${list(who(ranges, rangesUnowned))} with byte-range locks (SQLite's default)`);
  if (flocks.length > 0 || flocksUnowned)
    schemes.push(`${list(who(flocks, flocksUnowned))} with flock (a script with flock(1), or SQLite's unix-flock)`);
  if (database.lockDirectory !== null)
    schemes.push(
      `an unknown process with the ${lockKind(database.lockDirectory)} ${database.lockDirectory.path} (unix-dotfile)`,
    );
  if (schemes.length < 2) return besideScripts(database, snapshot);
  return [
    {
      pids: [...new Set([...ranges, ...flocks].map((holder) => holder.pid))],
      summary:
        "The programs that use this database lock it in different ways, which do not keep each other out: two of " +
        "them can write at the same time and corrupt it.",
      detail: `${schemes.join("; ")}.`,
      remedy: REMEDY,
    },
  ];
};

/** Processes with SQLite's locks while a script that did not start them has a flock: it may mean to keep them out. */
function besideScripts(database: Related, { processes }: Snapshot): Diagnosis[] {
  const scripts = database.holders.filter((holder) => flockOf(holder)?.endsWith("script") === true);
  if (scripts.length === 0) return [];
  const others = database.holders.filter(
    (holder) => holder.locks.some(isOfSqlite) && !isOrComesFrom(holder, scripts, processes),
  );
  const unowned = database.unownedLocks.some(isOfSqlite);
  if (others.length === 0 && !unowned) return [];
  return [
    {
      severity: "info",
      pids: [...others, ...scripts].map((holder) => holder.pid),
      summary:
        `The flock of ${list(scripts.map(nameOf))} does not keep out programs that use SQLite's default locks, and ` +
        "they do not keep it out.",
      detail:
        `${list(who(others, unowned))} with byte-range locks (SQLite's default); ${list(scripts.map(nameOf))} with ` +
        "flock (a script with flock(1)).",
      remedy: REMEDY,
    },
  ];
}

/** It has the flock itself, inherited, or one of its ancestors has it (`flock -o` closes it in the command). */
function isOrComesFrom(holder: Holder, scripts: readonly Holder[], processes: Snapshot["processes"]): boolean {
  const pids = new Set(scripts.map(({ pid }) => pid));
  let pid: number | null = holder.pid;
  // Pids that were used again can make a circle of parents.
  for (let i = 0; pid !== null && i <= processes.size; i++) {
    if (pids.has(pid)) return true;
    pid = processes.get(pid)?.parentPid ?? (pid === holder.pid ? holder.parentPid : null);
  }
  return false;
}

const REMEDY =
  "Let all programs lock in the same way: use SQLite's default VFS (unix) everywhere. A script cannot keep SQLite " +
  "out with flock: use sqlite3 with BEGIN IMMEDIATE, or .backup, instead.";

function who(holders: readonly Holder[], unowned: boolean): string[] {
  return [...holders.map(nameOf), ...(unowned ? ["an unknown process"] : [])];
}

const isFlock = (lock: Lock) => lock.api === "flock" && lock.role === "database" && !lock.waiting;

/** Those on the -shm file are byte ranges in every build, also where the database is locked by flock. */
const isOfSqlite = (lock: Lock) => lock.name !== "FOREIGN" && lock.role === "database" && !lock.waiting;

export const mixedLockApis = defineFinding({
  id: "mixed-lock-apis",
  severity: "warning",
  needs: "locks",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { unless: "info", forcible: false, why: "SQLite would not see that they use the database" },
  rule,
});
