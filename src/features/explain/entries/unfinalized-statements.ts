import type { Entry } from "../entry.ts";

export const unfinalizedStatements: Entry = {
  id: "unfinalized-statements",
  title: "unable to close due to unfinalized statements or unfinished backups",
  code: { name: "SQLITE_BUSY", number: 5 },
  extended: [],
  wordings: [{ pattern: /\bunable to close due to unfinali[sz]ed statements?\b/i }],
  examples: [
    {
      library: "node-sqlite3",
      text: "Error: SQLITE_BUSY: unable to close due to unfinalized statements or unfinished backups",
    },
    { library: "node-sqlite3", text: "Error: SQLITE_BUSY: unable to close due to unfinalised statements" },
    {
      library: "ruby-sqlite3",
      text: "SQLite3::BusyException: unable to close due to unfinalized statements or unfinished backups",
    },
    {
      library: "rusqlite",
      text:
        'SqliteFailure(Error { code: DatabaseBusy, extended_code: 5 }, Some("unable to close due to unfinalized ' +
        'statements or unfinished backups"))',
    },
    { library: "go-mattn", text: "unable to close due to unfinalized statements or unfinished backups" },
  ],
  meaning:
    "The program tried to close a connection that still has prepared statements or a backup. It stays open, " +
    "with its locks. The code is SQLITE_BUSY, but no other connection or program is involved.",
  causes: [
    {
      id: "statement-left",
      what: "A prepared statement was not finalized",
      tell:
        "The program prepares statements and closes the connection without finalizing them; a loop over rows that " +
        "is left early keeps its statement too.",
      cure: "Finalize (close) every statement first, also when an error occurs.",
      code: [
        { library: "node-sqlite3", text: "stmt.finalize(() => db.close())" },
        { library: "ruby-sqlite3", text: "db.prepare(sql) { |stmt| … }  # closes it at the end of the block" },
        { library: "go-mattn", text: "defer stmt.Close(); defer rows.Close()" },
      ],
      findings: ["same-process-contention"],
      waited: "at-once",
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
