import type { Entry } from "../entry.ts";

export const readonlyDatabase: Entry = {
  id: "readonly-database",
  title: "attempt to write a readonly database",
  code: { name: "SQLITE_READONLY", number: 8 },
  extended: [
    {
      name: "SQLITE_READONLY_RECOVERY",
      number: 264,
      meaning: "The WAL needs recovery, and this connection cannot write.",
      causes: ["needs-recovery", "wal-files"],
    },
    {
      name: "SQLITE_READONLY_CANTLOCK",
      number: 520,
      meaning: "SQLite could not get a lock on the -shm file, because it cannot write that file.",
      causes: ["wal-files", "no-permission", "security-module"],
    },
    {
      name: "SQLITE_READONLY_ROLLBACK",
      number: 776,
      meaning: "A hot journal has to be rolled back first, and this connection cannot write.",
      causes: ["needs-recovery", "no-permission"],
    },
    {
      name: "SQLITE_READONLY_DBMOVED",
      number: 1032,
      meaning: "The database file was moved, replaced or deleted after this connection opened it.",
      causes: ["moved"],
    },
    {
      name: "SQLITE_READONLY_CANTINIT",
      number: 1288,
      meaning: "The -shm file has to be set up first, and this connection cannot write it.",
      causes: ["wal-files", "no-permission", "security-module"],
    },
    {
      name: "SQLITE_READONLY_DIRECTORY",
      number: 1544,
      meaning: "SQLite cannot create its -journal or -wal file in the database's folder.",
      causes: ["no-permission", "wal-files", "security-module"],
    },
  ],
  wordings: [
    { pattern: /\battempt to write a readonly database\b/i },
    { pattern: /\bSQLiteReadOnlyDatabaseException\b/, library: "android" },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, attempt to write a readonly database (8)" },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: attempt to write a readonly database" },
    { library: "django", text: "django.db.utils.OperationalError: attempt to write a readonly database" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) attempt to write a readonly database",
    },
    {
      library: "better-sqlite3",
      text: [
        "SqliteError: attempt to write a readonly database",
        "    at app.js:3:9 {",
        "  code: 'SQLITE_READONLY_DBMOVED'",
        "}",
      ].join("\n"),
      extended: 1032,
    },
    {
      library: "node-sqlite",
      text: ["Error: attempt to write a readonly database", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 8,"].join("\n"),
    },
    {
      library: "node-sqlite",
      text: ["Error: attempt to write a readonly database", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 1032,"].join(
        "\n",
      ),
      extended: 1032,
    },
    { library: "node-sqlite3", text: "Error: SQLITE_READONLY: attempt to write a readonly database" },
    {
      library: "knex",
      text: "Error: insert into `t` (`x`) values (1) - SQLITE_READONLY: attempt to write a readonly database",
    },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '1032, message: Some("attempt to write a readonly database") }) })',
      extended: 1032,
    },
    { library: "go-mattn", text: "panic: attempt to write a readonly database" },
    { library: "go-modernc", text: "attempt to write a readonly database (1032)", extended: 1032 },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: ReadOnly, extended_code: 8 }, Some("attempt to write a readonly database"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 8) attempt to write a readonly database" },
    {
      library: "sqlx",
      text: "error returned from database: (code: 1544) attempt to write a readonly database",
      extended: 1544,
    },
    { library: "ruby-sqlite3", text: "SQLite3::ReadOnlyException: attempt to write a readonly database" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::ReadOnlyException: attempt to write a readonly database",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_READONLY] Attempt to write a readonly database (attempt to write a " +
        "readonly database)",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_READONLY_DBMOVED] The database file has been moved since it was " +
        "opened (attempt to write a readonly database)",
      extended: 1032,
    },
    {
      library: "php-pdo",
      text: "PDOException: SQLSTATE[HY000]: General error: 8 attempt to write a readonly database",
    },
    {
      library: "dotnet",
      text:
        "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 8: 'attempt to write a readonly " +
        "database'.",
    },
    {
      library: "android",
      text: "android.database.sqlite.SQLiteReadOnlyDatabaseException: attempt to write a readonly database (code 1032)",
      extended: 1032,
    },
  ],
  meaning:
    "SQLite cannot write here: the file, its folder or one of its companion files is not writable for this " +
    "user, the connection was opened read-only, or the file is no longer the one that was opened. Locks have " +
    "nothing to do with it.",
  causes: [
    {
      id: "no-permission",
      what: "The user of the process cannot write the database or its folder",
      tell:
        "Run ls -ld on the folder and ls -l on the database, -wal, -shm and -journal; compare with the user that " +
        "who-holds shows, or that the service or container runs as. SQLite creates files beside the database, so " +
        "the folder counts too.",
      cure:
        "Give the folder and all these files to that user (chown). A read-only mount, such as a container volume " +
        "with :ro, has to be mounted for writing.",
      findings: ["not-writable"],
      proofs: ["not-writable"],
      notWith: "read-only-mount",
      refused: "rights",
    },
    {
      id: "read-only-file-system",
      what: "The file system is read-only: mounted that way, or after an error",
      tell:
        "findmnt -T DATABASE lists ro or emergency_ro among the options, or dmesg says that the file system was " +
        "remounted read-only. In a container: a volume with :ro.",
      cure:
        "If it is mounted read-only on purpose, keep the database elsewhere. If not, the disk may be failing: copy " +
        "the database with its -wal and -journal, read dmesg, and check the disk before it is mounted for writing " +
        "again.",
      findings: ["not-writable"],
      hints: ["not-writable"],
      shownBy: "read-only-mount",
      refused: "read-only-file-system",
    },
    {
      id: "moved",
      what: "The file was moved, replaced or deleted while the program had it open",
      tell:
        "The code is 1032, or who-holds reports deleted-file: after a restore, a deployment, a git checkout or an " +
        "mv new.db over it.",
      cure:
        "What was committed to the old file may exist nowhere else: rescue it first, as the finding says. Then " +
        "restart the program. Next time, replace the content instead of the file (.restore in the sqlite3 shell), " +
        "or stop the program first.",
      findings: ["deleted-file"],
      processes: "several",
    },
    {
      id: "read-only-connection",
      what: "The connection itself was opened read-only",
      tell:
        "The program opens it with mode=ro, immutable=1 or a readonly option, or has run PRAGMA query_only=1; " +
        "other programs can write.",
      cure: "Open a second connection for writing, or drop that option.",
      code: [
        { library: "sqlite", text: "PRAGMA query_only;  -- 1: this connection writes nothing" },
        { library: "python-sqlite3", text: 'sqlite3.connect("file:app.db?mode=rw", uri=True)' },
        { library: "better-sqlite3", text: "new Database(path)  // without readonly: true" },
        { library: "node-sqlite", text: "new DatabaseSync(path)  // without readOnly: true" },
        { library: "php-pdo", text: "new PDO($dsn)  // without PDO::SQLITE_OPEN_READONLY" },
        { library: "dotnet", text: '"Data Source=app.db;Mode=ReadWrite"' },
        { library: "android", text: "helper.getWritableDatabase()" },
      ],
      findings: [],
      spokenForBy: "only-reads",
    },
    {
      id: "wal-files",
      what: "In WAL mode even reading needs the -wal and -shm, and another user owns them",
      tell:
        "The database is in WAL mode, and the -wal or -shm belongs to another user (often root, after a sudo " +
        "sqlite3), or cannot be created beside the database.",
      cure:
        "Use one user (or one group, with umask 002) for all programs that use the database, and give the files to " +
        "it. For read-only media, leave WAL mode before you copy the database there (PRAGMA journal_mode=DELETE), " +
        "or open it with immutable=1.",
      findings: ["not-writable", "foreign-companion", "leftover-wal"],
      hints: ["leftover-wal", "not-writable"],
      refused: "companions",
    },
    {
      id: "needs-recovery",
      what: "A crash left something to recover, and this connection cannot recover it",
      tell: "The code is 776 or 264, or who-holds reports hot-journal or leftover-wal.",
      cure:
        "Check as root, with sqlock who-holds DATABASE, that no process has it open and that there is no " +
        "<database>.lock. Then open it once as a user who can write: sqlite3 DATABASE 'PRAGMA schema_version'. " +
        "Leave the -journal and -wal where they are until then.",
      findings: ["hot-journal", "leftover-wal"],
    },
    {
      id: "security-module",
      what: "SELinux or AppArmor denies it to the program",
      tell:
        "The mode bits allow it, and the kernel log has the denial: ausearch -m avc -ts recent, or journalctl -k " +
        "-g apparmor. cat /proc/PID/attr/current shows what confines the program.",
      cure:
        "Keep the database where that program's rules allow it, or give the folder the right label (semanage " +
        "fcontext, restorecon), or add the path to the profile (aa-logprof).",
      findings: [],
      spokenForBy: "confined",
      refused: "other-control",
    },
  ],
  triesAccess: true,
  next: ["sqlock who-holds DATABASE", "ls -l DATABASE*"],
};
