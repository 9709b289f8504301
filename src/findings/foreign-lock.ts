import { blocksSomebody } from "../model/blockers.ts";
import { flockOf } from "../model/not-sqlite.ts";
import type { Holder, Lock } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { isLikelyTurso } from "../model/turso.ts";
import { asRoot } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** A lock on one of the database's files that SQLite did not take. */
const rule: Rule = ({ database, snapshot }) => {
  // A flock belongs to the open file, which children inherit: they and the process that took it show one lock.
  const alike = new Map<string, Holder[]>();
  for (const holder of database.holders) {
    const locks = holder.locks.filter(isForeign);
    if (locks.length === 0) continue;
    const key = `${blocks(holder)} ${takenBy(holder)} ${locks.map(described)}`;
    alike.set(key, [...(alike.get(key) ?? []), holder]);
  }
  const unowned = database.unownedLocks.filter(isForeign);
  return [
    ...[...alike.values()].map(owned),
    ...(unowned.length === 0 ? [] : [ofUnknown(unowned, database.path, snapshot)]),
  ];
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

function ofUnknown(locks: readonly Lock[], path: string, { viewer }: Pick<Snapshot, "viewer">): Diagnosis {
  const which = list([...new Set(locks.map(described))]);
  const command = `sqlock who-holds ${shellQuoted(path)}`;
  return {
    pids: [],
    summary: `An unknown process holds a lock that is not one of SQLite's: ${which}.`,
    detail: detailOf(locks, locks.every(isFlock) ? "likely-script" : "other"),
    remedy:
      viewer.uid === 0
        ? "Run sqlock again, on the host if this is a container: the owner of the lock is not visible from here."
        : `Root may see which process has the lock: ${asRoot(command, viewer)}.`,
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
        "keeps the locks until it closes them; no other program is known to lock a -wal. Whether it has a " +
        "transaction open cannot be seen from outside. Until it closes them, programs that use SQLite get 'database " +
        "is locked'."
      );
    case "own":
      return (
        "It has a companion file open for writing, and locks the database with this flock instead of SQLite's " +
        "default locks: likely ncruces/go-sqlite3 built with flock (sqlite3_flock), or SQLite's unix-flock. A flock " +
        "keeps out programs that lock in the same way, but not programs that use SQLite's default locks."
      );
    case "script":
      return (
        "It belongs to a script, which took it with flock(1); the command that the script starts inherits it. " +
        "(SQLite has no descriptor like the one through which it is held.) It keeps out programs that also take a " +
        "flock, such as the next run of the same job, but not programs that use SQLite's default locks."
      );
    case "likely-script":
      return (
        "A flock does not keep out SQLite's default locking. Likely it belongs to a script (flock(1)); it may also " +
        "be that of SQLite's unix-flock, which few builds for Linux have, and which keeps out programs that lock in " +
        "the same way."
      );
    case "other":
      return locks.every(isFlock)
        ? detailOf(locks, "likely-script")
        : "SQLite's locks are on the bytes from 1073741824 to 1073742335 of the database and from 120 to 128 of the " +
            "-shm, and never cross their borders. Where this one covers such bytes, programs that use SQLite get " +
            "'database is locked'.";
  }
}

function remedyOf(by: TakenBy): string {
  switch (by) {
    case "turso":
      return (
        "Close the database in that program, or shut it down cleanly; then programs that use SQLite can open it. " +
        "Turso does not share a database with other programs: let only one program use it at a time, or use SQLite " +
        "in all of them."
      );
    case "own":
      return (
        "Let all programs that use the database lock in the same way: with SQLite's default VFS (unix); in Go, with " +
        "a build without sqlite3_flock."
      );
    case "script":
      return (
        "Nothing, if it is meant to keep two runs of one job apart. It does not keep out programs that use SQLite: " +
        "for that, use BEGIN IMMEDIATE, or .backup."
      );
    case "likely-script":
    case "other":
      return (
        "Find out what the program is for (a backup, a synchroniser, an antivirus scanner?), and let it finish. " +
        "Configure it to leave the live database alone: back up with sqlite3's .backup or VACUUM INTO instead."
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
