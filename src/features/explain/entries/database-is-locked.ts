import type { Entry } from "../entry.ts";

export const databaseIsLocked: Entry = {
  id: "database-is-locked",
  title: "database is locked",
  code: { name: "SQLITE_BUSY", number: 5 },
  extended: [
    {
      name: "SQLITE_BUSY_RECOVERY",
      number: 261,
      meaning: "Another process is recovering a WAL-mode database after a crash, which takes moments.",
      causes: ["recovery"],
    },
    {
      name: "SQLITE_BUSY_SNAPSHOT",
      number: 517,
      meaning:
        "A read transaction in WAL mode tried to write, but another connection has written since it began to read. " +
        "No timeout helps.",
      causes: ["read-became-writer"],
    },
    {
      name: "SQLITE_BUSY_TIMEOUT",
      number: 773,
      meaning: "A blocking lock request (a build with SQLITE_ENABLE_SETLK_TIMEOUT) ran out of time.",
      causes: ["open-write-transaction", "same-process", "long-writes", "exclusive"],
    },
  ],
  wordings: [
    // Not prose such as "the database is locked down", nor another program's maintenance lock.
    { pattern: /(?<!\bA table in the )\bdatabase is locked\b(?! (?:down|up|out|for)\b)/i },
    // What xerial and rusqlite call the code; in brackets xerial adds what SQLite said.
    { pattern: /\bThe database file is locked\b(?! \((?!database is locked))/ },
    { pattern: /\bSQLiteDatabaseLockedException\b/, library: "android" },
    {
      pattern: /failed to respond to a query within the configured timeout[^\n]{0,40}sqlite-connector/,
      library: "prisma",
    },
    { pattern: /\bTimed out during query execution\b/, library: "prisma" },
    { pattern: /\bP1008\b.{0,20}\bOperations timed out after\b(?!.{0,300}-connector)/, library: "prisma" },
  ],
  examples: [
    { library: "sqlite", text: "Runtime error near line 1: database is locked (5)" },
    { library: "sqlite", text: "Error: stepping, database is locked (5)" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: database is locked" },
    {
      library: "django",
      text: [
        "Traceback (most recent call last):",
        '  File "/usr/lib/python3/dist-packages/django/db/backends/sqlite3/base.py", line 423, in execute',
        "    return Database.Cursor.execute(self, query, params)",
        "django.db.utils.OperationalError: database is locked",
      ].join("\n"),
    },
    {
      library: "sqlalchemy",
      text: [
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked",
        "[SQL: insert into t values(?)]",
      ].join("\n"),
    },
    {
      library: "better-sqlite3",
      text: [
        "SqliteError: database is locked",
        "    at Database.exec (/srv/app/node_modules/better-sqlite3/lib/methods/wrappers.js:9:14) {",
        "  code: 'SQLITE_BUSY'",
        "}",
      ].join("\n"),
    },
    {
      library: "better-sqlite3",
      text: ["SqliteError: database is locked", "    at app.js:3:9 {", "  code: 'SQLITE_BUSY_SNAPSHOT'", "}"].join(
        "\n",
      ),
      extended: 517,
    },
    {
      library: "node-sqlite",
      text: [
        "Error: database is locked",
        "  code: 'ERR_SQLITE_ERROR',",
        "  errcode: 5,",
        "  errstr: 'database is locked'",
      ].join("\n"),
    },
    {
      library: "node-sqlite",
      text: [
        "Error: database is locked",
        "  code: 'ERR_SQLITE_ERROR',",
        "  errcode: 517,",
        "  errstr: 'database is locked'",
      ].join("\n"),
      extended: 517,
    },
    {
      library: "node-sqlite3",
      text: ["[Error: SQLITE_BUSY: database is locked] {", "  errno: 5,", "  code: 'SQLITE_BUSY'", "}"].join("\n"),
    },
    {
      library: "prisma",
      text:
        "Error occurred during query execution: ConnectorError(ConnectorError { user_facing_error: None, kind: " +
        'QueryError(SqliteError { extended_code: 5, message: Some("database is locked") }) })',
    },
    {
      library: "prisma",
      text: [
        "Operations timed out after `N/A`. Context: The database failed to respond to a query within the " +
          "configured timeout — see https://pris.ly/d/sqlite-connector for more details. Database: /srv/app/app.db",
        "  code: 'P1008',",
      ].join("\n"),
    },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: ConnectionError(Timed out during query " +
        "execution.) })",
    },
    { library: "prisma", text: "P1008: Operations timed out after 5000ms" },
    { library: "prisma", text: ["Timed out during query execution.", "Code: `P1008`"].join("\n") },
    { library: "knex", text: "Error: insert into `t` (`x`) values (1) - SQLITE_BUSY: database is locked" },
    { library: "knex", text: "SqliteError: insert into `t` (`x`) values (1) - database is locked" },
    { library: "go-mattn", text: "2026/03/01 12:00:00 saving the order: database is locked" },
    { library: "go-modernc", text: "upserting into startup_settings: database is locked (5) (SQLITE_BUSY)" },
    { library: "go-modernc", text: "claim execution: database is locked (517)", extended: 517 },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: DatabaseBusy, extended_code: 5 }, Some("database is locked"))',
    },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: DatabaseBusy, extended_code: 517 }, Some("database is locked"))',
      extended: 517,
    },
    { library: "sqlx", text: "error returned from database: (code: 5) database is locked" },
    { library: "sqlx", text: "error returned from database: (code: 517) database is locked", extended: 517 },
    { library: "ruby-sqlite3", text: "resultset.rb:108:in `step': database is locked (SQLite3::BusyException)" },
    { library: "rails", text: "ActiveRecord::StatementTimeout: SQLite3::BusyException: database is locked" },
    {
      library: "rails",
      text:
        'ActiveRecord::StatementInvalid: SQLite3::BusyException: database is locked: UPDATE "jobs" SET "status" ' +
        '= \'queued\' WHERE "jobs"."id" = ?',
    },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid (SQLite3::BusyException: database is locked: commit transaction):",
    },
    {
      library: "xerial",
      text: "org.sqlite.SQLiteException: [SQLITE_BUSY] The database file is locked (database is locked)",
    },
    {
      library: "xerial",
      text:
        "[23:29:26] [Server thread/WARN]: org.sqlite.SQLiteException: [SQLITE_BUSY]  The database file is locked " +
        "(database is locked)",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_BUSY_SNAPSHOT] Another database connection has already written to the " +
        "database (database is locked)",
      extended: 517,
    },
    {
      library: "php-pdo",
      text:
        "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000]: General error: 5 database is locked in " +
        "/srv/app/add.php:168",
    },
    {
      library: "php-pdo",
      text:
        'SQLSTATE[HY000]: General error: 5 database is locked (Connection: sqlite, SQL: update "jobs" set ' +
        '"attempts" = 1 where "id" = 1697)',
    },
    { library: "rusqlite", text: "Error code 5: The database file is locked" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 5: 'database is locked'.",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteDatabaseLockedException: database is locked (code 5 SQLITE_BUSY): , while " +
        "compiling: PRAGMA journal_mode",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteDatabaseLockedException: database is locked (code 5): , while compiling: " +
        "PRAGMA journal_mode",
    },
  ],
  meaning:
    "Another connection holds a lock that this statement needs. SQLite has one writer at a time. How long it " +
    "waited is the best clue. An immediate failure, far below the timeout, means a read transaction tried to " +
    "write, or no timeout is set. A failure after the whole timeout means the lock was held for longer, by " +
    "another program or by this one.",
  causes: [
    {
      id: "open-write-transaction",
      what: "Another program holds a write transaction open",
      tell:
        "It fails after the whole timeout, again and again. who-holds names the program: a shell, a database " +
        "browser with unsaved changes, a job that never commits, a process stopped with Ctrl-Z.",
      cure:
        "Commit or roll back in that program; if it is stopped, continue it first (fg, or kill -CONT PID). Ending " +
        "it (kill PID) is the last resort: SQLite then undoes what was not committed, unless its journal is in " +
        "memory or off, in which case the database may be corrupt.",
      findings: ["uncommitted-write", "suspended-holder", "uninterruptible-holder", "orphaned-holder"],
      shownBy: "lasting-writer",
      spokenForBy: "writer",
      waited: "whole-timeout",
      processes: "several",
    },
    {
      id: "read-became-writer",
      what: "A read transaction tried to write",
      tell:
        "It fails at once, whatever the timeout, in a transaction (or beside an unfinished SELECT) that read " +
        "before it wrote. SQLite does not wait here, because two such transactions would wait for each other " +
        "forever. Code 517 always means this.",
      cure:
        "Start a transaction that will write with BEGIN IMMEDIATE, or write before you read; read cursors to the " +
        "end first. A longer timeout does not help. Before you retry, roll back the whole transaction.",
      code: [
        { library: "sqlite", text: "BEGIN IMMEDIATE;" },
        {
          library: "python-sqlite3",
          text: 'con = sqlite3.connect(path, isolation_level="IMMEDIATE")  # and fetchall() first',
        },
        { library: "django", text: '"OPTIONS": {"transaction_mode": "IMMEDIATE"}  # in DATABASES, from Django 5.1' },
        {
          library: "django",
          text:
            "class DatabaseWrapper(base.DatabaseWrapper):  # before 5.1: your own backend\n    def " +
            '_start_transaction_under_autocommit(self):\n        self.cursor().execute("BEGIN IMMEDIATE")',
        },
        {
          library: "sqlalchemy",
          text:
            '@event.listens_for(engine, "connect")\ndef connect(dbapi, record): dbapi.isolation_level = ' +
            'None\n@event.listens_for(engine, "begin")\ndef begin(conn): conn.exec_driver_sql("BEGIN IMMEDIATE")',
        },
        { library: "better-sqlite3", text: "db.transaction(fn).immediate();" },
        { library: "node-sqlite", text: 'db.exec("BEGIN IMMEDIATE");' },
        { library: "node-sqlite3", text: 'db.run("BEGIN IMMEDIATE");' },
        { library: "prisma", text: "await prisma.$transaction([write, read]);  // the write first" },
        { library: "knex", text: 'await trx("t").update(row);  // the write first: Knex begins with a plain BEGIN' },
        { library: "go-mattn", text: 'sql.Open("sqlite3", "file:app.db?_txlock=immediate")' },
        {
          library: "go-modernc",
          text: 'sql.Open("sqlite", "file:app.db?_txlock=immediate&_pragma=busy_timeout(5000)")',
        },
        { library: "rusqlite", text: "conn.transaction_with_behavior(TransactionBehavior::Immediate)?" },
        { library: "sqlx", text: 'pool.begin_with("BEGIN IMMEDIATE").await?' },
        { library: "ruby-sqlite3", text: "db.transaction(:immediate) { … }" },
        { library: "rails", text: "default_transaction_mode: immediate  # database.yml; the default of Rails 8.0" },
        { library: "xerial", text: "jdbc:sqlite:app.db?transaction_mode=IMMEDIATE" },
        {
          library: "php-pdo",
          text: '$pdo->exec("BEGIN IMMEDIATE"); … $pdo->exec("COMMIT");  // no beginTransaction()',
        },
        { library: "dotnet", text: "connection.BeginTransaction();  // not deferred: true, which waits in vain" },
        { library: "android", text: "db.beginTransactionNonExclusive();  // immediate; no BEGIN through execSQL" },
      ],
      findings: [],
      waited: "at-once",
    },
    {
      id: "same-process",
      what: "The program waits for itself: another of its connections is writing",
      tell:
        "It fails after the whole timeout, and who-holds shows one process with several handles. Typical causes: " +
        "an ORM connection for each task or thread inside one open transaction, or a query on the pool instead of " +
        "the transaction.",
      cure:
        "Do all the work of a transaction on its own connection, and commit before another connection of the same " +
        "thread or event loop writes. A longer timeout only makes it hang longer.",
      code: [
        { library: "django", text: "await sync_to_async(save_all)()  # the whole atomic() block in one thread" },
        {
          library: "sqlalchemy",
          text: "session.execute(…)  # not engine.connect() while the session has unsaved work",
        },
        {
          library: "prisma",
          text: "prisma.$transaction(async (tx) => { await tx.user.create(…) })  // tx, not prisma",
        },
        { library: "knex", text: 'await trx("t").insert(row)  // trx, not knex, inside the transaction' },
        { library: "go-mattn", text: "db.SetMaxOpenConns(1)  // and tx.Exec, not db.Exec, inside a transaction" },
        { library: "go-modernc", text: "db.SetMaxOpenConns(1)  // and tx.Exec, not db.Exec, inside a transaction" },
        { library: "sqlx", text: "query.execute(&mut *tx).await?  // &mut *tx, not &pool, inside a transaction" },
        { library: "ruby-sqlite3", text: "db.busy_handler_timeout = 5000  # busy_timeout= stops all Ruby threads" },
      ],
      findings: ["same-process-contention"],
      hints: ["same-process-contention"],
      shownBy: "waits-for-itself",
      refutedBy: "asleep",
      waited: "whole-timeout",
      processes: "one",
    },
    {
      id: "no-timeout",
      what: "The connection does not wait for locks, or not long enough",
      tell:
        "It fails at once, and the timeout is 0, which is the default of the sqlite3 shell, node:sqlite, " +
        "modernc.org/sqlite and Ruby's sqlite3. PRAGMA busy_timeout, run on that same connection, shows it.",
      cure: "Set a timeout of several seconds on every connection; it is not stored in the file.",
      code: [
        { library: "sqlite", text: "PRAGMA busy_timeout = 5000;  -- or .timeout 5000 in the shell" },
        { library: "python-sqlite3", text: "con = sqlite3.connect(path, timeout=20)" },
        { library: "django", text: '"OPTIONS": {"timeout": 20}' },
        { library: "sqlalchemy", text: 'create_engine(url, connect_args={"timeout": 20})' },
        { library: "better-sqlite3", text: "new Database(path, { timeout: 20000 })" },
        { library: "node-sqlite", text: "new DatabaseSync(path, { timeout: 5000 })" },
        { library: "node-sqlite3", text: 'db.configure("busyTimeout", 5000)' },
        { library: "prisma", text: 'url = "file:./app.db?socket_timeout=20"' },
        { library: "go-mattn", text: 'sql.Open("sqlite3", "file:app.db?_busy_timeout=20000")' },
        { library: "go-modernc", text: 'sql.Open("sqlite", "file:app.db?_pragma=busy_timeout(5000)")' },
        { library: "rusqlite", text: "conn.busy_timeout(Duration::from_secs(20))?" },
        { library: "sqlx", text: "SqliteConnectOptions::new().busy_timeout(Duration::from_secs(20))" },
        {
          library: "ruby-sqlite3",
          text: "db.busy_handler_timeout = 5000  # sqlite3 2.0; before: db.busy_timeout(5000)",
        },
        { library: "rails", text: "timeout: 5000  # in database.yml" },
        { library: "xerial", text: "jdbc:sqlite:app.db?busy_timeout=20000" },
        { library: "php-pdo", text: "new PDO($dsn, null, null, [PDO::ATTR_TIMEOUT => 20])  // seconds" },
        { library: "dotnet", text: '"Data Source=app.db;Default Timeout=60"' },
      ],
      findings: [],
      waited: "at-once",
      noTimeout: true,
    },
    {
      id: "long-writes",
      what: "Writers queue for longer than the timeout",
      tell:
        "It fails after the whole timeout, and only under load; who-holds shows a running writer, a different one " +
        "each time. sqlock record shows how long each of them waits, and for which statements.",
      cure:
        "Keep write transactions short: no network calls, no waiting for people, no big reads inside. Put many " +
        "small writes into one transaction. Then set the timeout above the longest of them.",
      findings: ["likely-waiting"],
      spokenForBy: ["takes-turns", "writer"],
      waited: "whole-timeout",
    },
    {
      id: "unfinished-read",
      what: "An unfinished read keeps a writer from committing",
      tell:
        "The database is in rollback mode, and the COMMIT (or a large write) is what fails; then new readers fail " +
        "too. who-holds shows a reader with SHARED beside a writer with RESERVED or PENDING.",
      cure:
        "In the reading program, end the transaction (COMMIT or ROLLBACK): it keeps its lock after its cursors are " +
        "closed. Outside a transaction, read cursors to the end or close them. In WAL mode, readers and one writer " +
        "work side by side: PRAGMA journal_mode=WAL, once.",
      findings: ["open-read-blocks-commit"],
      spokenForBy: "reader",
      waited: "whole-timeout",
    },
    {
      id: "journal-mode-change",
      what: "PRAGMA journal_mode tries to change the mode while others use the database",
      tell:
        "The statement is PRAGMA journal_mode, often at start-up. Switching to WAL fails at once while another " +
        "connection writes; switching from WAL fails while any other connection is open.",
      cure:
        "Change the mode once, when no other process has the database open (sqlock who-holds DATABASE). WAL mode " +
        "is stored in the file, and asking for the mode that it already has takes no lock.",
      findings: [],
    },
    {
      id: "exclusive",
      what: "One connection has the database to itself",
      tell:
        "Reading fails as well. who-holds shows EXCLUSIVE: locking_mode=EXCLUSIVE, BEGIN EXCLUSIVE, a VACUUM, or a " +
        "write that is too large for its cache.",
      cure:
        "Let it finish; then remove locking_mode=EXCLUSIVE and BEGIN EXCLUSIVE from the program. Do not kill it " +
        "before you know its journal_mode: with MEMORY or OFF, that can corrupt the database.",
      findings: ["exclusive-locking-mode"],
      shownBy: "exclusive",
      waited: "whole-timeout",
    },
    {
      id: "other-lock",
      what: "A backup or file sync program holds a lock, or a lock directory is stale",
      tell:
        "who-holds shows FOREIGN (a backup, file sync or virus scanner), or there is a directory DATABASE.lock, " +
        "which programs that use unix-dotfile locking leave behind when they crash.",
      cure:
        "Let that program finish, and exclude the database from it; for backups use .backup or VACUUM INTO. Remove " +
        "DATABASE.lock only when none of the programs that use the database is running.",
      findings: ["foreign-lock", "lock-directory"],
      processes: "several",
    },
    {
      id: "elsewhere",
      what: "It is on a network file system, or held from another machine or container",
      tell:
        "The path is on NFS, CIFS, 9p or FUSE, and who-holds sees no holder here: the holder runs elsewhere, or " +
        "the server still keeps the lock of a client that is gone.",
      cure:
        "Move the database to a local disk, and let one program there serve the others. Mount options that turn " +
        "locks off (nolock, nobrl) silence the message but put the data at risk.",
      findings: ["network-file-system", "other-namespace"],
      hints: ["network-file-system"],
      processes: "several",
    },
    {
      id: "recovery",
      what: "Another process is recovering the database after a crash",
      tell: "The code is 261, or there was a hot -journal or a left-over -wal; it passes within moments.",
      cure: "Retry, with a timeout. Leave the -wal and -journal where they are: they hold the data to recover.",
      findings: ["hot-journal", "leftover-wal"],
      shownBy: "recovering",
    },
  ],
  next: ["sqlock who-holds DATABASE", "sudo sqlock record DATABASE", "sqlock who-holds --wait 30s --blocked DATABASE"],
};
