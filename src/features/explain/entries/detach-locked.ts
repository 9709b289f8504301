import type { Entry } from "../entry.ts";

export const detachLocked: Entry = {
  id: "detach-locked",
  title: "database NAME is locked",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [
    {
      pattern: /(?:^|[:(['"] ?)database (?!file |table |schema |server |connection )[\w$-]{1,64} is locked\b(?! [a-z])/,
    },
  ],
  examples: [
    { library: "sqlite", text: "Runtime error near line 4: database aux1 is locked" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database aux1 is locked" },
    { library: "better-sqlite3", text: "SqliteError: database aux1 is locked" },
    { library: "node-sqlite3", text: "Error: SQLITE_ERROR: database aux1 is locked" },
  ],
  meaning:
    "DETACH was run while this same connection is still using the attached database of that name. No other " +
    "program is involved, and a timeout does not help.",
  causes: [
    {
      id: "open-transaction",
      what: "A transaction of this connection has used the attached database",
      tell:
        "DETACH runs between BEGIN and COMMIT. Python's sqlite3 begins a transaction before the first INSERT, " +
        "UPDATE or DELETE.",
      cure: "Commit or roll back, then detach.",
      code: [{ library: "python-sqlite3", text: 'con.commit(); con.execute("DETACH aux1")' }],
      findings: [],
      processes: "one",
    },
    {
      id: "open-cursor",
      what: "A statement is still reading it",
      tell: "A cursor, a loop over rows or a prepared statement on the attached database has not been read to the end.",
      cure: "Read it to the end, or close it (reset, finalize), then detach.",
      code: [{ library: "python-sqlite3", text: "rows = cur.fetchall()  # or cur.close(), before DETACH" }],
      findings: [],
      processes: "one",
    },
    {
      id: "backup",
      what: "It is being backed up through this connection",
      tell: "The backup API of the same connection has not finished.",
      cure: "Let the backup finish, then detach.",
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
