import type { Entry } from "../entry.ts";

export const closedDatabase: Entry = {
  id: "closed-database",
  title: "Cannot operate on a closed database",
  code: null,
  extended: [],
  wordings: [
    { pattern: /\bCannot operate on a closed (?:database|cursor)\b/i },
    { pattern: /\bThis Connection is closed\b/, library: "sqlalchemy" },
    { pattern: /\bThe database connection is not open\b/ },
    { pattern: /\bError(?: \[ERR_INVALID_STATE\])?: database is not open\b/, library: "node-sqlite" },
    { pattern: /\bstatement has been finalized\b/ },
    { pattern: /\bSQLITE_MISUSE: Database (?:handle )?is closed\b/, library: "node-sqlite3" },
    { pattern: /\bError: Unable to acquire a connection\b/, library: "knex" },
    { pattern: /\bsql: database is closed\b/ },
    { pattern: /\bsql: transaction has already been committed or rolled back\b/ },
    { pattern: /\battempted to acquire a connection on a closed pool\b/, library: "sqlx" },
    { pattern: /\bcannot use a closed (?:database|statement)\b/ },
    { pattern: /\bcalled on a closed database\b/, library: "ruby-sqlite3" },
    { pattern: /\bSQLException: database connection closed\b/, library: "xerial" },
    { pattern: /\bstmt pointer is closed\b/, library: "xerial" },
    { pattern: /\bcan only be called when the connection is open\b/, library: "dotnet" },
    { pattern: /\battempt to re-open an already-closed object\b/, library: "android" },
    { pattern: /\bthe connection pool has been closed\b/, library: "android" },
  ],
  examples: [
    { library: "python-sqlite3", text: "sqlite3.ProgrammingError: Cannot operate on a closed database." },
    { library: "python-sqlite3", text: "sqlite3.ProgrammingError: Cannot operate on a closed cursor." },
    { library: "django", text: "django.db.utils.ProgrammingError: Cannot operate on a closed database." },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.ProgrammingError: (sqlite3.ProgrammingError) Cannot operate on a closed database.",
    },
    { library: "sqlalchemy", text: "sqlalchemy.exc.ResourceClosedError: This Connection is closed" },
    { library: "better-sqlite3", text: "TypeError: The database connection is not open" },
    { library: "node-sqlite", text: ["Error: database is not open", "  code: 'ERR_INVALID_STATE'"].join("\n") },
    { library: "node-sqlite", text: "Error: statement has been finalized" },
    { library: "node-sqlite3", text: "Error: SQLITE_MISUSE: Database is closed" },
    { library: "node-sqlite3", text: "Error: SQLITE_MISUSE: Database handle is closed" },
    { library: "knex", text: "Error: Unable to acquire a connection" },
    { library: "knex", text: "TypeError: select * from `t` - The database connection is not open" },
    { library: "go-mattn", text: "sql: database is closed" },
    { library: "go-modernc", text: "sql: transaction has already been committed or rolled back" },
    { library: "sqlx", text: "attempted to acquire a connection on a closed pool" },
    { library: "ruby-sqlite3", text: "ArgumentError: prepare called on a closed database" },
    { library: "ruby-sqlite3", text: "SQLite3::Exception: cannot use a closed database" },
    { library: "rails", text: "ActiveRecord::StatementInvalid: SQLite3::Exception: cannot use a closed statement" },
    { library: "xerial", text: "java.sql.SQLException: database connection closed" },
    { library: "xerial", text: "java.sql.SQLException: stmt pointer is closed" },
    {
      library: "dotnet",
      text: "System.InvalidOperationException: ExecuteReader can only be called when the connection is open.",
    },
    {
      library: "android",
      text:
        "java.lang.IllegalStateException: attempt to re-open an already-closed object: SQLiteDatabase: " +
        "/data/user/0/com.example.app/databases/app.db",
    },
    {
      library: "android",
      text:
        "java.lang.IllegalStateException: Cannot perform this operation because the connection pool has been " +
        "closed.",
    },
  ],
  meaning:
    "The program uses a connection, a cursor or a statement that it has closed. The library refuses before " +
    "SQLite is called. Neither locks nor other programs are involved; the fix is a new connection.",
  causes: [
    {
      id: "used-after-close",
      what: "It was closed earlier in the same program",
      tell:
        "The traceback shows where it is used; find out where it is closed: close(), the end of a with or using " +
        "block, or of the request that opened it.",
      cure: "Open a connection for each request, task or thread, close it where it was opened; read the rows first.",
      code: [
        {
          library: "python-sqlite3",
          text: "with contextlib.closing(sqlite3.connect(path)) as con:  # use it only inside",
        },
        { library: "django", text: "connection.close()  # of django.db: the next query opens a fresh one" },
        { library: "sqlalchemy", text: "with engine.connect() as conn:  # rows = conn.execute(…).all() inside" },
        { library: "node-sqlite3", text: "db.close()  // in the last query's callback, not right after starting it" },
        { library: "knex", text: "await knex.destroy()  // once, at the very end" },
        { library: "go-mattn", text: "defer db.Close()  // in main, not in the function that opens it" },
        { library: "go-modernc", text: "defer db.Close()  // in main, not in the function that opens it" },
        { library: "dotnet", text: "await using var connection = new SqliteConnection(cs);  // await all inside" },
        { library: "android", text: "// one SQLiteOpenHelper for the whole app, and do not close its database" },
      ],
      findings: [],
      processes: "one",
    },
    {
      id: "shared",
      what: "Another thread or task closed the connection that they share",
      tell:
        "It happens now and then, under load or in tests, with a connection that is global, cached or in a " +
        "singleton.",
      cure: "Do not share connections: use one for each thread or task, or a pool.",
      findings: [],
      processes: "one",
    },
    {
      id: "closed-underneath",
      what: "The library closed it: after an error, after a fork, or for lack of open files",
      tell:
        "There was an earlier error, or the worker process was forked after the connection was opened; who-holds " +
        "reports inherited-handle or open-files-exhausted.",
      cure: "Open connections after the fork, and discard a connection that an error has broken.",
      code: [
        { library: "django", text: "connections.close_all()  # in the child, before its first query" },
        {
          library: "sqlalchemy",
          text: "engine.dispose()  # in the child (close=False from 1.4.33), before its first query",
        },
        { library: "rails", text: "ActiveRecord::Base.establish_connection  # in on_worker_boot" },
      ],
      findings: ["inherited-handle", "open-files-exhausted"],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
