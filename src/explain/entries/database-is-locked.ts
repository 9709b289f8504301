import type { Entry } from "../entry.ts";

export const databaseIsLocked: Entry = {
  id: "database-is-locked",
  title: "database is locked",
  code: { name: "SQLITE_BUSY", number: 5 },
  extended: [
    { name: "SQLITE_BUSY_RECOVERY", number: 261, meaning: "Another process is recovering the WAL after a crash.", causes: ["holder"] },
    {
      name: "SQLITE_BUSY_SNAPSHOT",
      number: 517,
      meaning: "A read transaction in WAL mode wanted to write, but another connection has written since it began.",
      causes: ["upgrade"],
    },
    { name: "SQLITE_BUSY_TIMEOUT", number: 773, meaning: "A blocking lock of the operating system timed out." },
  ],
  wordings: [
    { pattern: /sqlite3\.OperationalError: database is locked/, library: "python-sqlite3" },
    { pattern: /django\.db\.utils\.OperationalError: database is locked/, library: "django" },
    { pattern: /\(sqlite3\.OperationalError\) database is locked/, library: "sqlalchemy" },
    { pattern: /SqliteError: database is locked/, library: "better-sqlite3" },
    { pattern: /database (?:file )?is locked/i },
  ],
  examples: [{ library: "python-sqlite3", text: "sqlite3.OperationalError: database is locked" }],
  meaning: "Another connection holds a lock that this one needs. SQLite lets many connections read, but only one write at a time.",
  causes: [
    {
      id: "holder",
      what: "Another connection kept a write transaction open for longer than the timeout",
      tell: "It fails after the whole busy timeout. sqlock who-holds DATABASE names the process.",
      cure: "Commit or roll back there; keep transactions short.",
      findings: ["uncommitted-write", "suspended-holder"],
      waited: "whole-timeout",
      processes: "several",
    },
    {
      id: "upgrade",
      what: "A read transaction wanted to become a writer",
      tell: "It fails at once, whatever the timeout: the transaction read first, and another connection writes or has written.",
      cure: "Begin with BEGIN IMMEDIATE every transaction that will write.",
      code: [
        { library: "sqlite", text: "BEGIN IMMEDIATE;" },
        { library: "python-sqlite3", text: 'con = sqlite3.connect(path, isolation_level="IMMEDIATE")' },
      ],
      findings: [],
      waited: "at-once",
    },
    {
      id: "same-process",
      what: "Another connection of the same process holds the lock",
      tell: "One process has several connections; who-holds shows no other process.",
      cure: "One connection for each task, and no transaction open across an await.",
      findings: ["same-process-contention"],
      waited: "whole-timeout",
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE", "sqlock who-holds --wait 30s DATABASE"],
};
