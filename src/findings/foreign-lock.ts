import { blocksSomebody } from "../model/blockers.ts";
import { flockOf } from "../model/not-sqlite.ts";
import type { Holder, Lock } from "../model/report.ts";
import { isLikelyTurso } from "../model/turso.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** A lock on one of the database's files that SQLite did not take. */
const rule: Rule = ({ database }) => {
  // A flock belongs to the open file, which children inherit: they and whoever took it show one lock.
  const alike = new Map<string, Holder[]>();
  for (const holder of database.holders) {
    const locks = holder.locks.filter(isForeign);
    if (locks.length === 0) continue;
    const key = `${blocks(holder)} ${takenBy(holder)} ${locks.map(described)}`;
    alike.set(key, [...(alike.get(key) ?? []), holder]);
  }
  const unowned = database.unownedLocks.filter(isForeign);
  return [...[...alike.values()].map(owned), ...(unowned.length === 0 ? [] : [ofUnknown(unowned)])];
};

function owned(holders: readonly Holder[]): Diagnosis {
  const locks = holders[0]?.locks.filter(isForeign) ?? [];
  const by = holders[0] === undefined ? "other" : takenBy(holders[0]);
  const names = list(holders.map(nameOf));
  const which = list([...new Set(locks.map(described))]);
  return {
    severity: holders.some(blocks) ? "warning" : "info",
    pids: holders.map((holder) => holder.pid),
    summary:
      `${names} ${holders.length === 1 ? "holds" : "hold"} a lock that is not one of SQLite's` +
      `${by === "turso" ? ", likely that of Turso (Limbo)" : ""}: ${which}.`,
    detail: detailOf(locks, by),
    remedy: remedyOf(by),
  };
}

function ofUnknown(locks: readonly Lock[]): Diagnosis {
  const which = list([...new Set(locks.map(described))]);
  return {
    pids: [],
    summary: `An unknown process holds a lock that is not one of SQLite's: ${which}.`,
    detail: detailOf(locks, locks.every(isFlock) ? "likely-script" : "other"),
    remedy: "Look again as root, which can see whose descriptor has the lock.",
  };
}

type TakenBy = "turso" | "own" | "script" | "likely-script" | "other";

function takenBy(holder: Holder): TakenBy {
  if (isLikelyTurso(holder)) return "turso";
  if (!holder.locks.filter(isForeign).every(isFlock)) return "other";
  const flock = flockOf(holder);
  return flock === "script" || flock === "own" ? flock : "likely-script";
}

function blocks(holder: Holder): boolean {
  return blocksSomebody(holder) && !holder.locks.filter(isForeign).every(isFlock);
}

const isForeign = (lock: Lock) => lock.name === "FOREIGN" && !lock.waiting;

const isFlock = (lock: Lock) => lock.api === "flock";

function described(lock: Lock): string {
  const file = `the ${fileName(lock.role)}`;
  if (isFlock(lock)) return `a flock on ${file}`;
  return `a ${lock.type} lock (${lock.api}) on bytes ${lock.start} to ${lock.end ?? "the end"} of ${file}`;
}

function detailOf(locks: readonly Lock[], by: TakenBy): string {
  switch (by) {
    case "turso":
      return (
        "Turso, a rewrite of SQLite in Rust, locks the whole database and the whole -wal when it opens them, and " +
        "keeps the locks until it closes them, whatever it does; no other program is known to lock a -wal. From " +
        "outside it cannot be told whether it has a transaction open. Until then SQLite's programs get 'database is " +
        "locked'."
      );
    case "own":
      return (
        "It has a companion file open to write, and locks the database by this flock instead of SQLite's default " +
        "locks: likely ncruces/go-sqlite3 built with flock (sqlite3_flock), or SQLite's unix-flock. A flock keeps " +
        "out those who lock in the same way, and nobody who uses SQLite's default locks."
      );
    case "script":
      return (
        "It is a script's, as flock(1) takes it, and the command that the script starts inherits it: SQLite has no " +
        "descriptor like the one that it is held through. It keeps out those who take a flock as well, such as the " +
        "next run of the same job, and nobody who uses SQLite's default locks."
      );
    case "likely-script":
      return (
        "A flock does not keep out SQLite's default locking. Likely it is a script's (flock(1)); it may be that of " +
        "SQLite's unix-flock, which few builds for Linux have, and keeps out everybody who locks in the same way."
      );
    case "other":
      return locks.every(isFlock)
        ? detailOf(locks, "likely-script")
        : "SQLite's locks are on the bytes from 1073741824 to 1073742335 of the database and from 120 to 128 of the " +
            "-shm, none across their borders. Where this one covers such bytes, SQLite's programs get 'database is " +
            "locked'.";
  }
}

function remedyOf(by: TakenBy): string {
  switch (by) {
    case "turso":
      return (
        "Close the database in that program, or stop it in its own way; then SQLite's programs can open it. Turso " +
        "shares a database with no other program: let one of them use it at a time, or all of them SQLite."
      );
    case "own":
      return (
        "Let all programs that use the database lock in the same way: SQLite's default VFS (unix), in Go a build " +
        "without sqlite3_flock."
      );
    case "script":
      return (
        "Nothing, where it is to keep two runs of one job apart. It does not keep SQLite's programs out: for that " +
        "use BEGIN IMMEDIATE, or .backup."
      );
    case "likely-script":
    case "other":
      return (
        "See what the program is for (a backup, a synchroniser, an antivirus scanner?), and let it finish. Have it " +
        "leave the live database alone: back up with sqlite3's .backup or VACUUM INTO instead."
      );
  }
}

export const foreignLock = defineFinding({
  id: "foreign-lock",
  severity: "info",
  needs: "locks",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
