import type { Entry } from "../entry.ts";

export const malformed: Entry = {
  id: "malformed",
  title: "database disk image is malformed",
  code: { name: "SQLITE_CORRUPT", number: 11 },
  extended: [
    {
      name: "SQLITE_CORRUPT_VTAB",
      number: 267,
      meaning: "The content of a virtual table (full-text, R-Tree) is corrupt.",
      causes: ["index-only"],
    },
    {
      name: "SQLITE_CORRUPT_SEQUENCE",
      number: 523,
      meaning: "The sqlite_sequence table is corrupt.",
      causes: ["changed-beside-sqlite", "changed-schema"],
    },
    {
      name: "SQLITE_CORRUPT_INDEX",
      number: 779,
      meaning: "An index lacks an entry that it should have.",
      causes: ["index-only", "copied-while-open"],
    },
  ],
  wordings: [
    { pattern: /\bdatabase disk image is malformed\b/i },
    { pattern: /\bmalformed database schema\b/ },
    { pattern: /\bSQLiteDatabaseCorruptException\b(?!: file is )/, library: "android" },
  ],
  examples: [
    { library: "sqlite", text: "Error: stepping, database disk image is malformed (11)" },
    { library: "sqlite", text: 'Error: malformed database schema (t) - near "STRICT": syntax error' },
    { library: "python-sqlite3", text: "sqlite3.DatabaseError: database disk image is malformed" },
    { library: "django", text: "django.db.utils.DatabaseError: database disk image is malformed" },
    {
      library: "sqlalchemy",
      text: "sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) database disk image is malformed",
    },
    {
      library: "better-sqlite3",
      text: ["SqliteError: database disk image is malformed", "  code: 'SQLITE_CORRUPT_VTAB'"].join("\n"),
      extended: 267,
    },
    {
      library: "node-sqlite",
      text: ["Error: database disk image is malformed", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 11,"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_CORRUPT: database disk image is malformed" },
    { library: "knex", text: "Error: select * from `t` - SQLITE_CORRUPT: database disk image is malformed" },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '11, message: Some("database disk image is malformed") }) })',
    },
    { library: "go-mattn", text: "panic: database disk image is malformed" },
    { library: "go-modernc", text: "database disk image is malformed (779)", extended: 779 },
    {
      library: "rusqlite",
      text:
        'SqliteFailure(Error { code: DatabaseCorrupt, extended_code: 11 }, Some("database disk image is ' +
        'malformed"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 11) database disk image is malformed" },
    { library: "ruby-sqlite3", text: "SQLite3::CorruptException: database disk image is malformed" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::CorruptException: database disk image is malformed",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_CORRUPT] The database disk image is malformed (database disk image is " +
        "malformed)",
    },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000]: General error: 11 database disk image is malformed" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 11: 'database disk image is malformed'.",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteDatabaseCorruptException: database disk image is malformed (code 11 " +
        "SQLITE_CORRUPT)",
    },
  ],
  meaning:
    "The file no longer holds a sound database: its pages contradict each other. SQLite does not cause this; " +
    "something else changed the files, or locks did not hold. Stop the programs and copy the database with its " +
    "-wal and -journal before you try anything: opening it changes it.",
  causes: [
    {
      id: "copied-while-open",
      what: "It was copied while a program was writing, or without its -wal or -journal",
      tell:
        "This file is a copy, made by cp, rsync, a snapshot of a container volume, a synchronised folder, adb pull " +
        "or a download. The original may be sound.",
      cure:
        "Copy it again with sqlite3 DATABASE \".backup copy.db\" or VACUUM INTO 'copy.db', which work while programs " +
        "write; or copy all the files while no process has it open.",
      findings: ["leftover-wal", "damaged-wal", "hot-journal", "live-copy"],
    },
    {
      id: "replaced",
      what: "It was replaced or moved while programs had it open, or beside an old -wal",
      tell:
        "who-holds reports foreign-writer, wal-from-another-file or deleted-file; there was a restore or a " +
        "deployment shortly before, or the folder is synchronised.",
      cure:
        "Restore it again: stop the programs, and put the database in place with its own -wal and -journal, or " +
        "with none (move the old ones away, and keep them). Better: .restore in the sqlite3 shell.",
      findings: ["foreign-writer", "wal-from-another-file", "deleted-file"],
      processes: "several",
    },
    {
      id: "changed-beside-sqlite",
      what: "A program used the database without its locks",
      tell:
        "who-holds reports lost-locks, other-locking, inherited-handle or mixed-lock-apis: a program opens and " +
        "closes the file outside of SQLite (to hash or copy it), a connection is carried over a fork, programs " +
        "lock in different ways, or one process has two copies of SQLite.",
      cure:
        "In a process that uses the database, open it through SQLite only; open connections after the fork; let " +
        "all programs use the same kind of locks.",
      findings: ["lost-locks", "other-locking", "inherited-handle", "mixed-lock-apis"],
    },
    {
      id: "several-names",
      what: "The file is used under several names",
      tell:
        "who-holds reports hard-linked: each name has its own -wal and -journal, and a crash is undone under one " +
        "name only.",
      cure: "Use one name, or a symbolic link, which SQLite resolves.",
      findings: ["hard-linked"],
      processes: "several",
    },
    {
      id: "network",
      what: "The database is on a network or shared file system whose locks do not hold",
      tell: "The path is on NFS, CIFS, 9p or FUSE, perhaps mounted with nolock or nobrl.",
      cure: "Keep it on a local disk, and let one program there serve the others.",
      findings: ["network-file-system"],
    },
    {
      id: "overlay-layer",
      what: "It was used by its path in a container's layer, beside the programs inside",
      tell: "It was opened below Docker's overlay2/ID/diff or another upperdir; who-holds reports separate-locks.",
      cure: "Use the path inside the container, or docker exec and docker cp.",
      findings: ["separate-locks"],
    },
    {
      id: "no-journal",
      what: "A crash hit a database without its usual protection",
      tell:
        "journal_mode is MEMORY or OFF, synchronous is OFF, the -journal or -wal was deleted after a crash, or the " +
        "machine lost power; or who-holds reports super-journal-elsewhere, which can still be undone.",
      cure:
        "Restore a backup, or recover what can be read. Then keep safe settings: journal_mode DELETE or WAL, " +
        "synchronous NORMAL or FULL.",
      findings: ["exclusive-locking-mode", "super-journal-elsewhere"],
    },
    {
      id: "index-only",
      what: "Only an index or a full-text table is wrong",
      tell:
        "The code is 267 or 779, or PRAGMA integrity_check reports only 'missing from index' or 'wrong # of " +
        "entries in index', or names a virtual table.",
      cure:
        "REINDEX; and for a full-text table: INSERT INTO name(name) VALUES('rebuild'). Then look for the cause " +
        "among those above all the same.",
      findings: [],
    },
    {
      id: "changed-schema",
      what: "The schema is from a newer SQLite, or was edited by hand",
      tell: "The message is 'malformed database schema (NAME) - …', and the same file opens with a newer sqlite3.",
      cure: "Use a SQLite at least as new as the one that created the table (SELECT sqlite_version()).",
      findings: [],
    },
  ],
  next: [
    "sqlock who-holds DATABASE  # stop these programs first",
    'for part in "" -wal -journal; do cp -a "$(realpath DATABASE)$part" /a/safe/folder/rescue.db$part; done',
    "sqlite3 /a/safe/folder/rescue.db 'PRAGMA integrity_check'  # not as root: SQLite obeys a -journal, also of a copy",
    "sqlite3 /a/safe/folder/rescue.db .recover | sqlite3 /a/safe/folder/recovered.db  # 'SQL logic error': this " +
      "sqlite3 lacks it (as Debian 12's): use .dump",
  ],
};
