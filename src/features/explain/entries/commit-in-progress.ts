import type { Entry } from "../entry.ts";

export const commitInProgress: Entry = {
  id: "commit-in-progress",
  title: "cannot commit transaction - SQL statements in progress",
  // Unlike its siblings this one has SQLITE_BUSY: vdbe.c, OP_AutoCommit and OP_Savepoint.
  code: { name: "SQLITE_BUSY", number: 5 },
  extended: [],
  wordings: [
    {
      pattern: new RegExp(
        String.raw`\bcannot (?:(?:commit|rollback) (?:transaction|savepoint)|(?:open|release) savepoint|VACUUM)` +
          String.raw` - SQL statements in progress\b`,
        "i",
      ),
    },
  ],
  examples: [
    { library: "sqlite", text: "Error: cannot commit transaction - SQL statements in progress" },
    {
      library: "python-sqlite3",
      text: "sqlite3.OperationalError: cannot commit transaction - SQL statements in progress",
    },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: cannot VACUUM - SQL statements in progress" },
    {
      library: "django",
      text: "django.db.utils.OperationalError: cannot commit transaction - SQL statements in progress",
    },
    {
      library: "sqlalchemy",
      text:
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) cannot commit transaction - SQL statements in " +
        "progress",
    },
    { library: "better-sqlite3", text: "SqliteError: cannot commit transaction - SQL statements in progress" },
    { library: "node-sqlite3", text: "Error: SQLITE_BUSY: cannot commit transaction - SQL statements in progress" },
    { library: "go-mattn", text: "cannot commit transaction - SQL statements in progress" },
    { library: "go-mattn", text: "cannot release savepoint - SQL statements in progress" },
    { library: "go-mattn", text: "cannot rollback transaction - SQL statements in progress" },
    {
      library: "sqlx",
      text: "error returned from database: (code: 5) cannot commit transaction - SQL statements in progress",
    },
    {
      library: "ruby-sqlite3",
      text: "SQLite3::BusyException: cannot rollback transaction - SQL statements in progress",
    },
    {
      library: "rails",
      text:
        "ActiveRecord::StatementInvalid: SQLite3::BusyException: cannot rollback savepoint - SQL statements in " +
        "progress: ROLLBACK TO SAVEPOINT active_record_1",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_BUSY] The database file is locked (cannot commit transaction - SQL " +
        "statements in progress)",
    },
    {
      library: "php-pdo",
      text: "PDOException: SQLSTATE[HY000]: General error: 5 cannot commit transaction - SQL statements in progress",
    },
    { library: "dotnet", text: "SQLite Error 5: 'cannot commit transaction - SQL statements in progress'." },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteException: cannot commit transaction - SQL statements in progress (code 5 " +
        "SQLITE_BUSY)",
    },
  ],
  meaning:
    "A statement of the same connection has begun to write and is not finished, so the transaction cannot end; " +
    "VACUUM needs reads finished too. The code is SQLITE_BUSY, but no other connection or program is involved, " +
    "and a timeout does not help.",
  causes: [
    {
      id: "unfinished-write",
      what: "A statement that writes was not read to the end",
      tell: "It is an INSERT, UPDATE or DELETE with RETURNING, and not all of its rows were fetched before the commit.",
      cure: "Fetch all rows, or close the cursor, before you commit.",
      code: [
        {
          library: "python-sqlite3",
          text: 'row = con.execute("INSERT … RETURNING id").fetchall()[0]  # then con.commit()',
        },
        { library: "sqlalchemy", text: "result.all()  # before commit()" },
        { library: "better-sqlite3", text: 'db.prepare("INSERT … RETURNING id").all(row)  // not iterate()' },
        { library: "go-mattn", text: "rows.Close()  // before tx.Commit()" },
        { library: "go-modernc", text: "rows.Close()  // before tx.Commit()" },
        { library: "php-pdo", text: "$statement->closeCursor();  // before commit()" },
      ],
      findings: [],
      waited: "at-once",
      processes: "one",
    },
    {
      id: "unfinished-read",
      what: "A SELECT of the same connection is still open, and the statement is a VACUUM",
      tell:
        "The message says VACUUM. (Before SQLite 3.7.11, a rollback beside an open SELECT failed as well; before " +
        "3.6.5, a commit.)",
      cure: "Read all cursors to the end or close them, and commit; then run VACUUM.",
      findings: [],
      waited: "at-once",
      processes: "one",
    },
    {
      id: "shared-connection",
      what: "Another thread or task is writing on the same connection",
      tell: "It happens only when requests overlap.",
      cure: "Use one connection for each thread or task that has a transaction.",
      findings: [],
      waited: "at-once",
      processes: "one",
    },
  ],
  next: ["sqlock explain 'database is locked'  # if others are blocked meanwhile"],
};
