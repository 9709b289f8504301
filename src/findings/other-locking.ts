import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import type { DatabaseSnapshot } from "../model/snapshot.ts";
import { openUnlocked, unseenUse } from "../model/unseen-use.ts";
import { descriptorsOf, nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { suspectsOfLostLocks } from "./lost-locks.ts";
import { ancestorWithSameHandles, isLeftByParent } from "./shared/forks.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyWhileStopped, openNothing } from "./shared/unseen-writer.ts";

/**
 * A process uses the database, and by none of SQLite's default locks. Those that have lost theirs are another finding;
 * so are the lock directory and what a fork leaves.
 */
const rule: Rule = ({ database, seen }) => {
  const lost = new Set(suspectsOfLostLocks(database));
  const writers = unseenUse(database).writers.filter(
    (holder) =>
      holder.complete &&
      holder.handles.some(({ role }) => role === "database") &&
      !lost.has(holder) &&
      !holder.blocks.includes("readers") && // its own kind of lock keeps SQLite out as well (foreign-lock)
      ancestorWithSameHandles(holder, database.holders) === null &&
      !(database.journalMode === "wal" && isLeftByParent(holder)) &&
      database.lockDirectory === null,
  );
  const openers = database.holders.filter(
    (holder) =>
      database.lockDirectory === null &&
      !writers.includes(holder) &&
      !lost.has(holder) &&
      holder.locks.length === 0 &&
      isOpenedOtherwise(holder, seen),
  );
  return [...writers.map((holder) => writer(holder, database)), ...(openers.length === 0 ? [] : [opener(openers)])];
};

function writer(holder: Holder, database: Related): Diagnosis {
  const files = list(openUnlocked(holder).map(fileName));
  const flock = holder.locks.some((lock) => lock.name === "FOREIGN" && lock.api === "flock");
  const foreign = holder.locks.some((lock) => lock.name === "FOREIGN");
  const scheme = flock
    ? "It has locked the database by flock: likely by SQLite's unix-flock."
    : foreign
      ? "Its lock is none of SQLite's: likely it is another program's own scheme."
      : "Likely it locks in a way that the kernel does not show, or not at all (nolock=1, vfs=unix-none), or has its " +
        "files from a parent that has ended.";
  return {
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} has the ${files} open to write, and none of the locks of SQLite's default locking that go ` +
      "with it: programs with that locking do not see that it works, and the database can be corrupted.",
    detail: `It has the files open (descriptors ${descriptorsOf(holder.handles)}); several looks agree. ${scheme}`,
    remedy:
      `Let it finish, or end it in order. ${openNothing(database)}${copyWhileStopped(holder, database)}` +
      "\nLet all programs that use the database lock in the same way: SQLite's default VFS (unix).",
  };
}

/** To write, and not as SQLite opens a database. */
function isOpenedOtherwise(holder: Holder, { handles }: DatabaseSnapshot): boolean {
  return (handles.get(holder.pid) ?? []).some(
    ({ role, info, deleted, moved }) =>
      role === "database" && info?.access === "read-write" && info.noFollow === false && !deleted && !moved,
  );
}

function opener(holders: readonly Holder[]): Diagnosis {
  const one = holders.length === 1;
  return {
    severity: "info",
    pids: holders.map(({ pid }) => pid),
    summary:
      `${list(holders.map(nameOf))} ${one ? "has" : "have"} the database open to write, and not as SQLite opens it: ` +
      `how ${one ? "it locks" : "they lock"} it cannot be seen.`,
    detail:
      "SQLite 3.31 and later opens a database with O_NOFOLLOW, and this descriptor is without it. It may be " +
      "node-sqlite3-wasm, which locks by a directory and cannot use WAL mode, a program that serves the file to " +
      "others (FUSE, virtiofs, 9p), or a SQLite that is older.",
    remedy: "Before anything changes the database beside it (its journal mode, a restore), end it.",
  };
}

export const otherLocking = defineFinding({
  id: "other-locking",
  severity: "error",
  needs: "locks",
  transient: "in-every-look",
  moreLooks: 9, // as lost-locks: a connection that is just opened or closed looks the same
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: true, why: "a program that does not use SQLite's default locking cannot use WAL mode" },
  rule,
});
