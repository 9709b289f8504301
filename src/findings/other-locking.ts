import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import type { DatabaseSnapshot, Snapshot } from "../model/snapshot.ts";
import { openUnlocked, useWithoutLocks } from "../model/use-without-locks.ts";
import { descriptorsOf, nameOf } from "../text/holder.ts";
import { count, grouped, list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { suspectsOfLostLocks } from "./lost-locks.ts";
import { ancestorWithSameHandles, isLeftByParent } from "./shared/forks.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyWhileStopped, openNothing } from "./shared/unseen-writer.ts";

/**
 * A process uses the database without any of SQLite's default locks. Those that have lost theirs are another finding;
 * so are the lock directory and what a fork leaves.
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const lost = new Set(suspectsOfLostLocks(database));
  const writers = useWithoutLocks(database).writers.filter(
    (holder) =>
      holder.complete &&
      holder.handles.some(({ role }) => role === "database") &&
      !lost.has(holder) &&
      !holder.blocks.includes("readers") && // its own kind of lock keeps SQLite out as well (foreign-lock)
      ancestorWithSameHandles(holder, database.holders) === null &&
      !(database.journalMode === "wal" && isLeftByParent(holder)) &&
      database.lockDirectory === null,
  );
  const spilled = database.holders.filter(
    (holder) =>
      database.lockDirectory === null &&
      !writers.includes(holder) &&
      !lost.has(holder) &&
      database.beyondHeader?.pids.includes(holder.pid) === true,
  );
  const openers = database.holders.filter(
    (holder) =>
      database.lockDirectory === null &&
      !writers.includes(holder) &&
      !lost.has(holder) &&
      !spilled.includes(holder) &&
      holder.locks.length === 0 &&
      isOpenedOtherwise(holder, seen),
  );
  return [
    ...writers.map((holder) => writer(holder, database, snapshot)),
    ...spilled.map((holder) => spilledWriter(holder, database)),
    ...(openers.length === 0 ? [] : [opener(openers)]),
  ];
};

function writer(holder: Holder, database: Related, { viewer }: Pick<Snapshot, "viewer">): Diagnosis {
  const files = list(openUnlocked(holder).map(fileName));
  const flock = holder.locks.some((lock) => lock.name === "FOREIGN" && lock.api === "flock");
  const foreign = holder.locks.some((lock) => lock.name === "FOREIGN");
  const scheme = flock
    ? "It has locked the database with flock: likely SQLite's unix-flock, or ncruces/go-sqlite3 built with flock."
    : foreign
      ? "Its lock is not one of SQLite's: likely it is another program's own scheme."
      : "Likely it locks in a way that the kernel does not show, or not at all (nolock=1, vfs=unix-none), or it " +
        "inherited its files from a parent that has ended.";
  return {
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} has the ${files} open for writing without the locks that SQLite's default locking takes for ` +
      "that: programs that use this locking do not see that it is at work, and the database can be corrupted.",
    detail: `It has the files open (${descriptorsOf(holder.handles)}); several inspections agree. ${scheme}`,
    remedy:
      `Let it finish, or shut it down cleanly. ${openNothing(database)}${copyWhileStopped(holder, database, viewer)}` +
      "\nLet all programs that use the database lock in the same way: with SQLite's default VFS (unix).",
  };
}

/** Likely: a crash may also leave a file too long, as may a program that lets it grow in advance. */
function spilledWriter(holder: Holder, { beyondHeader, pageCount }: Related): Diagnosis {
  const pages = beyondHeader?.pages ?? 0;
  return {
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} has the database open for writing without a lock, and the file is longer than its header ` +
      "says: likely it is in the middle of a transaction that no lock and no -journal shows, and the database can be " +
      "corrupted.",
    detail:
      `The header says ${count(pageCount ?? 0, "page")}, and the file has ${grouped(pages)} more, as when a ` +
      "transaction has outgrown its cache; several inspections agree, and no process holds the lock for that. Its " +
      "journal is likely in memory or off (journal_mode=MEMORY, OFF): if the process ends now, nothing can undo what " +
      "it has written. Likely it has lost its locks (it opened and closed the file outside SQLite), or takes none " +
      "(nolock=1, vfs=unix-none). A file that a crash has left too long, or that grows in advance, looks the same.",
    remedy:
      "Let it finish its transaction and close the database cleanly; then check the database (sqlock integrity). " +
      "Until then, do not open the database with any other program, and do not end the process. If the file is still " +
      "too long when nobody has it open, VACUUM corrects that.\nLet all programs that use the database lock in the " +
      "same way (with SQLite's default VFS, unix), and open its files only through SQLite.",
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
      `${list(holders.map(nameOf))} ${one ? "has" : "have"} the database open for writing, but not in the way SQLite ` +
      `opens it: how ${one ? "it locks" : "they lock"} it is unknown.`,
    detail:
      "SQLite 3.31 and later opens a database with O_NOFOLLOW, which " +
      `${one ? "this descriptor lacks" : "these descriptors lack"}. ${one ? "It" : "Each"} may be ` +
      "node-sqlite3-wasm, which locks by a directory and cannot use WAL mode, a program that serves the file to " +
      "others (FUSE, virtiofs, 9p), or an older SQLite.",
    remedy: `Before you change the database in other ways (its journal mode, a restore), end ${one ? "it" : "them"}.`,
  };
}

export const otherLocking = defineFinding({
  id: "other-locking",
  severity: "error",
  needs: "locks",
  transient: "in-every-look",
  moreLooks: 9, // as lost-locks: a connection that is just being opened or closed looks the same
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: true, why: "SQLite would not see that it uses the database" },
  rule,
});
