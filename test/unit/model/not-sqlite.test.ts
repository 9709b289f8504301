/** Which descriptors are none of SQLite's, and whose a flock is. */
import { expect, test } from "vitest";
import { connectionHandles, flockOf, whyNotSqlite } from "../../../src/model/not-sqlite.ts";
import type { Handle } from "../../../src/model/report.ts";
import { handle, lock } from "../../support/report.ts";

const CLOSES = { closeOnExec: true } as const;
const STAYS = { closeOnExec: false } as const;

test.each<[string, Partial<Handle>, ReturnType<typeof whyNotSqlite>]>([
  ["SQLite's own", CLOSES, null],
  ["SQLite's own, to read alone", { ...CLOSES, access: "read" }, null],
  ["of a source that does not say", {}, null],
  ["one that could not be asked", { access: null }, null],
  ["unix-flock", { ...CLOSES, flock: "write" }, null],
  ["flock db command", { ...STAYS, access: "read", flock: "write" }, "script-lock"],
  ["flock -s db command", { ...STAYS, access: "read", flock: "read" }, "script-lock"],
  ["exec 9<>db; flock 9", { ...STAYS, flock: "write" }, "script-lock"],
  ["exec 9>>db; flock 9", { ...STAYS, access: "write", flock: "write" }, "script-lock"],
  ["a program's shared flock", { ...CLOSES, flock: "read" }, "script-lock"],
  ["a program's flock on a file opened to append", { ...CLOSES, access: "write", flock: "write" }, "script-lock"],
  [
    "a program's flock, or unix-flock to read alone",
    { ...CLOSES, access: "read", flock: "write" },
    "likely-script-lock",
  ],
  ["cp backup.db db", { ...STAYS, access: "write" }, "write-only"],
  ["restic restore", { ...CLOSES, access: "write" }, "write-only"],
  ["exec 9<db, before flock 9", { ...STAYS, access: "read" }, "kept-over-exec"],
  ["O_PATH", { ...CLOSES, access: "path" }, "opens-nothing"],
  ["a -wal, whatever its descriptor", { ...STAYS, role: "wal", access: "write" }, null],
])("%s", (_, change, expected) => {
  const one = handle(3, "database", change);
  expect(whyNotSqlite(one)).toBe(expected);
  expect(connectionHandles([one])).toEqual(expected === null ? [one] : []);
});

const FLOCK = lock("FOREIGN", { api: "flock" });
const SCRIPT = handle(3, "database", { ...STAYS, access: "read", flock: "write" });
const READER = handle(4, "database", { ...CLOSES, access: "read", flock: "write" });
const ANY = handle(5, "database", { ...CLOSES, flock: "write" });
const CONNECTION = handle(6, "database", CLOSES);

const OWN_READ = handle(5, "database", { ...CLOSES, flock: "read" });
const WAL = handle(7, "wal", CLOSES);

test.each<[string, Parameters<typeof flockOf>[0], ReturnType<typeof flockOf>]>([
  ["a program's own, which has the -wal open", { locks: [FLOCK, lock("DMS")], handles: [OWN_READ, WAL] }, "own"],
  ["unix-flock in a transaction", { locks: [FLOCK], handles: [ANY, handle(7, "journal", CLOSES)] }, "own"],
  ["a shared one without a companion file", { locks: [FLOCK], handles: [OWN_READ] }, "script"],
  [
    "a shared one beside SQLite's locks",
    { locks: [FLOCK, lock("SHARED"), lock("DMS")], handles: [OWN_READ, WAL] },
    "script",
  ],
  [
    "a script's, inherited by a program that has lost its locks",
    { locks: [FLOCK], handles: [SCRIPT, CONNECTION, WAL] },
    "script",
  ],
  ["none", { locks: [lock("RESERVED")], handles: [CONNECTION] }, null],
  ["one that waits", { locks: [{ ...FLOCK, waiting: true }], handles: [SCRIPT] }, null],
  ["one on the -wal", { locks: [{ ...FLOCK, role: "wal" }], handles: [CONNECTION] }, null],
  ["a script's", { locks: [FLOCK], handles: [SCRIPT] }, "script"],
  [
    "a script's, inherited beside a connection",
    { locks: [FLOCK, lock("RESERVED")], handles: [SCRIPT, CONNECTION] },
    "script",
  ],
  ["likely a script's", { locks: [FLOCK], handles: [READER] }, "likely-script"],
  ["perhaps unix-flock's", { locks: [FLOCK], handles: [ANY] }, "any"],
  ["a script's and perhaps unix-flock's", { locks: [FLOCK], handles: [SCRIPT, ANY] }, "any"],
  ["of no descriptor that shows it", { locks: [FLOCK], handles: [CONNECTION] }, "any"],
])("a flock: %s", (_, holder, expected) => {
  expect(flockOf(holder)).toBe(expected);
});
