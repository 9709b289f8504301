import type { Entry } from "../entry.ts";

export const safetyLevel: Entry = {
  id: "safety-level",
  title: "Safety level may not be changed inside a transaction",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [{ pattern: /\bSafety level may not be changed inside a transaction\b/i }],
  examples: [
    { library: "sqlite", text: "Error: in prepare, Safety level may not be changed inside a transaction" },
    {
      library: "python-sqlite3",
      text: "sqlite3.OperationalError: Safety level may not be changed inside a transaction",
    },
    {
      library: "django",
      text: "django.db.utils.OperationalError: Safety level may not be changed inside a transaction",
    },
    {
      library: "sqlalchemy",
      text:
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) Safety level may not be changed inside a " +
        "transaction",
    },
    { library: "better-sqlite3", text: "SqliteError: Safety level may not be changed inside a transaction" },
    { library: "node-sqlite3", text: "Error: SQLITE_ERROR: Safety level may not be changed inside a transaction" },
    { library: "go-mattn", text: "Safety level may not be changed inside a transaction" },
    { library: "go-modernc", text: "SQL logic error: Safety level may not be changed inside a transaction (1)" },
    {
      library: "sqlx",
      text: "error returned from database: (code: 1) Safety level may not be changed inside a transaction",
    },
    { library: "ruby-sqlite3", text: "SQLite3::SQLException: Safety level may not be changed inside a transaction" },
    {
      library: "rails",
      text:
        "ActiveRecord::StatementInvalid: SQLite3::SQLException: Safety level may not be changed inside a " +
        "transaction",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_ERROR] SQL error or missing database (Safety level may not be changed " +
        "inside a transaction)",
    },
    {
      library: "php-pdo",
      text: "PDOException: SQLSTATE[HY000]: General error: 1 Safety level may not be changed inside a transaction",
    },
    { library: "dotnet", text: "SQLite Error 1: 'Safety level may not be changed inside a transaction'." },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteException: Safety level may not be changed inside a transaction (code 1 " +
        "SQLITE_ERROR)",
    },
  ],
  meaning:
    "PRAGMA synchronous was run inside a transaction. Nothing was changed, and no other connection is " +
    "involved. The setting belongs to the connection: each new one starts with the default.",
  causes: [
    {
      id: "in-transaction",
      what: "The library or the migration tool had begun a transaction",
      tell: "The PRAGMA is in a migration, in a transaction function, or after the connection's first write.",
      cure: "Run it on every connection right after opening it, before anything else.",
      code: [
        { library: "python-sqlite3", text: 'con.execute("PRAGMA synchronous=NORMAL")  # right after connect()' },
        { library: "django", text: '"OPTIONS": {"init_command": "PRAGMA synchronous=NORMAL;"}  # from Django 5.1' },
        {
          library: "sqlalchemy",
          text:
            '@event.listens_for(engine, "connect")\ndef sync(dbapi, record): dbapi.execute("PRAGMA ' +
            'synchronous=NORMAL")',
        },
        { library: "better-sqlite3", text: 'db.pragma("synchronous = NORMAL");  // right after new Database()' },
        { library: "go-mattn", text: 'sql.Open("sqlite3", "file:app.db?_synchronous=NORMAL")' },
        { library: "go-modernc", text: 'sql.Open("sqlite", "file:app.db?_pragma=synchronous(NORMAL)")' },
        { library: "sqlx", text: "SqliteConnectOptions::new().synchronous(SqliteSynchronous::Normal)" },
        { library: "rails", text: "pragmas: { synchronous: normal }  # in database.yml, in newer versions of Rails" },
        { library: "xerial", text: "jdbc:sqlite:app.db?synchronous=NORMAL" },
      ],
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
