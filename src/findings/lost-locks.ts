import { flockOf } from "../model/not-sqlite.ts";
import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { descriptorsOf, nameOf } from "../text/holder.ts";
import { ancestorWithSameHandles, isLeftByParent, parentWithSomeHandles } from "./shared/forks.ts";
import { defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyWhileStopped, openNothing } from "./shared/unseen-writer.ts";

/**
 * Processes that seem to use the database without its locks (the close trap). More looks have to confirm that: a
 * connection that is just being opened or closed looks the same for a moment.
 */
export function suspectsOfLostLocks(database: Related): Holder[] {
  return database.holders.filter(
    (holder) =>
      holder.complete &&
      holder.activity !== "unknown" &&
      lacksLocks(holder, database) &&
      ancestorWithSameHandles(holder, database.holders) === null &&
      !isLeftByParent(holder),
  );
}

function lacksLocks(holder: Holder, database: Related): boolean {
  const has = (...names: string[]) => holder.locks.some((lock) => !lock.waiting && names.includes(lock.name));
  // What only reads a -shm or -journal (a backup) is not SQLite, which may have its database open to read only.
  const roles = new Set(
    holder.handles.flatMap((handle) =>
      handle.role === "database" || handle.access === "read-write" ? handle.role : [],
    ),
  );
  if (!roles.has("database") || has("EXCLUSIVE") || locksOtherwise(holder)) return false;
  if (holder.handles.some((handle) => handle.access === null)) return false; // closed before its locks could be read
  if (database.journalMode === "wal") return roles.has("shm") && !(has("SHARED") && has("DMS"));
  // A connection in truncate or persist mode that still reads keeps its finished journal open, with SHARED: that is no
  // loss.
  return (
    database.journalMode === "rollback" &&
    database.lockDirectory === null &&
    roles.has("journal") &&
    database.journal !== null &&
    !has("RESERVED", "SHARED", "PENDING")
  );
}

/** By a lock that is not SQLite's. The flock of a script, which its command inherits, does not count. */
function locksOtherwise(holder: Holder): boolean {
  const flock = flockOf(holder);
  const ofScript = flock === "script" || flock === "likely-script";
  return holder.locks.some(
    ({ name, api, waiting }) => name === "FOREIGN" && !waiting && !(ofScript && api === "flock"),
  );
}

const CLOSE_TRAP =
  "Likely it opened and closed the file outside SQLite (to copy, hash or read it): on Linux, closing any descriptor " +
  "of a file drops all locks of the process on that file. A connection with nolock=1 or vfs=unix-none looks the same.";

/**
 * Source: https://www.sqlite.org/howtocorrupt.html §2.6; a connection that the child opens itself takes part in the
 * book of locks (unixInodeInfo, os_unix.c).
 */
function fork(parent: Holder): string {
  return (
    `Some of them are those of its parent ${parent.pid}: likely it was forked while the parent had the database ` +
    "open. SQLite in the child then mistakes the parent's locks for its own, even in connections that the child " +
    "opens itself."
  );
}

/** The close trap, and what a fork makes of a connection. */
const rule: Rule = ({ database, snapshot }) =>
  suspectsOfLostLocks(database).map((holder) => {
    const names = holder.locks.map((lock) => lock.name);
    const missing =
      database.journalMode === "wal"
        ? (["SHARED", "DMS"] as const).filter((name) => !names.includes(name)).join(" and ")
        : "RESERVED and SHARED";
    const parent = parentWithSomeHandles(holder, database.holders);
    return {
      pids: [holder.pid],
      summary:
        `${nameOf(holder)} uses the database without its locks (${missing}): other processes can overwrite its pages ` +
        "or delete its WAL, and the database can be corrupted.",
      detail:
        `It has the files open (${descriptorsOf(holder.handles)}), but not the locks that go with them; ` +
        `several inspections agree. ${parent === null ? CLOSE_TRAP : fork(parent)}`,
      remedy:
        `Let it finish and restart it; then check the database (PRAGMA integrity_check). ${openNothing(database)}` +
        `${copyWhileStopped(holder, database, snapshot.viewer)}\nIn the program: ${
          parent === null
            ? "open the files of a database that the process itself uses only through SQLite"
            : "close all connections before a fork, and open new ones after it, separately in each process"
        }.`,
    };
  });

export const lostLocks = defineFinding({
  id: "lost-locks",
  severity: "error",
  needs: "locks",
  transient: "in-every-look",
  moreLooks: 9, // a program that opens and closes all the time, and has no CPU meanwhile, shows it in one look of three
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: false, why: "a program that works without its locks would continue in the old mode" },
  rule,
});
