import { expect, test } from "vitest";
import { consequencesOf } from "../../../../src/features/kill/consequences.ts";
import type { DatabaseReport, Finding, Holder } from "../../../../src/model/report.ts";
import { consequenceTexts } from "../../../../src/render/kill/consequence.ts";
import { databaseReport, handle, holder, lock } from "../../../support/report.ts";

const LOCK_DIRECTORY = { path: "/srv/app/db.sqlite3.lock", since: new Date(0) };
const JOURNAL = [handle(3, "database"), handle(4, "journal")];
const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });

const otherLocking = (pid: number): Finding => ({
  id: "other-locking",
  severity: "info",
  pids: [pid],
  summary: "s",
  detail: "d",
  remedy: "r",
});

/** Without a terminal: what the end of the transaction does, alone. */
const texts = (change: Partial<Holder>, database: Partial<DatabaseReport> = {}) =>
  consequencesOf(holder({ terminal: null, ...change }), databaseReport(database), []).flatMap((each) =>
    consequenceTexts(each, { uid: 0 }),
  );

test.each<[string, Partial<Holder>, Partial<DatabaseReport>, string[]]>([
  [
    "an idle connection",
    {},
    {},
    ["without a lock, so it has no transaction under SQLite's default locking: no data is"],
  ],
  [
    "one of which it is known that it locks otherwise",
    {},
    { findings: [otherLocking(4242)] },
    ["may be in a transaction that no lock of SQLite's shows"],
  ],
  ["an idle one of WAL mode", { locks: [lock("SHARED")] }, { journalMode: "wal" }, ["without a transaction"]],
  ["one that only holds SHARED", { locks: [lock("SHARED")], activity: "reading" }, {}, ["It is reading"]],
  [
    "a writer by SQLite's locks",
    { handles: JOURNAL, locks: [lock("RESERVED")], activity: "writing" },
    {},
    ["open write transaction"],
  ],
  [
    "a backup that reads the -journal",
    { handles: [handle(3, "journal", { access: "read" })] },
    {},
    ["without a transaction"],
  ],
  [
    "flock(1)",
    { handles: [handle(3, "database", { access: "read", flock: "write" })], locks: [FLOCK] },
    {},
    ["without a transaction"],
  ],
  [
    "a writer that has lost its locks",
    { handles: JOURNAL },
    {},
    ["has the -journal open for writing without SQLite's locks"],
  ],
  [
    "one with a flock",
    { handles: JOURNAL, locks: [FLOCK] },
    {},
    ["has the -journal open for writing without SQLite's locks"],
  ],
  ["a flock of one who can write", { locks: [FLOCK] }, {}, ["may be in a transaction that no lock of SQLite's shows"]],
  [
    "one with a lock directory",
    { handles: JOURNAL },
    { lockDirectory: LOCK_DIRECTORY },
    [
      "has the -journal open for writing without SQLite's locks",
      "db.sqlite3.lock may be its lock. It stays when the process ends",
    ],
  ],
  [
    "a lock directory beside an idle connection, whose it may be",
    {},
    { lockDirectory: LOCK_DIRECTORY },
    ["may be in a transaction that no lock of SQLite's shows", "It stays when the process ends"],
  ],
  [
    "a lock file with its pid, which the next program that locks in that way removes",
    { pid: 4242 },
    { lockDirectory: { ...LOCK_DIRECTORY, pid: 4242 } },
    ["may be in a transaction that no lock of SQLite's shows"],
  ],
  [
    "a lock file of another one",
    { pid: 4242 },
    { lockDirectory: { ...LOCK_DIRECTORY, pid: 4300 } },
    ["no transaction"],
  ],
  [
    "the same beside one that locks as SQLite does",
    { locks: [lock("SHARED")], activity: "reading" },
    { lockDirectory: LOCK_DIRECTORY },
    ["It is reading"],
  ],
  [
    "WAL: a child with its parent's files",
    { handles: [handle(3, "database"), handle(4, "wal")] },
    { journalMode: "wal" },
    ["cannot be seen; its uncommitted changes are lost"],
  ],
])("%s", (_, change, database, expected) => {
  expect(texts(change, database)).toEqual(expected.map((text) => expect.stringContaining(text)));
});
