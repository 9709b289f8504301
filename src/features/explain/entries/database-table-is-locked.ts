import type { Entry } from "../entry.ts";

export const databaseTableIsLocked: Entry = {
  id: "database-table-is-locked",
  title: "database table is locked",
  code: { name: "SQLITE_LOCKED", number: 6 },
  extended: [
    {
      name: "SQLITE_LOCKED_SHAREDCACHE",
      number: 262,
      meaning: "A connection that shares the cache with this one has locked the table or the schema.",
      causes: ["shared-cache"],
    },
    {
      name: "SQLITE_LOCKED_VTAB",
      number: 518,
      meaning: "A virtual table (R-Tree, FTS) cannot be changed while a statement of this connection reads it.",
      causes: ["virtual-table"],
    },
  ],
  wordings: [
    { pattern: /\bdatabase table is locked\b/i },
    { pattern: /\bdatabase schema is locked: / },
    { pattern: /\bA table in the database is locked\b/ },
    { pattern: /\bSQLiteTableLockedException\b/, library: "android" },
  ],
  examples: [
    { library: "sqlite", text: "Runtime error near line 1: database table is locked (6)" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database table is locked" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database table is locked: t" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database schema is locked: main" },
    { library: "django", text: "django.db.utils.OperationalError: database table is locked: accounts_user" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database table is locked",
    },
    {
      library: "better-sqlite3",
      text: ["SqliteError: database table is locked", "    at app.js:3:9 {", "  code: 'SQLITE_LOCKED'", "}"].join("\n"),
    },
    {
      library: "node-sqlite",
      text: ["Error: database table is locked", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 6,"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_LOCKED: database table is locked" },
    { library: "knex", text: "Error: drop table `t` - SQLITE_LOCKED: database table is locked" },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '262, message: Some("database table is locked") }) })',
      extended: 262,
    },
    { library: "go-mattn", text: "panic: database table is locked: users" },
    { library: "go-modernc", text: "database table is locked (262)", extended: 262 },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: DatabaseLocked, extended_code: 262 }, Some("database table is locked: t"))',
      extended: 262,
    },
    { library: "sqlx", text: "error returned from database: (code: 262) database table is locked", extended: 262 },
    { library: "ruby-sqlite3", text: "SQLite3::LockedException: database table is locked" },
    { library: "rails", text: "ActiveRecord::StatementInvalid: SQLite3::LockedException: database table is locked" },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_LOCKED_SHAREDCACHE] Contention with a different database connection " +
        "that shares the cache (database table is locked: t)",
      extended: 262,
    },
    {
      library: "xerial",
      text: "org.sqlite.SQLiteException: [SQLITE_LOCKED] A table in the database is locked (database table is locked)",
    },
    {
      library: "php-pdo",
      text: "Fatal error: Uncaught PDOException: SQLSTATE[HY000]: General error: 6 database table is locked",
    },
    {
      library: "dotnet",
      text:
        "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 6: 'database table is locked: " +
        "umbracoLock'.",
    },
    {
      library: "android",
      text: "android.database.sqlite.SQLiteTableLockedException: database table is locked (code 6 SQLITE_LOCKED)",
    },
  ],
  meaning:
    "The conflict is inside this process: with another statement of the same connection, or with a connection " +
    "that shares its cache. No other program is involved, no lock of the operating system shows it, and SQLite " +
    "does not wait, so a timeout does not help.",
  causes: [
    {
      id: "open-cursor",
      what: "Another statement of the same connection is not finished",
      tell:
        "DROP TABLE, ALTER TABLE or a similar statement fails while a cursor, a loop over rows or a prepared " +
        "statement of the same connection is still being read.",
      cure: "Read it to the end, or close it (reset, finalize), before you change the table.",
      code: [
        { library: "python-sqlite3", text: "rows = cur.fetchall()  # or cur.close(), before DROP TABLE" },
        { library: "php-pdo", text: "$statement->closeCursor();  // before DROP TABLE" },
        { library: "better-sqlite3", text: "stmt.all()  // not iterate(), around a change of the table" },
        { library: "go-mattn", text: "rows.Close()  // before DROP TABLE" },
        { library: "go-modernc", text: "rows.Close()  // before DROP TABLE" },
        { library: "xerial", text: "resultSet.close();  // before DROP TABLE" },
      ],
      findings: ["same-process-contention"],
      waited: "at-once",
      processes: "one",
    },
    {
      id: "shared-cache",
      what: "Another connection of the process, with a shared cache, uses the table",
      tell:
        "The path or the options say cache=shared (Cache=Shared), often for an in-memory test database; the code " +
        "is 262, and the message may name the table or the schema.",
      cure:
        "Do not use the shared cache: for files, WAL mode does what it was meant for. For an in-memory database, " +
        "use a single connection (a pool of 1), or a temporary file instead.",
      code: [
        { library: "go-mattn", text: 'sql.Open("sqlite3", ":memory:"); db.SetMaxOpenConns(1)' },
        { library: "go-modernc", text: 'sql.Open("sqlite", ":memory:"); db.SetMaxOpenConns(1)' },
        {
          library: "sqlalchemy",
          text: 'create_engine("sqlite://", poolclass=StaticPool,\n    connect_args={"check_same_thread": False})',
        },
        { library: "dotnet", text: '"Data Source=app.db"  // without Cache=Shared' },
        { library: "sqlx", text: "SqlitePoolOptions::new().max_connections(1)" },
        { library: "django", text: '"TEST": {"NAME": "test.sqlite3"}  # for tests with threads: not in memory' },
      ],
      findings: ["same-process-contention"],
      waited: "at-once",
      processes: "one",
    },
    {
      id: "virtual-table",
      what: "A virtual table is changed while it is being read",
      tell:
        "The code is 518, and the statement changes an R-Tree or full-text table inside a loop over the same " +
        "table.",
      cure: "Collect the rows first, then change the table.",
      findings: [],
      waited: "at-once",
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
