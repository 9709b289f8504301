import type { Entry } from "../entry.ts";

export const lockingProtocol: Entry = {
  id: "locking-protocol",
  title: "locking protocol",
  code: { name: "SQLITE_PROTOCOL", number: 15 },
  extended: [],
  wordings: [
    // The two words alone are prose: as an error they follow a colon, a bracket or the code, and end the message.
    { pattern: /(?:^|[:,)] |['"(]|\b15 )locking protocol(?=\s*$|['").]| \((?:code )?15\b)/ },
    { pattern: /\bDatabase lock protocol error\b/i },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, locking protocol (15)" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: locking protocol" },
    { library: "django", text: "django.db.utils.OperationalError: locking protocol" },
    { library: "sqlalchemy", text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) locking protocol" },
    { library: "better-sqlite3", text: ["SqliteError: locking protocol", "  code: 'SQLITE_PROTOCOL'"].join("\n") },
    {
      library: "node-sqlite",
      text: ["Error: locking protocol", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 15,"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_PROTOCOL: locking protocol" },
    { library: "knex", text: "Error: select * from `t` - SQLITE_PROTOCOL: locking protocol" },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '15, message: Some("locking protocol") }) })',
    },
    { library: "go-mattn", text: "open the store: error: locking protocol" },
    { library: "go-modernc", text: "Failed to connect to database: locking protocol (15)." },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: FileLockingProtocolFailed, extended_code: 15 }, Some("locking protocol"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 15) locking protocol" },
    { library: "ruby-sqlite3", text: "SQLite3::ProtocolException: locking protocol" },
    { library: "rails", text: "ActiveRecord::StatementInvalid: SQLite3::ProtocolException: locking protocol" },
    {
      library: "xerial",
      text: "org.sqlite.SQLiteException: [SQLITE_PROTOCOL] Database lock protocol error (locking protocol)",
    },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000]: General error: 15 locking protocol" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 15: 'locking protocol'.",
    },
    { library: "android", text: "android.database.sqlite.SQLiteException: locking protocol (code 15 SQLITE_PROTOCOL)" },
  ],
  meaning:
    "In WAL mode SQLite tried for up to ten seconds to begin a read, and the locks on the -shm file kept " +
    "contradicting each other. Working locks do not do that: usually the file system is to blame.",
  causes: [
    {
      id: "network",
      what: "A network or shared file system on which the locks of WAL mode do not work",
      tell:
        "The path is on NFS, CIFS, CephFS, 9p, FUSE or a folder shared with a virtual machine; a home directory on " +
        "a cluster is typical. It fails on first use, even with a single program.",
      cure:
        "Move the database to a local disk. If it must stay there and only one machine uses it, take it out of WAL " +
        "mode (PRAGMA journal_mode=DELETE on a local copy).",
      findings: ["network-file-system"],
    },
    {
      id: "different-locks",
      what: "The programs lock in different ways",
      tell:
        "who-holds reports mixed-lock-apis, or locks on the -shm that differ from those of the other programs; one " +
        "program was built with another VFS.",
      cure: "Let all programs use the same kind of locks.",
      findings: ["mixed-lock-apis", "foreign-lock"],
      processes: "several",
    },
    {
      id: "rush",
      what: "A great many processes open and close the database at the same moment",
      tell:
        "The file system is local, and it happens only with a rush of short-lived processes, or on a machine that " +
        "freezes for seconds.",
      cure: "Retry; keep connections open instead of opening one for each statement.",
      findings: [],
      processes: "several",
    },
  ],
  next: ["sqlock who-holds DATABASE", "findmnt -T DATABASE"],
};
