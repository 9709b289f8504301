/** Findings about what a process does with the database, or has left in it. */
import type { FindingPages } from "../finding-page.ts";

export const HOLDERS = {
  "suspended-holder": {
    title: "A stopped process keeps others out",
    evidence:
      "Its state is stopped (Ctrl-Z, SIGSTOP) or traced (a debugger), or its cgroup is frozen (docker pause, " +
      "systemctl freeze), and a lock of it blocks readers, writers, commits or checkpoints.",
    meaning: "It cannot finish what it began, so that it keeps its locks until it goes on. No timeout helps.",
    remedy:
      "kill -CONT PID, or fg in its shell, comes before any other signal: most signals are delivered only when " +
      "it goes on. In a debugger: continue or detach. A frozen one: docker unpause, systemctl thaw, or 0 into its " +
      "cgroup.freeze; SIGCONT does not help there.",
    limits: "A process that a debugger stops for a moment again and again is met in that moment.",
  },
  "uninterruptible-holder": {
    title: "A process that waits in the kernel keeps others out",
    evidence:
      "A thread of it is in the state D (disk-sleep) and has not run for the threshold (--stale-after), and a lock " +
      "of the process blocks readers, writers, commits or checkpoints.",
    meaning:
      "It waits for a disk, a server of a network file system, a FUSE daemon, or a file system that is frozen " +
      "(fsfreeze, a snapshot), and keeps its locks until then. No timeout helps.",
    remedy:
      "Mend what it waits for: cat /proc/PID/task/*/stack as root and dmesg tell. Signals wait until that is over; " +
      "SIGKILL does as well, unless the kernel has made this wait killable.",
    limits: "That a disk is only slow looks the same.",
  },
  "overlapping-runs": {
    title: "Two runs of one command at once",
    evidence:
      "A process that keeps readers or writers out, and another one that has the database open: the same command " +
      "line, the same user, started a second or more apart, and not the workers of one program (one parent, or one " +
      "forked from the other).",
    meaning:
      "A scheduled job that takes longer than its interval, or a deploy that was started twice: the one holds the " +
      "lock, the other waits for it or fails.",
    remedy:
      "Let each run end before the next begins: flock -n LOCKFILE COMMAND in the crontab; a timer of systemd does so " +
      "by itself.",
    limits: "For information: two people may be at work with one program.",
  },
  "uncommitted-write": {
    title: "A write transaction that nobody works on",
    evidence:
      "It holds the write lock, and none of its threads has run for the threshold (--stale-after, 10 s unless told): " +
      "an error. A warning where that is likely and not proved: a thread has ended that may have run later, and " +
      "none of those that are left has run for the threshold; or threads wake by themselves, and nothing has been " +
      "written to the -journal of the transaction for the threshold.",
    meaning:
      "A transaction was begun, something was written, and nobody commits: a shell or a database browser with " +
      "unsaved changes, a debugger prompt, a missing commit, a web request that waits for something else. Every " +
      "other writer gets 'database is locked' once its timeout is over.",
    remedy: "Commit or roll back in that program. If nobody can, end it: SQLite undoes what was not committed.",
    limits:
      "A program that waits for a slow network inside its transaction looks the same. One that polls is never " +
      "idle: it is found by what its transaction wrote, where it wrote a -journal. In WAL mode its changes are in " +
      "its memory until it commits, and nothing shows: sqlock watch proves for how long it holds the lock.",
  },
  "exclusive-locking-mode": {
    title: "EXCLUSIVE without a journal, by a process that does not run",
    evidence:
      "It holds EXCLUSIVE, there is no valid -journal, and none of its threads has run for the threshold " +
      "(--stale-after).",
    meaning:
      "One of three that look alike from outside: PRAGMA locking_mode=EXCLUSIVE between two transactions; BEGIN " +
      "EXCLUSIVE before its first write; a transaction so large that it was written to the file in part, whose " +
      "journal is in memory or off. Killed in the last case, it leaves the database corrupt.",
    remedy:
      "End the transaction or close the connection in that program. Do not kill it unless you know that its " +
      "journal is a file. For several programs at once: PRAGMA locking_mode=NORMAL.",
    limits:
      "In WAL mode a journal in memory is not possible: there it is the locking mode, or a change of the journal " +
      "mode. Whether it has a transaction open does not show then; frames after the last commit make it likely.",
  },
  "same-process-contention": {
    title: "A process that writes has other connections of its own",
    evidence:
      "It holds the write lock, and has two or more connections: in WAL mode two descriptors on the -wal; in " +
      "rollback mode two on the database, and then it is only likely, since SQLite may put off closing one.",
    meaning:
      "Its own other connection gets 'database is locked', and no lock of the operating system shows it: SQLite " +
      "knows within the process. Where both run on one thread or one event loop, the one that waits keeps the " +
      "other from ever finishing: it waits its whole timeout and fails, and a longer timeout only hangs longer. " +
      "Typical: a connection for each thread or task (Django's, an ORM's) inside one outer transaction.",
    remedy:
      "One connection for all that writes, or short transactions that end before another connection of the " +
      "process writes. Django: no other threads or async tasks inside atomic(). A longer timeout does not help.",
    limits:
      "Several connections in one process are no fault by themselves: for information as long as nothing in it " +
      "seems to wait; a warning when a thread of it sleeps in a timer, as SQLite does between two tries, or when " +
      "nobody works on the transaction.",
  },
  "open-read-blocks-commit": {
    title: "An open read keeps a writer from committing",
    evidence:
      "Rollback mode: a process holds SHARED while another writes (a warning) or waits to commit with PENDING " +
      "(an error).",
    meaning:
      "In rollback mode a commit needs all readers gone. Likely a cursor was not read to its end, or not closed. " +
      "With PENDING, no new reader gets in either.",
    remedy:
      "Read the cursor to its end or close it, in the reading program. WAL mode lets readers and a writer go on " +
      "side by side.",
    limits:
      "A read that just takes its time looks the same. Where commits are counted between two looks, readers and " +
      "writers take turns, and this is not said.",
  },
  "lock-directory": {
    title: "A lock directory that names nobody",
    evidence:
      "A directory <database>.lock exists, or a file of that name with nothing but a pid in it, which a process has. " +
      "Its age is that of its last change.",
    meaning:
      "SQLite's unix-dotfile VFS and node-sqlite3-wasm lock in this way. It tells no process and survives a " +
      "crash: then every program that locks like this is kept out for ever. A file with a pid is the lock of " +
      "ncruces/go-sqlite3, built with dot-file locks.",
    remedy:
      "End the program that made it, in order; after a signal the directory stays behind. Only when it surely does " +
      "not run, here or on another machine: rmdir <database>.lock. While somebody has the database open without a " +
      "lock, or the -journal open, leave it, and open the database with nothing else.",
    limits: "Programs that lock in the default way do not care for it, nor does it for them (mixed-lock-apis).",
  },
  "foreign-lock": {
    title: "A lock that SQLite did not take",
    evidence:
      "A lock on a file of the database that is on none of SQLite's bytes, crosses their borders, or is a flock. " +
      "Write locks on the whole database and the whole -wal are likely Turso's. A flock through a descriptor that " +
      "SQLite would not have (opened to write alone, kept open over exec, or a shared flock) is a script's.",
    meaning:
      "Something else locks the file: a backup, a synchroniser, an antivirus scanner; Turso (Limbo), which is " +
      "compatible with SQLite's files but keeps everybody else out from opening to closing; a script with " +
      "flock(1), and the command that inherits its descriptor. Where it covers SQLite's bytes, it keeps SQLite out " +
      "(a warning); else it does not (for information).",
    remedy:
      "See what the program is for and let it finish. Have it leave the live database alone: back up with " +
      ".backup or VACUUM INTO. Of Turso: close the database there before SQLite's programs open it. Of a script: " +
      "nothing, where it is to keep two runs of one job apart.",
    limits:
      "A flock may be SQLite's own (unix-flock). Turso is known by its locks alone; a connection of it that only " +
      "reads takes none.",
  },
  "live-copy": {
    title: "A live database is being copied without SQLite",
    evidence:
      "A program that is known to copy files (cp, rsync, tar, restic, borg, a synchroniser) has the database open to " +
      "read and takes none of SQLite's locks, while another one has it open through SQLite. Several looks agree.",
    meaning:
      "The database takes no harm. The copy may be torn (pages of before and after a commit come together), and may " +
      "lack what is in the -wal alone: it shows only when the copy is needed.",
    remedy:
      "Copy through SQLite, then back up or synchronise that copy: .backup in the sqlite3 shell, or VACUUM INTO. Or " +
      "use a snapshot of the file system that has the companion files as well.",
    limits:
      "It goes by the name of the program. A copy made while nobody writes, with the -wal and -journal of that " +
      "moment, is whole. Programs that only read for a moment (less, file, an antivirus scanner) are not told of.",
  },
  "inherited-handle": {
    title: "A connection carried over fork",
    evidence:
      "A child has every descriptor of its parent's on this database, on the same numbers, and no lock. In WAL " +
      "mode that proves it (a connection of its own would hold DMS); in rollback mode it is likely. In WAL mode " +
      "also a process without any lock whose parent has ended.",
    meaning:
      "Locks do not pass to a child, but SQLite's memory of them does. If the child uses the connection, it " +
      "reads and writes without locks, and the database can be corrupted. Servers that load the application " +
      "before they fork (gunicorn --preload, uWSGI, Puma) do this.",
    remedy:
      "Open connections after the fork, in each child its own, and do not touch the inherited one, not even to " +
      "close it. Restart the parent.",
    limits: "As long as the child does not use the connection, no harm is done.",
  },
  "orphaned-holder": {
    title: "Left over from a session that has ended",
    evidence:
      "The leader of its session is dead, it has no terminal, and its cgroup is neither a service nor a container.",
    meaning:
      "A terminal was closed or a connection lost, and this process went on. Nobody will type into it, and " +
      "nothing restarts or stops it.",
    remedy:
      "See what it is (ps -o pid,ppid,lstart,args -p PID). One that was left running on purpose (nohup) may " +
      "stay; else end it with kill, if nothing else is said of it (deleted-file, exclusive-locking-mode).",
    limits: "A warning where it keeps others out, else for information.",
  },
  "checkpoint-starved": {
    title: "A reader keeps the WAL from being copied back",
    evidence: "More than 1,000 frames in the WAL, and a reader whose snapshot is older than the last of them.",
    meaning:
      "A checkpoint copies no frame past the oldest snapshot, and the WAL cannot start again from its beginning: " +
      "it grows with every commit, reads get slower, and the disk may fill.",
    remedy:
      "End the read in that program (finish or close the cursor, end the transaction). The next checkpoint " +
      "copies the rest; PRAGMA wal_checkpoint(TRUNCATE) shortens the file.",
    limits: "Many short reads that overlap all the time do the same, and each look names others.",
  },
} as const satisfies Partial<FindingPages>;
