/** Words that people ask about, and the messages and findings that concern them. Data. */
import type { FindingId } from "../../model/report.ts";

export interface Topic {
  /** Stable: `wal`. It is one of its words. */
  readonly id: string;
  /** In lower case, each in one topic alone. */
  readonly words: readonly string[];
  readonly title: string;
  /** What it is, in one to five sentences. */
  readonly meaning: string;
  /** Ids of entries, the likeliest first. */
  readonly messages: readonly string[];
  /** The likeliest first. */
  readonly findings: readonly FindingId[];
  /** Commands to run next; DATABASE stands for the path. */
  readonly next: readonly string[];
}

const LOOK = "sqlock who-holds DATABASE";

export const TOPICS: readonly Topic[] = [
  {
    id: "locked",
    words: ["locked", "lock", "locks", "locking", "blocked", "blocking", "blocks", "deadlock", "unlock", "contention"],
    title: "A locked database",
    meaning:
      "SQLite allows one writer at a time. 'database is locked' means that a statement needed a lock that another " +
      "connection held, of another process or of the same one. who-holds names the process.",
    messages: ["database-is-locked", "database-table-is-locked", "detach-locked", "locking-protocol"],
    findings: [
      "uncommitted-write",
      "open-read-blocks-commit",
      "same-process-contention",
      "likely-waiting",
      "suspended-holder",
      "exclusive-locking-mode",
      "overlapping-runs",
      "foreign-lock",
    ],
    next: [LOOK, "sqlock who-holds --wait 30s --blocked DATABASE"],
  },
  {
    id: "busy",
    words: [
      ...["busy", "timeout", "timeouts", "timed", "busy_timeout", "busy-timeout", "busytimeout", "wait", "waits"],
      ...["waiting", "retry", "retries", "backoff", "slow"],
    ],
    title: "SQLITE_BUSY and the busy timeout",
    meaning:
      "SQLITE_BUSY (5) is the code of 'database is locked'. The busy timeout is how long a connection tries again " +
      "before it fails; each library has its own default, and some have none. A read transaction that tries to write " +
      "may be refused at once, whatever the timeout: BEGIN IMMEDIATE avoids that.",
    messages: ["database-is-locked", "commit-in-progress", "unfinalized-statements", "pool-exhausted"],
    findings: ["likely-waiting", "same-process-contention", "uncommitted-write", "overlapping-runs"],
    next: [LOOK, "sqlock explain --elapsed 0.02s --busy-timeout 5s SQLITE_BUSY", "sqlock stress --matrix DATABASE"],
  },
  {
    id: "transaction",
    words: [
      ...["transaction", "transactions", "begin", "commit", "commits", "savepoint", "nested", "immediate", "deferred"],
      ...["autocommit", "upgrade", "snapshot", "cursor", "statements", "uncommitted"],
    ],
    title: "Transactions",
    meaning:
      "A transaction keeps its locks until COMMIT or ROLLBACK. One that begins with a read (BEGIN, BEGIN DEFERRED) " +
      "can fail when it first writes; BEGIN IMMEDIATE takes the write lock at the start, where waiting helps.",
    messages: [
      "database-is-locked",
      "nested-transaction",
      "no-transaction",
      "commit-in-progress",
      "atomic-block-broken",
      "transaction-aborted",
      "safety-level",
      "wal-in-transaction",
      "unfinalized-statements",
    ],
    findings: ["uncommitted-write", "open-read-blocks-commit", "same-process-contention"],
    next: [LOOK],
  },
  {
    id: "wal",
    words: ["wal", "walmode", "wal-mode", "write-ahead", "writeahead", "write-ahead-log", "write-ahead-logging"],
    title: "WAL mode",
    meaning:
      "In WAL mode a commit is appended to DATABASE-wal, and a checkpoint copies it into the database later. Readers " +
      "and one writer do not block each other. The -wal may hold committed changes that are nowhere else: never " +
      "delete it, and copy it with the database.",
    messages: ["database-is-locked", "wal-in-transaction", "readonly-database", "unable-to-open", "locking-protocol"],
    findings: [
      "wal-oversized",
      "checkpoint-starved",
      "leftover-wal",
      "wal-from-another-file",
      "damaged-wal",
      "foreign-companion",
      "odd-companion",
    ],
    next: [LOOK, "sqlock journal-mode DATABASE", "sqlock journal-mode wal DATABASE"],
  },
  {
    id: "checkpoint",
    words: [
      "checkpoint",
      "checkpoints",
      "checkpointing",
      "wal_checkpoint",
      "starved",
      "starvation",
      "frames",
      "growing",
    ],
    title: "Checkpoints",
    meaning:
      "A checkpoint copies the frames of the -wal into the database, so that the -wal can start again from its " +
      "beginning. It cannot pass a frame that an open read still needs: one forgotten read makes the -wal grow.",
    messages: ["disk-full", "database-is-locked"],
    findings: ["checkpoint-starved", "wal-oversized", "leftover-wal"],
    next: [LOOK],
  },
  {
    id: "shm",
    words: ["shm", "shared-memory", "wal-index", "mmap"],
    title: "The -shm file",
    meaning:
      "In WAL mode all connections share the wal-index in DATABASE-shm, and take their locks on it. They map it into " +
      "their memory, so it needs a local file system. Users who only read usually need to write it, too.",
    messages: ["readonly-database", "unable-to-open", "disk-io-error", "locking-protocol"],
    findings: ["foreign-companion", "odd-companion", "not-writable", "network-file-system", "lost-locks"],
    next: [LOOK],
  },
  {
    id: "journal",
    words: [
      "journal",
      "journals",
      "rollback",
      "rollback-journal",
      "journal_mode",
      "journal-mode",
      "hot",
      "super-journal",
    ],
    title: "The rollback journal",
    meaning:
      "Outside of WAL mode a write transaction first saves the old pages in DATABASE-journal. After a crash the next " +
      "connection rolls the transaction back with it: a hot journal. Never delete it by hand: the database would " +
      "stay half written.",
    messages: ["database-is-locked", "readonly-database", "unable-to-open", "malformed", "disk-io-error"],
    findings: [
      "hot-journal",
      "super-journal-elsewhere",
      "open-read-blocks-commit",
      "exclusive-locking-mode",
      "foreign-companion",
      "odd-companion",
    ],
    next: [LOOK, "sqlock journal-mode DATABASE"],
  },
  {
    id: "lock-names",
    words: ["lock-names", "shared", "reserved", "pending", "exclusive"],
    title: "The locks on the database: SHARED, RESERVED, PENDING, EXCLUSIVE",
    meaning:
      "SHARED: the connection reads, and no other can commit; in WAL mode every open connection holds it, and it " +
      "blocks only a change of the journal mode. RESERVED: the connection writes, and others can still read. " +
      "PENDING: it waits for readers to end before it commits; no new read can begin. EXCLUSIVE: it commits, or " +
      "locking_mode is EXCLUSIVE; no other connection can read or write.",
    messages: ["database-is-locked"],
    findings: ["open-read-blocks-commit", "exclusive-locking-mode", "uncommitted-write"],
    next: [LOOK],
  },
  {
    id: "wal-lock-names",
    words: [
      ...["wal-lock-names", "dms", "write", "ckpt", "recover", "read0", "read1", "read2", "read3", "read4"],
      ...["read-mark", "readmark", "mark"],
    ],
    title: "The locks of WAL mode: WRITE, READ0 to READ4, CKPT, RECOVER, DMS",
    meaning:
      "WRITE: a write transaction; no other connection can write. READ0 to READ4: a read, at one point of the -wal. " +
      "CKPT: a checkpoint. RECOVER: the wal-index is rebuilt; all others have to wait. DMS: the connection is " +
      "attached to the -shm; every connection in WAL mode holds it, and it blocks nothing.",
    messages: ["database-is-locked", "locking-protocol"],
    findings: ["uncommitted-write", "checkpoint-starved"],
    next: [LOOK],
  },
  {
    id: "readonly",
    words: [
      ...[
        "readonly",
        "read-only",
        "permission",
        "permissions",
        "denied",
        "chmod",
        "chown",
        "owner",
        "rights",
        "eacces",
      ],
      ...["eperm", "erofs", "selinux", "apparmor", "immutable", "sudo", "root", "umask", "writable"],
    ],
    title: "Permissions",
    meaning:
      "A program that writes needs to write the database, its -wal, -shm and -journal, and to make files in their " +
      "folder. A companion file that root made, or a folder that only its owner can write, is enough to refuse it.",
    messages: ["readonly-database", "unable-to-open", "disk-io-error"],
    findings: ["not-writable", "foreign-companion"],
    next: ["sudo sqlock explain --db DATABASE --as USER SQLITE_READONLY", LOOK],
  },
  {
    id: "open",
    words: ["open", "unable", "cantopen", "missing", "path", "emfile", "enfile", "enoent", "ulimit", "descriptors"],
    title: "A database that cannot be opened",
    meaning:
      "The path leads to no file or folder, it cannot be read or written, or the process has too many open files. A " +
      "relative path is looked up in the working folder of the program, which cron and systemd set to another one.",
    messages: ["unable-to-open", "not-a-database", "closed-database", "server-closed"],
    findings: ["open-files-exhausted", "not-writable", "odd-companion"],
    next: ["sqlock explain --db DATABASE SQLITE_CANTOPEN", LOOK],
  },
  {
    id: "corrupt",
    words: [
      ...["corrupt", "corrupted", "corruption", "malformed", "damaged", "damage", "broken", "encrypted", "sqlcipher"],
      ...["notadb", "header", "integrity", "integrity_check", "repair", "image"],
    ],
    title: "A damaged database",
    meaning:
      "sqlock integrity checks a database while it is in use, and changes nothing. Copy the database with its -wal " +
      "and -journal before you try to repair it.",
    messages: ["malformed", "not-a-database", "disk-io-error"],
    findings: [
      "damaged-wal",
      "hot-journal",
      "deleted-file",
      "lost-locks",
      "foreign-writer",
      "wal-from-another-file",
      "hard-linked",
      "live-copy",
      "inherited-handle",
      "mixed-lock-apis",
      "header-mismatch",
    ],
    next: ["sqlock integrity DATABASE", LOOK],
  },
  {
    id: "disk",
    words: [
      ...["disk", "full", "space", "enospc", "quota", "edquot", "inode", "inodes", "ioerr", "io", "i/o", "eio"],
      ...["storage", "diskfull"],
    ],
    title: "The disk",
    meaning:
      "A commit needs room for the -journal or the -wal besides the database. 'database or disk is full' names both: " +
      "the file system, a quota, or max_page_count. 'disk I/O error' has many causes; its extended code tells which.",
    messages: ["disk-full", "disk-io-error", "malformed"],
    findings: ["disk-full", "wal-oversized", "checkpoint-starved", "network-file-system", "uninterruptible-holder"],
    next: ["df -h DATABASE", "df -i DATABASE", LOOK],
  },
  {
    id: "nfs",
    words: [
      ...["nfs", "cifs", "smb", "samba", "network", "fuse", "sshfs", "9p", "drvfs", "wsl", "wsl2", "gluster", "efs"],
      ...["virtiofs", "dropbox", "share"],
    ],
    title: "Network file systems",
    meaning:
      "Locks of a network or FUSE file system may not reach the other machines, and WAL mode cannot work across " +
      "machines at all. sqlock sees only the processes of this machine.",
    messages: ["database-is-locked", "locking-protocol", "disk-io-error", "malformed"],
    findings: ["network-file-system", "uninterruptible-holder", "other-namespace"],
    next: [LOOK],
  },
  {
    id: "docker",
    words: [
      ...["docker", "container", "containers", "podman", "kubernetes", "k8s", "pod", "pods", "compose", "overlay"],
      ...["volume", "volumes", "namespace", "namespaces", "lxc"],
    ],
    title: "Containers",
    meaning:
      "Run sqlock on the host, as root: from inside a container the processes of the others are not visible. A " +
      "database in an image layer becomes another file when a container first writes it, with locks of its own.",
    messages: ["database-is-locked", "readonly-database", "unable-to-open", "locking-protocol"],
    findings: ["other-namespace", "not-writable", "network-file-system", "hard-linked"],
    next: [`sudo ${LOOK}`],
  },
  {
    id: "django",
    words: [
      ...["django", "migrate", "migration", "migrations", "manage.py", "atomic", "atomic_requests", "celery"],
      ...["sync_to_async"],
    ],
    title: "Django",
    meaning:
      "Django waits 5 s for a lock (OPTIONS timeout). Its transactions begin with a read unless transaction_mode is " +
      "IMMEDIATE (Django 5.1 and later), so that a write in atomic() may fail at once. migrate needs the write lock.",
    messages: [
      "database-is-locked",
      "atomic-block-broken",
      "async-context",
      "readonly-database",
      "unable-to-open",
      "wrong-thread",
    ],
    findings: ["uncommitted-write", "orphaned-holder", "overlapping-runs", "inherited-handle"],
    next: [
      "sqlock who-holds --wait 30s --blocked -q DATABASE && python3 manage.py migrate",
      "python3 manage.py migrate 2>&1 | sqlock explain --db DATABASE",
    ],
  },
  {
    id: "sqlalchemy",
    words: ["sqlalchemy", "flask", "fastapi", "alembic", "pool", "pools", "queuepool", "session", "sessions"],
    title: "SQLAlchemy and connection pools",
    meaning:
      "A session keeps its connection, and its transaction, until commit(), rollback() or close(). One that is never " +
      "closed keeps a lock or exhausts the pool.",
    messages: ["pool-exhausted", "database-is-locked", "wrong-thread"],
    findings: ["uncommitted-write", "open-read-blocks-commit", "same-process-contention"],
    next: [LOOK],
  },
  {
    id: "thread",
    words: ["thread", "threads", "threading", "async", "asyncio", "await", "aiosqlite", "closed", "event-loop"],
    title: "Threads and async code",
    meaning:
      "A connection has one transaction, whichever threads or tasks use it. Give each its own connection, or one " +
      "that they use in turn.",
    messages: ["wrong-thread", "async-context", "closed-database", "nested-transaction", "database-is-locked"],
    findings: ["same-process-contention"],
    next: [LOOK],
  },
  {
    id: "fork",
    words: [
      ...["fork", "forked", "prefork", "gunicorn", "uwsgi", "multiprocessing", "worker", "workers", "puma", "unicorn"],
      ...["inherited"],
    ],
    title: "Processes that fork",
    meaning:
      "A connection must not be carried over a fork: the child does not inherit its locks, works without them, and " +
      "may damage the database. Open the connection after the fork.",
    messages: ["malformed", "database-is-locked", "wrong-thread"],
    findings: ["inherited-handle", "lost-locks", "same-process-contention"],
    next: [LOOK],
  },
  {
    id: "stuck",
    words: [
      ...[
        "stuck",
        "hang",
        "hangs",
        "hung",
        "suspended",
        "stopped",
        "sigstop",
        "ctrl-z",
        "zombie",
        "orphan",
        "orphaned",
      ],
      ...["idle", "sleeping", "forgotten", "abandoned", "kill", "process"],
    ],
    title: "A process that keeps a lock and does nothing",
    meaning:
      "who-holds shows which process holds the lock, since when, and whether it runs, sleeps or is stopped. sqlock " +
      "kill shows what ending it would lose before it asks.",
    messages: ["database-is-locked"],
    findings: [
      "suspended-holder",
      "uninterruptible-holder",
      "uncommitted-write",
      "orphaned-holder",
      "exclusive-locking-mode",
      "open-read-blocks-commit",
    ],
    next: [LOOK, "sqlock kill --dry-run DATABASE"],
  },
  {
    id: "cron",
    words: ["cron", "crontab", "systemd", "timer", "scheduler", "overlapping", "twice", "concurrent", "parallel"],
    title: "Jobs that overlap",
    meaning:
      "A job that starts again before its last run has ended waits for its own lock. flock keeps the second run out, " +
      "and a busy timeout lets it wait.",
    messages: ["database-is-locked", "unable-to-open"],
    findings: ["overlapping-runs", "orphaned-holder", "likely-waiting"],
    next: [LOOK],
  },
  {
    id: "crash",
    words: ["crash", "crashed", "power", "reboot", "rebooted", "killed", "oom", "sigkill", "shutdown", "recovery"],
    title: "After a crash",
    meaning:
      "The next program that opens the database recovers it from its -journal or its -wal: leave both where they " +
      "are. Check first which processes have it open, and afterwards whether the database is sound.",
    messages: ["malformed", "readonly-database", "disk-io-error"],
    findings: ["hot-journal", "damaged-wal", "leftover-wal", "super-journal-elsewhere"],
    next: [LOOK, "sqlock integrity DATABASE"],
  },
  {
    id: "backup",
    words: [
      ...["backup", "backups", "copy", "copied", "copying", "cp", "rsync", "litestream", "restore", "restored", "tar"],
      ...["sync"],
    ],
    title: "Copies and backups",
    meaning:
      "A plain copy of a database in use may be torn, and without its -wal it lacks the newest commits. Copy with " +
      "VACUUM INTO or the sqlite3 shell's .backup, and restore only while no process has it open.",
    messages: ["malformed", "not-a-database", "unfinalized-statements"],
    findings: ["live-copy", "foreign-writer", "leftover-wal", "wal-from-another-file", "deleted-file"],
    next: [LOOK],
  },
  {
    id: "deleted",
    words: [
      ...["deleted", "delete", "unlinked", "moved", "move", "removed", "renamed", "rename", "replaced", "replace"],
      ...["symlink", "symlinks", "hardlink", "hardlinks", "dbmoved", "rm", "mv"],
    ],
    title: "Files that were deleted, moved or linked",
    meaning:
      "A process keeps using a file that was deleted or replaced under it: what it writes is lost when it ends. A " +
      "second name of the database (a hard link) leads to companion files of another name.",
    messages: ["readonly-database", "disk-io-error", "malformed"],
    findings: ["deleted-file", "hard-linked", "wal-from-another-file", "super-journal-elsewhere", "odd-companion"],
    next: [LOOK],
  },
  {
    id: "vfs",
    words: [
      "vfs",
      "flock",
      "fcntl",
      "ofd",
      "posix",
      "unix-none",
      "unix-dotfile",
      "unix-flock",
      "dotfile",
      "wasm",
      "nolock",
    ],
    title: "Other ways of locking",
    meaning:
      "Connections exclude each other only where all of them lock in the same way. unix-none takes no lock, " +
      "unix-flock and unix-dotfile take others than SQLite's default.",
    messages: ["malformed", "database-is-locked"],
    findings: [
      "other-locking",
      "separate-locks",
      "mixed-lock-apis",
      "lost-locks",
      "foreign-lock",
      "lock-directory",
      "foreign-writer",
    ],
    next: [LOOK],
  },
  {
    id: "postgresql",
    words: ["postgresql", "postgres", "psycopg", "psycopg2", "pg", "server"],
    title: "PostgreSQL",
    meaning: "sqlock inspects SQLite. It knows two messages of PostgreSQL that are taken for SQLite's, and says so.",
    messages: ["transaction-aborted", "server-closed"],
    findings: [],
    next: [],
  },
];
