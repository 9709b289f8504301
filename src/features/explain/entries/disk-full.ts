import type { Entry } from "../entry.ts";

export const diskFull: Entry = {
  id: "disk-full",
  title: "database or disk is full",
  code: { name: "SQLITE_FULL", number: 13 },
  extended: [],
  wordings: [
    { pattern: /\bdatabase or disk is full\b/i },
    { pattern: /\bInsertion failed because (?:the )?database is full\b/i },
    { pattern: /\bSQLiteFullException\b/, library: "android" },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, database or disk is full (13)" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database or disk is full" },
    { library: "django", text: "django.db.utils.OperationalError: database or disk is full" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database or disk is full",
    },
    { library: "better-sqlite3", text: ["SqliteError: database or disk is full", "  code: 'SQLITE_FULL'"].join("\n") },
    {
      library: "node-sqlite",
      text: ["Error: database or disk is full", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 13,"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_FULL: database or disk is full" },
    { library: "knex", text: "Error: insert into `t` (`x`) values (1) - SQLITE_FULL: database or disk is full" },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '13, message: Some("database or disk is full") }) })',
    },
    { library: "go-mattn", text: "panic: database or disk is full" },
    { library: "go-modernc", text: "database or disk is full (13)" },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: DiskFull, extended_code: 13 }, Some("database or disk is full"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 13) database or disk is full" },
    { library: "ruby-sqlite3", text: "SQLite3::FullException: database or disk is full" },
    { library: "rails", text: "ActiveRecord::StatementInvalid: SQLite3::FullException: database or disk is full" },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_FULL] Insertion failed because database is full (database or disk is " +
        "full)",
    },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000]: General error: 13 database or disk is full" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 13: 'database or disk is full'.",
    },
    {
      library: "android",
      text: "android.database.sqlite.SQLiteFullException: database or disk is full (code 13 SQLITE_FULL)",
    },
  ],
  meaning:
    "There was no room to write: on the database's disk, on the disk of the temporary files, or within a limit " +
    "that is set on the database. Nothing is lost; the statement, or the whole transaction, was undone.",
  causes: [
    {
      id: "disk",
      what: "The disk of the database is full",
      tell:
        "df -h DATABASE shows that it is full; root may have some room left when other users have none (reserved " +
        "blocks). A deleted file that a program still has open takes room as well.",
      cure:
        "Free space elsewhere on that disk. Leave the -wal and -journal alone: they are part of the database. " +
        "VACUUM itself needs room, up to twice the size of the database.",
      findings: ["disk-full", "deleted-file"],
    },
    {
      id: "wal-grows",
      what: "The WAL has grown without bound",
      tell:
        "The -wal is large compared with the database; who-holds reports wal-oversized, or checkpoint-starved with " +
        "the reader that keeps it from being copied back.",
      cure:
        "End that read (COMMIT or ROLLBACK; outside a transaction, close the cursor); then PRAGMA " +
        "wal_checkpoint(TRUNCATE) shortens the file.",
      findings: ["checkpoint-starved", "wal-oversized"],
    },
    {
      id: "temporary-files",
      what: "The disk of the temporary files is full",
      tell:
        "The disk of the database has room, and the statement is a VACUUM, CREATE INDEX, or a large sort or join; " +
        "df -h /var/tmp /tmp.",
      cure: "Set SQLITE_TMPDIR to a folder with enough room before the program starts.",
      findings: [],
    },
    {
      id: "page-limit",
      what: "The database has reached its own size limit",
      tell:
        "df shows room. PRAGMA max_page_count, run on that connection, equals PRAGMA page_count; or it is an " +
        "in-memory database of the memdb VFS (sqlite3_deserialize), which is limited to 1 GiB.",
      cure: "Raise max_page_count, delete rows (their pages are used again), or use a file instead of memory.",
      findings: [],
      processes: "one",
    },
  ],
  next: ["df -h DATABASE /var/tmp /tmp", "ls -l DATABASE*", "sqlock who-holds DATABASE"],
};
