import type { Entry } from "../entry.ts";

export const nestedTransaction: Entry = {
  id: "nested-transaction",
  title: "cannot start a transaction within a transaction",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [
    { pattern: /\bcannot start a transaction within a transaction\b/i },
    { pattern: /\bThere is already an active transaction\b/, library: "php-pdo" },
    { pattern: /\bSqliteConnection does not support nested transactions\b/, library: "dotnet" },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, cannot start a transaction within a transaction" },
    { library: "sqlite", text: "cannot start a transaction within a transaction: BEGIN TRANSACTION;" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: cannot start a transaction within a transaction" },
    { library: "django", text: "django.db.utils.OperationalError: cannot start a transaction within a transaction" },
    {
      library: "sqlalchemy",
      text:
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) cannot start a transaction within a " +
        "transaction",
    },
    { library: "better-sqlite3", text: "SqliteError: cannot start a transaction within a transaction" },
    {
      library: "node-sqlite",
      text: [
        "Error: cannot start a transaction within a transaction",
        "  code: 'ERR_SQLITE_ERROR',",
        "  errcode: 1,",
      ].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_ERROR: cannot start a transaction within a transaction" },
    { library: "knex", text: "Error: BEGIN; - SQLITE_ERROR: cannot start a transaction within a transaction" },
    { library: "go-mattn", text: "cannot start a transaction within a transaction" },
    { library: "go-modernc", text: "SQL logic error: cannot start a transaction within a transaction (1)" },
    {
      library: "rusqlite",
      text:
        'SqliteFailure(Error { code: Unknown, extended_code: 1 }, Some("cannot start a transaction within a ' +
        'transaction"))',
    },
    {
      library: "sqlx",
      text: "error returned from database: (code: 1) cannot start a transaction within a transaction",
    },
    { library: "ruby-sqlite3", text: "SQLite3::SQLException: cannot start a transaction within a transaction" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::SQLException: cannot start a transaction within a transaction",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_ERROR] SQL error or missing database (cannot start a transaction " +
        "within a transaction)",
    },
    {
      library: "php-pdo",
      text: "PDOException: SQLSTATE[HY000]: General error: 1 cannot start a transaction within a transaction",
    },
    { library: "php-pdo", text: "PDOException: There is already an active transaction" },
    {
      library: "dotnet",
      text:
        "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 1: 'cannot start a transaction within a " +
        "transaction'.",
    },
    {
      library: "dotnet",
      text: "System.InvalidOperationException: SqliteConnection does not support nested transactions.",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteException: cannot start a transaction within a transaction (code 1 " +
        "SQLITE_ERROR)",
    },
  ],
  meaning:
    "BEGIN was run on a connection that is already in a transaction; SQLite does not nest transactions (use " +
    "SAVEPOINT for that). The open transaction continues, and keeps its locks until it is committed or rolled " +
    "back.",
  causes: [
    {
      id: "library-began",
      what: "The library had already begun a transaction",
      tell:
        "The program runs BEGIN as SQL. Python's sqlite3 begins a transaction before the first INSERT, UPDATE or " +
        "DELETE; ORMs and migration tools wrap their work in one.",
      cure: "Use only the library's transactions, or switch them off and manage all transactions yourself.",
      code: [
        {
          library: "python-sqlite3",
          text: "con = sqlite3.connect(path, isolation_level=None)  # then run BEGIN, COMMIT yourself",
        },
        { library: "django", text: "with transaction.atomic():  # nests with savepoints; do not run BEGIN yourself" },
        { library: "sqlalchemy", text: "with conn.begin_nested():  # a savepoint" },
        {
          library: "better-sqlite3",
          text: "db.transaction(fn)()  // nests with savepoints; do not run BEGIN yourself",
        },
        { library: "rails", text: "transaction(requires_new: true) { … }  # a savepoint" },
        { library: "xerial", text: "connection.setAutoCommit(false);  // instead of BEGIN" },
        { library: "dotnet", text: "transaction.Save(name);  // a savepoint" },
      ],
      findings: [],
      processes: "one",
    },
    {
      id: "never-ended",
      what: "An earlier transaction was never ended",
      tell:
        "An error occurred between BEGIN and COMMIT, and nothing rolled back; the next BEGIN on that connection " +
        "gives the message. Meanwhile others get 'database is locked'.",
      cure: "Roll back on every error: use with, try/finally, defer or a transaction function of the library.",
      code: [
        { library: "sqlite", text: "SAVEPOINT s; … RELEASE s;  -- where transactions must nest" },
        { library: "python-sqlite3", text: "with con:  # commits, or rolls back on an exception" },
        { library: "go-mattn", text: "tx, err := db.Begin(); defer tx.Rollback()" },
        { library: "go-modernc", text: "tx, err := db.Begin(); defer tx.Rollback()" },
        { library: "php-pdo", text: "catch (Throwable $e) { $pdo->rollBack(); throw $e; }" },
      ],
      findings: ["uncommitted-write"],
      processes: "one",
    },
    {
      id: "shared-connection",
      what: "Two tasks or threads use one connection at once",
      tell:
        "It happens only when requests overlap: one task's BEGIN falls between another's BEGIN and COMMIT, for " +
        "example at an await.",
      cure:
        "Use one connection for each task that has a transaction, or a queue (a mutex) around the whole " +
        "transaction.",
      code: [
        {
          library: "node-sqlite3",
          text: "// one Database for each transaction: serialize() does not separate requests",
        },
        { library: "dotnet", text: "using var connection = new SqliteConnection(cs);  // one for each request" },
      ],
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
