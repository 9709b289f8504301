import type { OddCompanion } from "../model/snapshot.ts";
import { openUnlocked } from "../model/use-without-locks.ts";
import { asUser } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoIsHidden } from "./shared/opening.ts";
import { ownerOf } from "./shared/owner.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";

/**
 * Where SQLite expects a companion file, there is something that it cannot use as one. It opens these files with
 * O_NOFOLLOW: a link is an error. Source: unixOpen, unixOpenSharedMemory (os_unix.c)
 */
const rule: Rule = ({ database, seen, snapshot }) =>
  seen.target.oddCompanions.map(({ role, path, type }): Diagnosis => {
    if (role === "shm" && type === "folder") return lockOfOne(path, { database, seen, snapshot });
    return {
      pids: [],
      summary: `${path} is ${WHAT[type]} instead of a file: ${HARM[role]}.`,
      detail: `${DETAIL[type]} sqlock read nothing through it.`,
      remedy:
        `Find out what put it there: ls -ld ${shellQuoted(path)}. Then end all programs that use the database, and ` +
        "move it away. The target of a link may hold committed changes: keep that.",
    };
  });

/** Source: ncruces/go-sqlite3, `vfs/shm_dotlk.go`: the folder keeps the database for one process. */
function lockOfOne(path: string, { database, seen, snapshot }: Omit<Subject, "staleAfterMs">): Diagnosis {
  const users = database.holders.filter((holder) => openUnlocked(holder).includes("wal"));
  const who = list(users.map(({ pid }) => pid));
  const inUse = users.length > 0 || database.lockDirectory !== null;
  const hidden = whoIsHidden(snapshot, database);
  const remove = asUser(ownerOf(seen), `rmdir ${shellQuoted(path)}`, snapshot.viewer);
  return {
    ...(inUse ? { severity: "warning" } : {}),
    pids: users.map(({ pid }) => pid),
    summary: `${path} is a folder instead of a file: in WAL mode, SQLite can read the database, but not write it.`,
    detail:
      "Likely it is a lock: a Go program that uses ncruces/go-sqlite3 built with dot-file locks (sqlite3_dotlk) " +
      "needs exclusive use of a WAL database, and keeps this folder there while it has the database open; a crash " +
      "leaves it behind. " +
      (users.length > 0
        ? `${list(users.map(nameOf))} ${users.length === 1 ? "has" : "have"} the -wal open and no lock of SQLite's: ` +
          `likely it is ${users.length === 1 ? "its" : "their"} lock.`
        : "No process that can be seen has the -wal open in that way."),
    remedy: inUse
      ? `Let ${users.length > 0 ? who : "the program"} close the database cleanly, which removes the folder. Do not ` +
        "remove it before that, and delete nothing beside it."
      : hidden !== null
        ? `Do not remove it before you know that no program that locks in this way is running: ${hidden}.`
        : `See what it is: ls -ld ${shellQuoted(path)}. Only if no program that uses the database in this way is ` +
          `running, neither here nor elsewhere, remove it while it is empty: ${remove}. The -wal ` +
          "beside it may hold committed changes: keep that.",
  };
}

const WHAT: Record<OddCompanion["type"], string> = {
  link: "a symbolic link",
  folder: "a folder",
  pipe: "a named pipe",
  other: "a device or a socket",
};

const HARM: Record<OddCompanion["role"], string> = {
  wal: "SQLite cannot open the database",
  journal: "SQLite can neither write nor read the database",
  shm: "SQLite cannot open the database in WAL mode",
};

const DETAIL: Record<OddCompanion["type"], string> = {
  link:
    "SQLite opens its companion files without following links (since version 3.31), and reports 'unable to open " +
    "database file'.",
  folder: "SQLite reports 'unable to open database file'.",
  pipe: "A program that opens it may wait forever for another process to open its other end.",
  other: "SQLite reports 'unable to open database file' or 'disk I/O error'.",
};

export const oddCompanion = defineFinding({
  id: "odd-companion",
  severity: "error",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { forcible: false, why: "SQLite would fail on it, or wait for it" },
  rule,
});
