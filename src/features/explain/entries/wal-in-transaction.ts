import type { Entry } from "../entry.ts";

export const walInTransaction: Entry = {
  id: "wal-in-transaction",
  title: "cannot change into wal mode from within a transaction",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [{ pattern: /\bcannot change (?:into|out of) wal mode from within a transaction\b/i }],
  examples: [
    { library: "sqlite", text: "Error: stepping, cannot change into wal mode from within a transaction" },
    {
      library: "python-sqlite3",
      text: "sqlite3.OperationalError: cannot change into wal mode from within a transaction",
    },
    {
      library: "python-sqlite3",
      text: "sqlite3.OperationalError: cannot change out of wal mode from within a transaction",
    },
    {
      library: "django",
      text: "django.db.utils.OperationalError: cannot change into wal mode from within a transaction",
    },
    {
      library: "sqlalchemy",
      text: [
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) cannot change into wal mode from within a " +
          "transaction",
        "[SQL: PRAGMA journal_mode=WAL]",
      ].join("\n"),
    },
    { library: "better-sqlite3", text: "SqliteError: cannot change into wal mode from within a transaction" },
    {
      library: "node-sqlite",
      text: ["Error: cannot change into wal mode from within a transaction", "  code: 'ERR_SQLITE_ERROR',"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_ERROR: cannot change into wal mode from within a transaction" },
    {
      library: "knex",
      text: "Error: PRAGMA journal_mode=WAL - SQLITE_ERROR: cannot change into wal mode from within a transaction",
    },
    { library: "go-mattn", text: "cannot change into wal mode from within a transaction" },
    { library: "go-modernc", text: "SQL logic error: cannot change into wal mode from within a transaction (1)" },
    {
      library: "rusqlite",
      text:
        'SqliteFailure(Error { code: Unknown, extended_code: 1 }, Some("cannot change into wal mode from within ' +
        'a transaction"))',
    },
    {
      library: "sqlx",
      text: "error returned from database: (code: 1) cannot change into wal mode from within a transaction",
    },
    { library: "ruby-sqlite3", text: "SQLite3::SQLException: cannot change into wal mode from within a transaction" },
    {
      library: "rails",
      text:
        "ActiveRecord::StatementInvalid: SQLite3::SQLException: cannot change into wal mode from within a " +
        "transaction",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_ERROR] SQL error or missing database (cannot change into wal mode " +
        "from within a transaction)",
    },
    {
      library: "php-pdo",
      text: "PDOException: SQLSTATE[HY000]: General error: 1 cannot change into wal mode from within a transaction",
    },
    { library: "dotnet", text: "SQLite Error 1: 'cannot change into wal mode from within a transaction'." },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteException: cannot change into wal mode from within a transaction (code 1 " +
        "SQLITE_ERROR)",
    },
  ],
  meaning:
    "PRAGMA journal_mode tried to switch between WAL and another mode while the connection was in a " +
    "transaction, or had an unfinished SELECT. Nothing was changed, and no other connection is involved.",
  causes: [
    {
      id: "in-transaction",
      what: "The library or the migration tool had begun a transaction",
      tell: "The PRAGMA is in a migration, in a transaction function, or after the connection's first write.",
      cure:
        "Run it right after opening the database, before anything else. Once is enough: WAL mode is stored in the " +
        "file.",
      code: [
        { library: "sqlite", text: "sqlite3 app.db 'PRAGMA journal_mode=WAL'  # once, from the shell" },
        { library: "django", text: '"OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;"}  # from Django 5.1' },
        {
          library: "sqlalchemy",
          text:
            '@event.listens_for(engine, "connect")\ndef wal(dbapi, record): dbapi.execute("PRAGMA ' +
            'journal_mode=WAL")',
        },
        { library: "better-sqlite3", text: 'db.pragma("journal_mode = WAL");  // right after new Database()' },
        {
          library: "rails",
          text: "disable_ddl_transaction!  # in the migration; Rails 7.1 and later set WAL themselves",
        },
        { library: "go-mattn", text: 'sql.Open("sqlite3", "file:app.db?_journal_mode=WAL")' },
        { library: "go-modernc", text: 'sql.Open("sqlite", "file:app.db?_pragma=journal_mode(WAL)")' },
        { library: "sqlx", text: "SqliteConnectOptions::new().journal_mode(SqliteJournalMode::Wal)" },
        { library: "xerial", text: "jdbc:sqlite:app.db?journal_mode=WAL" },
        { library: "android", text: "db.enableWriteAheadLogging();  // outside a transaction" },
      ],
      findings: [],
      processes: "one",
    },
    {
      id: "unfinished-read",
      what: "A cursor of the same connection is not finished",
      tell: "There was no BEGIN, but an earlier SELECT was not read to the end.",
      cure: "Read it to the end or close it first.",
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE", "sqlock journal-mode DATABASE"],
};
