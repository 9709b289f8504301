import type { OddCompanion } from "../model/snapshot.ts";
import { shellQuoted } from "../text/shell.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/**
 * Where SQLite has a companion file there is something that it cannot use as one. It opens these files with
 * O_NOFOLLOW: a link is an error. Source: unixOpen, unixOpenSharedMemory (os_unix.c)
 */
const rule: Rule = ({ seen }) =>
  seen.target.oddCompanions.map(
    ({ role, path, type }): Diagnosis => ({
      pids: [],
      summary: `${path} is ${WHAT[type]} and no file: ${HARM[role]}.`,
      detail: `${DETAIL[type]} Nothing was read through it.`,
      remedy:
        `See what put it there: ls -ld ${shellQuoted(path)}. Then, with all programs that use the database ended, ` +
        "move it away; what a link leads to may hold committed changes, so keep that.",
    }),
  );

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
