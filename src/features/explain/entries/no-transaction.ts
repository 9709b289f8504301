import type { Entry } from "../entry.ts";

export const noTransaction: Entry = {
  id: "no-transaction",
  title: "cannot commit - no transaction is active",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [
    { pattern: /\bcannot (?:commit|rollback) - no transaction is active\b/i },
    { pattern: /\bPDOException: There is no active transaction\b/, library: "php-pdo" },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, cannot commit - no transaction is active" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: cannot rollback - no transaction is active" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) cannot commit - no transaction is active",
    },
    { library: "better-sqlite3", text: "SqliteError: cannot commit - no transaction is active" },
    { library: "node-sqlite3", text: "Error: SQLITE_ERROR: cannot commit - no transaction is active" },
    { library: "go-mattn", text: "cannot rollback - no transaction is active" },
    { library: "go-modernc", text: "SQL logic error: cannot commit - no transaction is active (1)" },
    { library: "ruby-sqlite3", text: "SQLite3::SQLException: cannot rollback - no transaction is active" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::SQLException: cannot commit - no transaction is active",
    },
    { library: "php-pdo", text: "PDOException: There is no active transaction" },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_ERROR] SQL error or missing database (cannot commit - no transaction " +
        "is active)",
    },
    {
      library: "dotnet",
      text:
        "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 1: 'cannot rollback - no transaction is " +
        "active'.",
    },
  ],
  meaning:
    "COMMIT or ROLLBACK was run on a connection that has no transaction, or no longer has one. Often it hides " +
    "an earlier error, after which SQLite rolled back: look for the message before this one.",
  causes: [
    {
      id: "rolled-back",
      what: "SQLite had already rolled the transaction back after an error",
      tell:
        "An earlier message on that connection is 'database or disk is full', 'disk I/O error', 'out of memory' or " +
        "'interrupted', or comes from a constraint with OR ROLLBACK.",
      cure: "Fix that first error. In the program, roll back after an error only if a transaction is still open.",
      code: [
        { library: "python-sqlite3", text: "if con.in_transaction: con.rollback()" },
        { library: "better-sqlite3", text: 'if (db.inTransaction) db.exec("ROLLBACK")' },
        { library: "node-sqlite", text: 'if (db.isTransaction) db.exec("ROLLBACK")' },
        { library: "php-pdo", text: "if ($pdo->inTransaction()) $pdo->rollBack();" },
      ],
      findings: ["disk-full"],
    },
    {
      id: "another-connection",
      what: "BEGIN and COMMIT went to different connections of a pool",
      tell:
        "The program sends BEGIN and COMMIT as plain SQL through a pool. The BEGIN then keeps its locks on the " +
        "other connection, and others get 'database is locked'.",
      cure: "Use the pool's own transactions, or take one connection from it for all the statements.",
      code: [
        { library: "go-mattn", text: 'tx, err := db.Begin()  // not db.Exec("BEGIN")' },
        { library: "go-modernc", text: 'tx, err := db.Begin()  // not db.Exec("BEGIN")' },
        { library: "sqlx", text: 'let mut tx = pool.begin().await?;  // not a query "BEGIN" on the pool' },
        { library: "knex", text: 'await knex.transaction(async (trx) => { … })  // not knex.raw("BEGIN")' },
      ],
      findings: ["same-process-contention", "uncommitted-write"],
      processes: "one",
    },
    {
      id: "committed-before",
      what: "It had already been committed by the library or by another task",
      tell:
        "No error came before it. Python's executescript() and many migration tools commit first; a second COMMIT, " +
        "or a task that shares the connection, has the same effect.",
      cure: "Commit and roll back in one place only, and give each task its own connection.",
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
