/** Findings about what a process does with the database, or has left in it. */
import type { FindingPages } from "../finding-page.ts";

export const HOLDERS = {
  "suspended-holder": {
    title: "A stopped process blocks others",
    evidence:
      "The process is stopped (Ctrl-Z, SIGSTOP) or traced (a debugger), or its cgroup is frozen (docker pause, " +
      "systemctl freeze), and one of its locks blocks readers, writers, commits or checkpoints.",
    meaning: "It cannot finish what it began, so it keeps its locks until it continues. No timeout helps.",
    remedy:
      "First of all: kill -CONT PID, or fg in its shell; most other signals are delivered only after that. In a " +
      "debugger: continue or detach. For a frozen process: docker unpause, systemctl thaw, or write 0 to its " +
      "cgroup.freeze; SIGCONT does not help there.",
    limits: "A process that a debugger stops briefly again and again may be found at such a moment.",
  },
  "uninterruptible-holder": {
    title: "A process that waits in the kernel blocks others",
    evidence:
      "One of its threads is in the state D (disk-sleep) and has not run for the threshold (--stale-after), and one " +
      "of the locks of the process blocks readers, writers, commits or checkpoints.",
    meaning:
      "It waits for a disk, a network file system's server, a FUSE daemon, or a frozen file system (fsfreeze, a " +
      "snapshot), and keeps its locks until then. No timeout helps.",
    remedy:
      "Fix what it is waiting for: as root, cat /proc/PID/task/*/stack and dmesg show what that is. Signals wait " +
      "until that is over, even SIGKILL, unless the kernel has made this wait killable.",
    limits: "A disk that is merely slow looks the same.",
  },
  "overlapping-runs": {
    title: "Two runs of one command at the same time",
    evidence:
      "A process blocks readers or writers, and another process has the database open: both have the same command " +
      "line and user, were started a second or more apart, and are not workers of one program (with the same parent, " +
      "or one forked from the other).",
    meaning:
      "A scheduled job that takes longer than its interval, or a deploy that was started twice: one run holds the " +
      "lock, the other waits for it or fails.",
    remedy:
      "Let each run end before the next begins: flock -n LOCKFILE COMMAND in the crontab; a systemd timer already " +
      "does that.",
    limits: "For information: two people may be using the same program.",
  },
  "uncommitted-write": {
    title: "A write transaction that nothing works on",
    evidence:
      "A process holds the write lock, and none of its threads has run for the threshold (--stale-after, 10 s by " +
      "default): an error. A warning if that is likely and not proved: a thread that may have run later has ended, " +
      "and none of the remaining threads has run for the threshold; or threads wake on their own, and nothing has " +
      "been written to the -journal of the transaction for the threshold. In rollback mode also a process that wants " +
      "to commit (PENDING) while no reader keeps it waiting.",
    meaning:
      "A transaction was begun, something was written, and nothing commits it: a shell or a database browser with " +
      "unsaved changes, a debugger prompt, a missing commit, a commit that was refused and not tried again, a web " +
      "request that waits for something else. Every other writer gets 'database is locked' when its timeout is over.",
    remedy: "Commit or roll back in that program. If nobody can, end it: SQLite undoes what was not committed.",
    limits:
      "A program that waits for a slow network inside its transaction looks the same. A program that polls is never " +
      "idle: it is detected by what its transaction has written, if it has written a -journal. In WAL mode its " +
      "changes stay in its memory until it commits, and nothing shows: sqlock watch proves how long it holds the lock.",
  },
  "exclusive-locking-mode": {
    title: "EXCLUSIVE without a journal, held by a process that does not run",
    evidence:
      "A process holds EXCLUSIVE, there is no valid -journal, and none of its threads has run for the threshold " +
      "(--stale-after).",
    meaning:
      "One of three situations that look the same from outside: PRAGMA locking_mode=EXCLUSIVE between two " +
      "transactions; BEGIN EXCLUSIVE before its first write; a transaction so large that part of it was written to " +
      "the file, and whose journal is in memory or off. A process that is killed in the last case leaves the " +
      "database corrupt.",
    remedy:
      "End the transaction or close the connection in that program. Do not kill it unless you know that its journal " +
      "is a file. If several programs use the database at once: PRAGMA locking_mode=NORMAL.",
    limits:
      "In WAL mode a journal in memory is not possible: there it is the locking mode, or a change of the journal " +
      "mode. Whether a transaction is open is then unknown; frames after the last commit make it likely.",
  },
  "same-process-contention": {
    title: "A process that writes has other connections of its own",
    evidence:
      "A process holds the write lock, and has two or more connections: in WAL mode two descriptors on the -wal; in " +
      "rollback mode two on the database, which makes it only likely, since SQLite may delay closing one.",
    meaning:
      "Its own other connection gets 'database is locked', and no lock of the operating system shows that: SQLite " +
      "knows it within the process. If both run on one thread or one event loop, the connection that waits keeps the " +
      "other from ever finishing: it waits for its whole timeout and fails, and a longer timeout only makes it hang " +
      "longer. Typical: a connection per thread or task (Django's, an ORM's) inside one outer transaction.",
    remedy:
      "Use one connection for all writes, or short transactions that end before another connection of the process " +
      "writes. Django: no other threads or async tasks inside atomic(). A longer timeout does not help.",
    limits:
      "Several connections in one process are not a fault in themselves: for information as long as nothing in the " +
      "process seems to wait; a warning if one of its threads sleeps in a timer, as SQLite does between attempts, " +
      "or if nothing works on the transaction.",
  },
  "open-read-blocks-commit": {
    title: "An open read keeps a writer from committing",
    evidence:
      "Rollback mode: a process holds SHARED while another writes (a warning) or waits to commit with PENDING (an " +
      "error). For information while no process writes: SHARED has been held for the threshold (--stale-after, 10 s " +
      "by default), which is proved or likely.",
    meaning:
      "In rollback mode, a commit has to wait until all readers have finished. Likely a transaction that has read " +
      "is still open, or a cursor was not read to its end or closed. With PENDING, no new reader can start either.",
    remedy:
      "End the read in that program: COMMIT or ROLLBACK. Closing the cursor is not enough: a " +
      "transaction keeps SHARED until it ends. Outside a transaction, read the cursor to its end or close it. In WAL " +
      "mode, readers and a writer work side by side.",
    limits:
      "A read that just takes its time looks the same, and so does PRAGMA locking_mode=EXCLUSIVE, which keeps SHARED " +
      "between two reads. If commits are counted between two inspections, readers and writers take turns, and this " +
      "is not reported.",
  },
  "lock-directory": {
    title: "A lock directory that names no process",
    evidence:
      "A directory <database>.lock exists, or a file with that name that contains only the pid of a process that " +
      "exists. Its age is that of its last change.",
    meaning:
      "SQLite's unix-dotfile VFS and node-sqlite3-wasm lock in this way. The directory names no process and survives " +
      "a crash: then every program that locks like this is kept out forever. A file with a pid is the lock of " +
      "ncruces/go-sqlite3 built with dot-file locks.",
    remedy:
      "Shut down the program that made it, cleanly; after a signal the directory stays behind. Only if that program " +
      "is not running, neither here nor on another machine: rmdir <database>.lock. While a process has the database " +
      "open without a lock, or the -journal open, leave it, and do not open the database with any other program.",
    limits: "Programs that use the default locks ignore it, and are ignored by programs that use it (mixed-lock-apis).",
  },
  "foreign-lock": {
    title: "A lock that SQLite did not take",
    evidence:
      "A lock on a file of the database that is on none of SQLite's bytes, crosses their borders, or is a flock. " +
      "Write locks on the whole database and the whole -wal are likely Turso's. A flock through a descriptor that " +
      "SQLite would not have (opened write-only, kept open over exec, or a shared flock) belongs to a script.",
    meaning:
      "Something else locks the file: a backup, a synchroniser, an antivirus scanner; Turso (Limbo), which uses " +
      "SQLite's file format but keeps all other programs out from opening to closing; a script with flock(1), and " +
      "the command that inherits its descriptor. If it covers SQLite's bytes, it keeps SQLite out (a warning); " +
      "otherwise it does not (for information).",
    remedy:
      "Find out what the program is for and let it finish. Configure it to leave the live database alone: back up " +
      "with .backup or VACUUM INTO. For Turso: close the database there before programs that use SQLite open it. For " +
      "a script: nothing, if the flock is meant to keep two runs of one job apart.",
    limits:
      "A flock may be SQLite's own (unix-flock). Turso is recognised only by its locks; a Turso connection that only " +
      "reads takes none.",
  },
  "live-copy": {
    title: "A live database is being copied without SQLite",
    evidence:
      "A program that is known to copy files (cp, rsync, tar, restic, borg, a synchroniser) has the database open " +
      "for reading and takes none of SQLite's locks, while another process has it open through SQLite. Several " +
      "inspections agree.",
    meaning:
      "The database is not harmed. The copy may mix pages from before and after a commit, and lack what is only in " +
      "the -wal: this is noticed only when the copy is needed.",
    remedy:
      "Copy through SQLite, then back up or synchronise that copy: .backup in the sqlite3 shell, or VACUUM INTO. Or " +
      "use a snapshot of the file system that includes the companion files.",
    limits:
      "This relies on the name of the program. A copy made while no process writes, with the -wal and -journal of " +
      "that moment, is consistent. Programs that read the file only briefly (less, file, an antivirus scanner) are " +
      "not reported.",
  },
  "inherited-handle": {
    title: "A connection inherited through fork",
    evidence:
      "A child has every descriptor of its parent on this database, with the same numbers, and no lock. In WAL mode " +
      "that proves it (a connection of its own would hold DMS); in rollback mode it is likely. In WAL mode also a " +
      "process without any lock whose parent has ended.",
    meaning:
      "A child does not inherit locks, but it inherits SQLite's record of them. If the child uses the connection, it " +
      "reads and writes without locks, and the database can be corrupted. Servers that load the application before " +
      "they fork (gunicorn --preload, uWSGI, Puma) do this.",
    remedy:
      "Open connections after the fork, separately in each child, and do not touch the inherited one, not even to " +
      "close it. Restart the parent.",
    limits: "As long as the child does not use the connection, no harm is done.",
  },
  "orphaned-holder": {
    title: "A process left over from a session that has ended",
    evidence:
      "The leader of its session is dead, it has no terminal, and its cgroup is neither a service nor a container.",
    meaning:
      "A terminal was closed or a connection was lost, and this process kept running. Nobody will type into it, and " +
      "nothing restarts or stops it.",
    remedy:
      "See what it is (ps -o pid,ppid,lstart,args -p PID). A process that was left running on purpose (nohup) can " +
      "stay; otherwise end it with kill, unless another finding says not to (deleted-file, exclusive-locking-mode).",
    limits: "A warning if it blocks others, otherwise for information.",
  },
  "checkpoint-starved": {
    title: "A reader keeps the WAL from being copied back",
    evidence:
      "A reader whose snapshot is older than the last frame of the WAL, which has more than 1,000 frames. For " +
      "information with fewer frames: the read has been open for six times --stale-after (a minute by default), " +
      "which is proved or likely.",
    meaning:
      "A checkpoint copies no frame after the oldest snapshot, and the WAL cannot start again from its beginning: it " +
      "grows with every commit, reads get slower, and the disk may fill up.",
    remedy:
      "End the read in that program: COMMIT or ROLLBACK, or outside a transaction, read the cursor to its end or " +
      "close it. The next checkpoint copies the rest; PRAGMA wal_checkpoint(TRUNCATE) shortens the file.",
    limits:
      "Many short reads that overlap all the time have the same effect, and each inspection names different ones. " +
      "Reads of programs that keep one open on purpose (Litestream, a backup) are named, and can stay.",
  },
} as const satisfies Partial<FindingPages>;
