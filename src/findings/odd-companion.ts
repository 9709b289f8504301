import type { Related } from "../model/relate.ts";
import type { OddCompanion, Snapshot } from "../model/snapshot.ts";
import { openUnlocked } from "../model/unseen-use.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoIsHidden } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/**
 * Where SQLite has a companion file there is something that it cannot use as one. It opens these files with
 * O_NOFOLLOW: a link is an error. Source: unixOpen, unixOpenSharedMemory (os_unix.c)
 */
const rule: Rule = ({ database, seen, snapshot }) =>
  seen.target.oddCompanions.map(({ role, path, type }): Diagnosis => {
    if (role === "shm" && type === "folder") return lockOfOne(path, database, snapshot);
    return {
      pids: [],
      summary: `${path} is ${WHAT[type]} and no file: ${HARM[role]}.`,
      detail: `${DETAIL[type]} Nothing was read through it.`,
      remedy:
        `See what put it there: ls -ld ${shellQuoted(path)}. Then, with all programs that use the database ended, ` +
        "move it away; what a link leads to may hold committed changes, so keep that.",
    };
  });

/** Source: ncruces/go-sqlite3, `vfs/shm_dotlk.go`: the folder keeps the database for one process. */
function lockOfOne(path: string, database: Related, snapshot: Snapshot): Diagnosis {
  const users = database.holders.filter((holder) => openUnlocked(holder).includes("wal"));
  const who = list(users.map(({ pid }) => pid));
  const inUse = users.length > 0 || database.lockDirectory !== null;
  const hidden = whoIsHidden(snapshot);
  return {
    ...(inUse ? { severity: "warning" } : {}),
    pids: users.map(({ pid }) => pid),
    summary: `${path} is a folder and no file: in WAL mode SQLite can read the database beside it, and write nothing.`,
    detail:
      "Likely it is a lock: a Go program with ncruces/go-sqlite3 that is built with dot-file locks (sqlite3_dotlk) " +
      "uses a WAL database alone, and makes this folder as long as it has it open; a crash leaves it behind. " +
      (users.length > 0
        ? `${list(users.map(nameOf))} ${users.length === 1 ? "has" : "have"} the -wal open and no lock of SQLite's: ` +
          "likely it is theirs."
        : "Nobody who is visible has the -wal open in that way."),
    remedy: inUse
      ? `Let ${users.length > 0 ? who : "the program"} close the database, in order: it then removes the folder. Do ` +
        "not remove it before, and delete nothing beside it."
      : hidden !== null
        ? `Do not remove it before it is known that nobody who locks in this way runs: ${hidden}.`
        : `See what is in it: ls -ld ${shellQuoted(path)}. Only when no program that uses the database in this way ` +
          `runs, here or elsewhere, remove it while it is empty: rmdir ${shellQuoted(path)}. The -wal beside it may ` +
          "hold committed changes: keep that.",
  };
}

const WHAT: Record<OddCompanion["type"], string> = {
  link: "a symbolic link",
  folder: "a folder",
  pipe: "a named pipe",
  other: "a device or a socket",
};

const HARM: Record<OddCompanion["role"], string> = {
  wal: "SQLite cannot open the database beside it",
  journal: "SQLite cannot write the database beside it, nor read it",
  shm: "SQLite cannot open the database in WAL mode",
};

const DETAIL: Record<OddCompanion["type"], string> = {
  link:
    "SQLite opens its companion files without following links (since version 3.31), and says: unable to open " +
    "database file.",
  folder: "SQLite says: unable to open database file.",
  pipe: "A program that opens it may wait for ever for somebody at its other end.",
  other: "SQLite says: unable to open database file, or disk I/O error.",
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
