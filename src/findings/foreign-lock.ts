import { blocksSomebody } from "../model/blockers.ts";
import type { Holder, Lock } from "../model/report.ts";
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
    const key = `${blocks(holder)} ${locks.map(described)}`;
    alike.set(key, [...(alike.get(key) ?? []), holder]);
  }
  const owned = [...alike.values()].map((holders): Diagnosis => {
    const locks = holders[0]?.locks.filter(isForeign) ?? [];
    return {
      severity: holders.some(blocks) ? "warning" : "info",
      pids: holders.map((holder) => holder.pid),
      summary:
        `${list(holders.map(nameOf))} ${holders.length === 1 ? "holds" : "hold"} a lock that is not one of ` +
        `SQLite's: ${list([...new Set(locks.map(described))])}.`,
      detail: detailOf(locks),
      remedy:
        "See what the program is for (a backup, a synchroniser, an antivirus scanner?), and let it finish. Have it " +
        "leave the live database alone: back up with sqlite3's .backup or VACUUM INTO instead.",
    };
  });
  const unowned = database.unownedLocks.filter(isForeign);
  if (unowned.length === 0) return owned;
  return [
    ...owned,
    {
      pids: [],
      summary:
        `An unknown process holds a lock that is not one of SQLite's: ${list([...new Set(unowned.map(described))])}` +
        ".",
      detail: detailOf(unowned),
      remedy: "Look again as root, which can see whose descriptor has the lock.",
    },
  ];
};

function blocks(holder: Holder): boolean {
  return blocksSomebody(holder) && !holder.locks.filter(isForeign).every((lock) => lock.api === "flock");
}

const isForeign = (lock: Lock) => lock.name === "FOREIGN" && !lock.waiting;

function described(lock: Lock): string {
  const file = `the ${fileName(lock.role)}`;
  if (lock.api === "flock") return `a flock on ${file}`;
  return `a ${lock.type} lock (${lock.api}) on bytes ${lock.start} to ${lock.end ?? "the end"} of ${file}`;
}

function detailOf(locks: readonly Lock[]): string {
  return locks.every((lock) => lock.api === "flock")
    ? "A flock does not keep out SQLite's default locking. Likely it is a script's (flock(1)); it may be that of " +
        "SQLite's unix-flock, which few builds for Linux have, and keeps out everybody who locks in the same way."
    : "SQLite's locks are on the bytes from 1073741824 to 1073742335 of the database and from 120 to 128 of the " +
        "-shm, none across their borders. Where this one covers such bytes, SQLite's programs get 'database is " +
        "locked'.";
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
