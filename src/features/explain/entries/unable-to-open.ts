import type { Entry } from "../entry.ts";

export const unableToOpen: Entry = {
  id: "unable-to-open",
  title: "unable to open database file",
  code: { name: "SQLITE_CANTOPEN", number: 14 },
  extended: [
    {
      name: "SQLITE_CANTOPEN_NOTEMPDIR",
      number: 270,
      meaning: "No longer used: there was no folder for temporary files.",
      causes: ["no-temp-folder"],
    },
    { name: "SQLITE_CANTOPEN_ISDIR", number: 526, meaning: "The path is a folder.", causes: ["wrong-path"] },
    {
      name: "SQLITE_CANTOPEN_FULLPATH",
      number: 782,
      meaning: "The system could not turn the name into a full path.",
      causes: ["wrong-path"],
    },
    {
      name: "SQLITE_CANTOPEN_CONVPATH",
      number: 1038,
      meaning: "Cygwin could not convert the path.",
      causes: ["wrong-path"],
    },
    { name: "SQLITE_CANTOPEN_DIRTYWAL", number: 1294, meaning: "Not used by SQLite today." },
    {
      name: "SQLITE_CANTOPEN_SYMLINK",
      number: 1550,
      meaning: "The path is a symbolic link, and the program opens it with SQLITE_OPEN_NOFOLLOW.",
      causes: ["wrong-path"],
    },
  ],
  wordings: [
    { pattern: /\bunable to open database file\b/i },
    { pattern: /\bUnable to open the database file\b/i },
    { pattern: /\bunable to open database "/ },
    { pattern: /\bSQLiteCantOpenDatabaseException\b/, library: "android" },
    { pattern: /\bunknown error \(code \d{1,6} SQLITE_CANTOPEN/, library: "android" },
    { pattern: /\bCannot open database because the directory does not exist\b/, library: "better-sqlite3" },
    { pattern: /\bSQLException: path to '[^'\n]{0,4096}': '[^'\n]{0,4096}' does not exist\b/, library: "xerial" },
  ],
  examples: [
    { library: "sqlite", text: 'Error: unable to open database "/nonexistent/x.db": unable to open database file' },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: unable to open database file" },
    { library: "django", text: "django.db.utils.OperationalError: unable to open database file" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) unable to open database file",
    },
    {
      library: "better-sqlite3",
      text: ["SqliteError: unable to open database file", "  code: 'SQLITE_CANTOPEN'"].join("\n"),
    },
    { library: "better-sqlite3", text: "TypeError: Cannot open database because the directory does not exist" },
    {
      library: "node-sqlite",
      text: ["Error: unable to open database file", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 14,"].join("\n"),
    },
    {
      library: "node-sqlite3",
      text: [
        "[Error: SQLITE_CANTOPEN: unable to open database file",
        "Emitted 'error' event on Database instance at:",
        "] {",
        "  errno: 14,",
      ].join("\n"),
    },
    { library: "knex", text: "Error: SQLITE_CANTOPEN: unable to open database file" },
    { library: "prisma", text: "Error querying the database: Error code 14: Unable to open the database file" },
    { library: "go-mattn", text: "unable to open database file: no such file or directory" },
    { library: "go-modernc", text: "failed to open database: unable to open database file (14)" },
    { library: "go-modernc", text: "unable to open database file: out of memory (14)" },
    {
      library: "rusqlite",
      text:
        'SqliteFailure(Error { code: CannotOpen, extended_code: 14 }, Some("unable to open database file: ' +
        '/nonexistent/x.db"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 14) unable to open database file" },
    { library: "ruby-sqlite3", text: "SQLite3::CantOpenException: unable to open database file" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::CantOpenException: unable to open database file",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_CANTOPEN] Unable to open the database file (unable to open database " +
        "file)",
    },
    { library: "xerial", text: "java.sql.SQLException: path to '/nonexistent/x.db': '/nonexistent' does not exist" },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000] [14] unable to open database file" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 14: 'unable to open database file'.",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteCantOpenDatabaseException: unknown error (code 14 SQLITE_CANTOPEN): Could " +
        "not open database",
    },
    { library: "android", text: "unknown error (code 1294 SQLITE_CANTOPEN_ENOENT[1294]): Could not open database" },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteCantOpenDatabaseException: unknown error (Sqlite code 14): Could not open " +
        "database, (OS error - 24:Too many open files)",
    },
  ],
  meaning:
    "The system did not let SQLite open the database or a file beside it: -journal, -wal, -shm or a temporary " +
    "file. So it can also happen in the middle of a transaction. Locks have nothing to do with it.",
  causes: [
    {
      id: "wrong-path",
      what: "The path is wrong: its folder does not exist, or the path is itself a folder",
      tell:
        "The path is relative, and the program was started in another folder (a service, cron, a container, a " +
        "test); or a folder in it is missing, which SQLite does not create.",
      cure: "Use an absolute path, and create its folder first. Print the path just before it is opened.",
      code: [
        { library: "python-sqlite3", text: 'sqlite3.connect(Path(__file__).parent / "app.db")' },
        { library: "django", text: '"NAME": BASE_DIR / "db.sqlite3"' },
        { library: "sqlalchemy", text: "sqlite:////srv/app/app.db  # four slashes: absolute; three: relative" },
        { library: "better-sqlite3", text: "fs.mkdirSync(path.dirname(file), { recursive: true })" },
        { library: "prisma", text: 'url = "file:/srv/app/app.db"  // a relative one starts from schema.prisma' },
        { library: "go-modernc", text: '// "out of memory (14)" is this message too; memory is not short' },
        { library: "sqlx", text: "SqliteConnectOptions::new().filename(path).create_if_missing(true)" },
      ],
      findings: [],
      pathError: "no-such-file",
    },
    {
      id: "must-exist",
      what: "The file does not exist, and the program does not create it",
      tell:
        "ls says so, and the program opens it with mode=rw or mode=ro, with fileMustExist or with sqlx's default, " +
        "none of which create a database.",
      cure: "Create the database first, or let this program create it.",
      code: [
        { library: "better-sqlite3", text: "new Database(path)  // without fileMustExist" },
        { library: "sqlx", text: "SqliteConnectOptions::new().filename(path).create_if_missing(true)" },
        { library: "dotnet", text: '"Data Source=app.db;Mode=ReadWriteCreate"' },
      ],
      findings: [],
      pathError: "no-such-file",
    },
    {
      id: "no-permission",
      what: "The user of the process cannot open one of the files, or enter the folder",
      tell:
        "namei -l DATABASE shows the permissions along the whole path. In WAL mode the -wal and -shm count as " +
        "well: a sudo sqlite3 may have left them owned by root. In a container, compare the user inside with the " +
        "owner of the volume.",
      cure: "Give the folder, the database and its companion files to the user that the program runs as.",
      findings: ["not-writable", "foreign-companion"],
      proofs: ["not-writable"],
      notWith: "read-only-mount",
      pathError: "permission-denied",
      refused: "rights",
    },
    {
      id: "read-only-file-system",
      what: "The file system is read-only: in WAL mode, the -wal and -shm cannot be created",
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
      id: "no-room-for-a-file",
      what: "No more files can be created: no inode is free, or a file quota is used up",
      tell: "df -i DATABASE shows no free inodes, or quota -vu USER shows that a limit on files is reached.",
      cure:
        "Delete files that are not needed on that file system (du --inodes -x shows where they are), or have the " +
        "quota raised. Leave the -wal, -shm and -journal alone.",
      findings: ["disk-full"],
      hints: ["disk-full"],
      refused: "no-room",
    },
    {
      id: "odd-companion",
      what: "A -wal, -shm or -journal is a symbolic link, a folder or a named pipe",
      tell: "who-holds reports odd-companion, or ls -l shows it. SQLite does not follow a link there.",
      cure:
        "Move it away while no program has the database open. If a -wal was moved elsewhere and linked, put that " +
        "file back.",
      findings: ["odd-companion"],
    },
    {
      id: "too-many-files",
      what: "The process has run out of open files",
      tell:
        "It works for hours, then everything fails until a restart. who-holds reports open-files-exhausted, or ls " +
        "-l /proc/PID/fd shows many handles on the same database: connections that are opened and never closed.",
      cure:
        "Close every connection (with, using, defer, finally), or use one pool. A higher limit (ulimit -n, " +
        "LimitNOFILE=) only buys time.",
      code: [
        {
          library: "python-sqlite3",
          text: "with contextlib.closing(sqlite3.connect(path)) as con:  # with alone does not close",
        },
        { library: "go-mattn", text: "// one sql.Open for the whole program, not one per request" },
        { library: "go-modernc", text: "// one sql.Open for the whole program, not one per request" },
      ],
      findings: ["open-files-exhausted"],
      processes: "one",
    },
    {
      id: "no-temp-folder",
      what: "A temporary file cannot be created",
      tell:
        "It fails in a VACUUM, a large sort or a CREATE INDEX, not when the database is opened; none of " +
        "SQLITE_TMPDIR, TMPDIR, /var/tmp, /usr/tmp and /tmp is writable, as in a small or hardened container.",
      cure: "Set SQLITE_TMPDIR to a writable folder, or PRAGMA temp_store=MEMORY.",
      findings: [],
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
  next: ["namei -l DATABASE", "sqlock who-holds DATABASE"],
};
