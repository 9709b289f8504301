import type { Entry } from "../entry.ts";

export const diskIoError: Entry = {
  id: "disk-io-error",
  title: "disk I/O error",
  code: { name: "SQLITE_IOERR", number: 10 },
  extended: [
    { name: "SQLITE_IOERR_READ", number: 266, meaning: "Reading from a file failed.", causes: ["bad-disk", "network"] },
    {
      name: "SQLITE_IOERR_SHORT_READ",
      number: 522,
      meaning: "A file was shorter than expected: truncated, or deleted and created again while in use.",
      causes: ["file-gone", "network"],
    },
    {
      name: "SQLITE_IOERR_WRITE",
      number: 778,
      meaning:
        "Writing failed for a reason other than a full disk: a quota, a limit on the file size, the disk, the " +
        "network.",
      causes: ["no-room", "bad-disk", "network"],
    },
    {
      name: "SQLITE_IOERR_FSYNC",
      number: 1034,
      meaning: "fsync failed: the disk did not confirm what was written.",
      causes: ["bad-disk", "no-room", "network"],
    },
    {
      name: "SQLITE_IOERR_DIR_FSYNC",
      number: 1290,
      meaning: "fsync of the folder failed.",
      causes: ["bad-disk", "network"],
    },
    {
      name: "SQLITE_IOERR_TRUNCATE",
      number: 1546,
      meaning: "Shortening a file failed.",
      causes: ["bad-disk", "network", "no-permission"],
    },
    {
      name: "SQLITE_IOERR_FSTAT",
      number: 1802,
      meaning: "fstat, which asks for a file's size, failed.",
      causes: ["network", "bad-disk"],
    },
    { name: "SQLITE_IOERR_UNLOCK", number: 2058, meaning: "Releasing a lock failed.", causes: ["network"] },
    {
      name: "SQLITE_IOERR_RDLOCK",
      number: 2314,
      meaning: "Taking a read lock failed: the file system does not implement locks as it should.",
      causes: ["network"],
    },
    {
      name: "SQLITE_IOERR_DELETE",
      number: 2570,
      meaning: "Deleting a -journal or -wal file failed.",
      causes: ["no-permission", "network"],
    },
    { name: "SQLITE_IOERR_BLOCKED", number: 2826, meaning: "No longer used." },
    { name: "SQLITE_IOERR_NOMEM", number: 3082, meaning: "There was not enough memory.", causes: ["no-memory"] },
    {
      name: "SQLITE_IOERR_ACCESS",
      number: 3338,
      meaning: "Checking whether a file exists failed.",
      causes: ["no-permission", "network"],
    },
    {
      name: "SQLITE_IOERR_CHECKRESERVEDLOCK",
      number: 3594,
      meaning: "Checking for the RESERVED lock failed.",
      causes: ["network"],
    },
    {
      name: "SQLITE_IOERR_LOCK",
      number: 3850,
      meaning: "Taking a lock failed, but not because another connection holds it.",
      causes: ["network"],
    },
    { name: "SQLITE_IOERR_CLOSE", number: 4106, meaning: "Closing a file failed.", causes: ["bad-disk"] },
    { name: "SQLITE_IOERR_DIR_CLOSE", number: 4362, meaning: "No longer used." },
    {
      name: "SQLITE_IOERR_SHMOPEN",
      number: 4618,
      meaning: "Opening the -shm file failed.",
      causes: ["no-permission", "network"],
    },
    {
      name: "SQLITE_IOERR_SHMSIZE",
      number: 4874,
      meaning: "The -shm file could not grow; the disk may be full.",
      causes: ["no-room", "network"],
    },
    { name: "SQLITE_IOERR_SHMLOCK", number: 5130, meaning: "No longer used." },
    {
      name: "SQLITE_IOERR_SHMMAP",
      number: 5386,
      meaning: "The -shm file could not be mapped into memory: WAL mode does not work on this file system.",
      causes: ["network", "no-memory"],
    },
    { name: "SQLITE_IOERR_SEEK", number: 5642, meaning: "Seeking in a file failed.", causes: ["network", "bad-disk"] },
    {
      name: "SQLITE_IOERR_DELETE_NOENT",
      number: 5898,
      meaning: "The -journal or -wal file was already gone when SQLite tried to delete it.",
      causes: ["file-gone"],
    },
    {
      name: "SQLITE_IOERR_MMAP",
      number: 6154,
      meaning: "Mapping the database into memory failed.",
      causes: ["no-memory", "network"],
    },
    {
      name: "SQLITE_IOERR_GETTEMPPATH",
      number: 6410,
      meaning: "There is no folder for temporary files.",
      causes: ["no-permission"],
    },
    {
      name: "SQLITE_IOERR_CONVPATH",
      number: 6666,
      meaning: "Cygwin could not convert a path.",
      causes: ["no-permission"],
    },
    { name: "SQLITE_IOERR_VNODE", number: 6922, meaning: "Reserved for extensions." },
    { name: "SQLITE_IOERR_AUTH", number: 7178, meaning: "Reserved for extensions." },
    {
      name: "SQLITE_IOERR_BEGIN_ATOMIC",
      number: 7434,
      meaning: "The file system could not begin an atomic write (F2FS).",
      causes: ["bad-disk"],
    },
    {
      name: "SQLITE_IOERR_COMMIT_ATOMIC",
      number: 7690,
      meaning: "The file system could not commit an atomic write (F2FS).",
      causes: ["bad-disk"],
    },
    {
      name: "SQLITE_IOERR_ROLLBACK_ATOMIC",
      number: 7946,
      meaning: "The file system could not undo an atomic write (F2FS).",
      causes: ["bad-disk"],
    },
    {
      name: "SQLITE_IOERR_DATA",
      number: 8202,
      meaning: "The checksum VFS found a page that differs from what was written.",
      causes: ["bad-disk"],
    },
    {
      name: "SQLITE_IOERR_CORRUPTFS",
      number: 8458,
      meaning: "The file system itself is damaged: only that explains how a read failed.",
      causes: ["bad-disk"],
    },
    {
      name: "SQLITE_IOERR_IN_PAGE",
      number: 8714,
      meaning: "A mapped page could not be read in (Windows).",
      causes: ["bad-disk", "network"],
    },
    { name: "SQLITE_IOERR_BADKEY", number: 8970, meaning: "From an encryption extension: the key is wrong." },
    { name: "SQLITE_IOERR_CODEC", number: 9226, meaning: "From an encryption extension: decoding failed." },
  ],
  wordings: [
    { pattern: /\bdisk I\/O error\b/i },
    { pattern: /\bI\/O error (?:in the VFS layer|within x|in the advisory file locking logic)/, library: "xerial" },
    { pattern: /\bSQLiteDiskIOException\b/, library: "android" },
  ],
  examples: [
    { library: "sqlite", text: "Runtime error near line 1: disk I/O error (10)" },
    { library: "sqlite", text: "Error: stepping, disk I/O error (522)", extended: 522 },
    { library: "python-sqlite3", text: "sqlite3.OperationalError: disk I/O error" },
    { library: "django", text: "django.db.utils.OperationalError: disk I/O error" },
    { library: "sqlalchemy", text: "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) disk I/O error" },
    {
      library: "better-sqlite3",
      text: ["SqliteError: disk I/O error", "  code: 'SQLITE_IOERR_SHORT_READ'"].join("\n"),
      extended: 522,
    },
    {
      library: "node-sqlite",
      text: ["Error: disk I/O error", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 4874,"].join("\n"),
      extended: 4874,
    },
    { library: "node-sqlite3", text: "Error: SQLITE_IOERR: disk I/O error" },
    {
      library: "knex",
      text: "ERROR: Failed to prepare your database: PRAGMA journal_mode = WAL - SQLITE_IOERR: disk I/O error",
    },
    {
      library: "prisma",
      text:
        "ConnectorError(ConnectorError { user_facing_error: None, kind: QueryError(SqliteError { extended_code: " +
        '3850, message: Some("disk I/O error") }) })',
      extended: 3850,
    },
    { library: "go-mattn", text: "disk I/O error: no such file or directory" },
    {
      library: "go-modernc",
      text: 'time="2024/03/30 09:15:35" level=error msg="disk I/O error (5386)"',
      extended: 5386,
    },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: SystemIoFailure, extended_code: 5386 }, Some("disk I/O error"))',
      extended: 5386,
    },
    { library: "sqlx", text: "error returned from database: (code: 522) disk I/O error", extended: 522 },
    { library: "ruby-sqlite3", text: "SQLite3::IOException: disk I/O error" },
    { library: "rails", text: "ActiveRecord::StatementInvalid: SQLite3::IOException: disk I/O error" },
    {
      library: "xerial",
      text: "org.sqlite.SQLiteException: [SQLITE_IOERR] Some kind of disk I/O error occurred (disk I/O error)",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_IOERR_LOCK] I/O error in the advisory file locking logic (disk I/O " +
        "error)",
      extended: 3850,
    },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000]: General error: 10 disk I/O error" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 10: 'disk I/O error'.",
    },
    {
      library: "android",
      text: "android.database.sqlite.SQLiteDiskIOException: disk I/O error (code 4874 SQLITE_IOERR_SHMSIZE)",
      extended: 4874,
    },
    {
      library: "android",
      text: "android.database.sqlite.SQLiteDiskIOException: disk I/O error (code 1802 SQLITE_IOERR_FSTAT)",
      extended: 1802,
    },
  ],
  meaning:
    "The operating system refused or interrupted an operation on a file: reading, writing, locking, mapping or " +
    "deleting. The extended code says which one; the message alone does not tell the causes below apart.",
  causes: [
    {
      id: "file-gone",
      what: "A file was deleted, replaced or truncated while the database was in use",
      tell:
        "The code is 522 or 5898, or who-holds reports deleted-file: the -wal, -shm or -journal was removed, or " +
        "another database was copied over this one.",
      cure:
        "First rescue what the running programs still hold, as the finding says; then restart them all, and check " +
        "with PRAGMA integrity_check. Never touch these files while a program has the database open.",
      findings: ["deleted-file", "wal-from-another-file"],
    },
    {
      id: "network",
      what: "The file system lacks the locks, memory maps or syncs that SQLite needs",
      tell:
        "The code is about locks (2058, 2314, 3594, 3850) or the -shm (4618 to 5386), or the path is on NFS, CIFS, " +
        "9p, FUSE or a folder shared with a virtual machine.",
      cure:
        "Put the database on a local disk. In a container, use a named volume instead of a host folder that is " +
        "shared through a virtual machine. WAL mode in particular does not work over a network.",
      findings: ["network-file-system"],
    },
    {
      id: "no-room",
      what: "There is no room: a full disk, a quota, or a limit on the size of files",
      tell:
        "df -h or quota says so, or ulimit -f is not unlimited, or the file system limits the size of a file (4 " +
        "GiB on FAT). A disk that is simply full usually gives 'database or disk is full' instead.",
      cure: "Make room or raise the limit. What failed was undone; try it again.",
      findings: ["disk-full"],
      spokenForBy: "quota",
      refused: "no-room",
    },
    {
      id: "no-permission",
      what: "A companion file or a temporary file cannot be opened, created or deleted",
      tell:
        "The code is 2570, 3338, 4618 or 6410, or the -wal, -shm or -journal belongs to another user, or is a " +
        "folder.",
      cure: "Give the folder and all the files to the program's user; set SQLITE_TMPDIR to a writable folder.",
      findings: ["not-writable", "foreign-companion"],
      proofs: ["not-writable"],
      notWith: "read-only-mount",
      refused: "rights",
    },
    {
      id: "bad-disk",
      what: "The disk or the file system is failing",
      tell: "dmesg shows errors of the device or the file system at that time, or other files fail too.",
      cure:
        "First of all, copy the database with its -wal and -journal to another disk; then check the disk (smartctl " +
        "-a, fsck) and the copy (PRAGMA integrity_check).",
      findings: [],
    },
    {
      id: "no-memory",
      what: "Memory could not be allocated or mapped",
      tell: "The code is 3082, 5386 or 6154; a container has a memory limit, or mmap_size is set and a file shrinks.",
      cure: "Raise the memory limit, or set PRAGMA mmap_size=0.",
      findings: [],
    },
  ],
  triesAccess: true,
  next: ["sqlock who-holds DATABASE", "df -h DATABASE", "dmesg | tail"],
};
