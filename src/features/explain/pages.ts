/** A page for each finding of who-holds, in the order in which the rules run. */
import type { FindingId } from "../../model/report.ts";
import type { FindingPages } from "./finding-pages.ts";

export const FINDING_PAGES: FindingPages = {
  "deleted-file": {
    title: "Somebody works on a file that was deleted or moved away",
    evidence:
      "A process has a descriptor on the database, its -wal or its -shm whose name is gone, or now names another " +
      "file. Several looks in a row have to agree, since SQLite deletes companion files by itself.",
    meaning:
      "What that process commits goes into a file that no other program opens. If the file was deleted, it is " +
      "lost when the last descriptor is closed; if it was moved away (mv new.db db.sqlite3), two generations of " +
      "the database are in use at once, and each program sees its own.",
    remedy:
      "Rescue first, while the process lives: stop it (kill -STOP), copy the file, its -wal and its -journal " +
      "through the descriptors (cp /proc/PID/fd/3 rescue.db), let it go on (kill -CONT). Check the copy with " +
      "PRAGMA integrity_check. Then end the program, and before anything opens the new file, move a -wal and " +
      "-shm away that are the old one's. Replace a database that is in use by sqlite3 db.sqlite3 '.restore " +
      "new.db', never by mv or cp.",
    limits: "What it has committed there has to be merged by hand.",
  },
  "lost-locks": {
    title: "A process uses the database without its locks",
    evidence:
      "WAL: a descriptor on the -shm, but SHARED or DMS is missing. Rollback: a descriptor on the -journal, " +
      "which exists, but neither RESERVED, PENDING, EXCLUSIVE nor SHARED. Five looks over some 120 ms have to " +
      "agree; a child that has its parent's connection is another matter (inherited-handle).",
    meaning:
      "SQLite in that process believes that it has its locks; the kernel has dropped them. Other programs then " +
      "write over its pages, or delete the -wal that it writes to. On Linux, a process that closes any " +
      "descriptor of a file loses all its POSIX locks on that file: copying, hashing or reading the database " +
      "with open and close in the same process is enough.",
    remedy:
      "Let the process finish what it does and restart it; then check the database (PRAGMA integrity_check). In " +
      "the program: open database files of one's own process through SQLite only; make copies in another " +
      "process, or with the backup API.",
    limits: "That the file was opened beside SQLite is the likely cause, not a proven one.",
  },
  "hot-journal": {
    title: "A crash left a transaction half written",
    evidence: "A -journal with a valid header, and nobody who holds RESERVED or more. Several looks have to agree.",
    meaning:
      "A writer died in the middle of a transaction. The journal holds the pages as they were before; the next " +
      "program that opens the database with write permission rolls the transaction back. Until then a reader " +
      "without write permission cannot read.",
    remedy:
      "Do not delete the journal: without it the database is corrupt. First copy both files aside. Then open the " +
      "database once (sqlite3 DATABASE 'PRAGMA schema_version'); not if you have just restored the database over " +
      "the old one: then the journal is the old one's, and has to be moved away.",
    limits:
      "An error where the database beside it is empty and was not when the journal was begun: SQLite then " +
      "deletes the journal. Whether the journal belongs to this database cannot be seen: one that stayed behind " +
      "when the database was restored looks the same, and is rolled back into it; the detail says when the " +
      "database was changed after it. In a container or on a network mount the writer may be out of sight: there " +
      "it is not said.",
  },
  "damaged-wal": {
    title: "Commits behind a damaged place of the -wal",
    evidence:
      "A -wal that nobody has open, a frame (or the header) whose checksum does not fit, and behind it commit " +
      "frames of the same salt whose checksums go on from the frames before them.",
    meaning:
      "SQLite reads a -wal up to the first frame that does not fit, and takes the rest for never written. So the " +
      "database is whole, and older than it was: the commits behind are not shown, and the next checkpoint or " +
      "commit writes over them. The file was damaged by a disk or another program, or a power failure kept a " +
      "part of it from the disk (synchronous=NORMAL allows that in WAL mode).",
    remedy:
      "Open the database with nothing yet; copy it and the -wal aside. Then compare what SQLite shows with a " +
      "backup. The pages behind the damage can still be read out of the copy of the -wal by a forensic tool.",
    limits:
      "Whether those commits had been copied back before cannot be seen without a wal-index. Damage of the last " +
      "commit alone looks like a crash in the middle of it, and is not said. A -wal that somebody has open is " +
      "not looked at: there the wal-index says what counts.",
  },
  "leftover-wal": {
    title: "Committed changes are in the -wal alone, and nobody has it open",
    evidence:
      "A -wal with committed frames (counted by its own salts and checksums), nobody who holds a lock or a " +
      "descriptor, and nothing that says it is another file's (wal-from-another-file).",
    meaning:
      "The last program that had the database open died, or ended without copying the changes back: it had no " +
      "right to write, or keeps its WAL on purpose. The next program that opens the database reads them; whoever " +
      "copies the database file alone loses them.",
    remedy:
      "Do not delete the -wal. Copy both files aside first. To have it copied back: sqlite3 DATABASE 'PRAGMA " +
      "wal_checkpoint(TRUNCATE)'; not if you have just restored the database over the old one (cp backup.db " +
      "app.db): then the -wal is the old one's, and has to be moved away with the -shm. An error where the " +
      "database beside it is empty: SQLite then deletes the -wal.",
    limits:
      "A -wal that stayed behind when the database was overwritten (cp keeps the file) looks the same; the " +
      "detail says when the database was changed after it, which a checkpoint does too. Which part of the frames " +
      "is in the database already cannot be known without a wal-index. A program on another machine may have it " +
      "open.",
  },
  "wal-from-another-file": {
    title: "The -wal is likely that of another database",
    evidence:
      "The -wal has committed frames, and its page size is not the database's; or its last commit is of a " +
      "database of more pages than the two have together; or the database file was born after the -wal was last " +
      "written, and the -wal was not copied here with its times.",
    meaning:
      "The database was restored or replaced, and the -wal of the one before stayed behind. The next program " +
      "that opens the database replays those frames over it, which corrupts it.",
    remedy:
      "Open it with nothing yet. Copy all files aside. If the database alone is what you restored, move the -wal " +
      "and the -shm away while nobody has the database open. Restore by .restore, or with all programs ended and " +
      "the old -wal and -shm moved away first.",
    limits:
      "Likely, not certain: a -wal and its database that were copied here without their times, the -wal first, " +
      "look the same.",
  },
  "hard-linked": {
    title: "The database has more than one name",
    evidence: "The number of hard links of the database file is 2 or more.",
    meaning:
      "SQLite looks for the -journal and the -wal beside the name that it was given. Programs that use different " +
      "names of one file do not find each other's: after a crash the journal is not rolled back, and two -wal " +
      "files for one database corrupt it.",
    remedy:
      "Find the other names (find MOUNT -xdev -samefile DATABASE) and let all programs use one. Make backups " +
      "with .backup or VACUUM INTO; a hard link is none: it changes with the database.",
    limits:
      "A second name that no program opens (a backup by cp -l, a package store) does no harm as long as nobody does.",
  },
  "mixed-lock-apis": {
    title: "Programs lock the database in ways that do not exclude each other",
    evidence:
      "At the same time at least two of: a byte-range lock of SQLite's (POSIX or OFD, which do exclude each " +
      "other), a flock on the database, a <database>.lock directory.",
    meaning:
      "Each scheme keeps out only those who use the same one. Two programs can write at once and corrupt the database.",
    remedy:
      "Use one scheme everywhere: SQLite's default VFS. Drop vfs=unix-flock, unix-dotfile and programs that lock " +
      "by a directory; replace flock db.sqlite3 command in scripts by a lock on another file, or by BEGIN " +
      "IMMEDIATE.",
    limits:
      "For information where those with the flock have the database open to read alone, as flock(1) has. Whether " +
      "a flock is SQLite's or that of another program cannot be seen from outside.",
  },
  "suspended-holder": {
    title: "A stopped process keeps others out",
    evidence:
      "Its state is stopped (Ctrl-Z, SIGSTOP) or traced (a debugger), and a lock of it blocks readers, writers, " +
      "commits or checkpoints.",
    meaning: "It cannot finish what it began, so that it keeps its locks until it goes on. No timeout helps.",
    remedy:
      "kill -CONT PID, or fg in its shell, comes before any other signal: most signals are delivered only when " +
      "it goes on. In a debugger: continue or detach.",
    limits: "A process that a debugger stops for a moment again and again is met in that moment.",
  },
  "uncommitted-write": {
    title: "A write transaction that nobody works on",
    evidence:
      "It holds the write lock, and none of its threads has run for the threshold (--stale-after, 10 s unless told).",
    meaning:
      "A transaction was begun, something was written, and nobody commits: a shell or a database browser with " +
      "unsaved changes, a debugger prompt, a missing commit, a web request that waits for something else. Every " +
      "other writer gets 'database is locked' once its timeout is over.",
    remedy: "Commit or roll back in that program. If nobody can, end it: SQLite undoes what was not committed.",
    limits:
      "A program that waits for a slow network inside its transaction looks the same. One that polls is never " +
      "idle, and is not found this way.",
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
      "In WAL mode a journal in memory is not possible: there it is the locking mode, or a change of the journal mode.",
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
    limits: "A read that just takes its time looks the same.",
  },
  "lock-directory": {
    title: "A lock directory that names nobody",
    evidence: "A directory <database>.lock exists. Its age is that of its last change.",
    meaning:
      "SQLite's unix-dotfile VFS and node-sqlite3-wasm lock in this way. It tells no process and survives a " +
      "crash: then every program that locks like this is kept out for ever.",
    remedy:
      "End the program that made it, in order. Only when it surely does not run, here or on another machine: " +
      "rmdir <database>.lock.",
    limits: "Programs that lock in the default way do not care for it, nor does it for them (mixed-lock-apis).",
  },
  "foreign-lock": {
    title: "A lock that SQLite did not take",
    evidence:
      "A lock on a file of the database that is on none of SQLite's bytes, crosses their borders, or is a flock.",
    meaning:
      "Something else locks the file: a backup, a synchroniser, an antivirus scanner, a program that is " +
      "compatible with SQLite but locks the whole file. Where it covers SQLite's bytes, it keeps SQLite out (a " +
      "warning); else it does not (for information).",
    remedy:
      "See what the program is for and let it finish. Have it leave the live database alone: back up with " +
      ".backup or VACUUM INTO.",
    limits: "A flock may be SQLite's own (unix-flock).",
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
  "wal-oversized": {
    title: "A long -wal that nobody needs",
    evidence: "The -wal is as long as 4,000 frames or more, all its frames are checkpointed, and nobody pins one.",
    meaning:
      "Once something made it grow. SQLite writes it again from its start, but does not shorten it as long as it " +
      "is open. No harm but the space.",
    remedy:
      "sqlite3 DATABASE 'PRAGMA wal_checkpoint(TRUNCATE)' while nobody reads. PRAGMA journal_size_limit keeps it " +
      "short.",
    limits: "Of a -wal that nobody has open, how much is checkpointed cannot be known: see leftover-wal.",
  },
  "not-writable": {
    title: "A program may not write what it needs to",
    evidence:
      "By the mode bits, the holder's user may not write the database, its -wal, -shm or -journal, or the " +
      "folder; or the mount is read-only. Root is left out, and so is a file that the process has open to write.",
    meaning:
      "A write gets 'attempt to write a readonly database' (8; 1544 where it is the folder), 'disk I/O error' " +
      "(10) for a -journal that is another user's, or 'unable to open database file' (14) where -wal and -shm of " +
      "a WAL database cannot be made or read. Often a command was run once as root, and left files that the web " +
      "server may not write.",
    remedy:
      "Give the user the right to write the database, its companion files and their folder: chown, or a common " +
      "group (chmod g+w, and g+s on the folder).",
    limits:
      "Access control lists and security modules are not looked at. A program that means to read only needs no " +
      "more: for information where the database itself is what it may not write.",
  },
  "disk-full": {
    title: "No room left on the disk",
    evidence:
      "Less free space than the frames of the WAL that are still to be copied back, less than one hundredth of " +
      "the file system, or no free inode. Free is what ordinary users may use.",
    meaning:
      "Writes fail, or will soon, with 'database or disk is full' (13) or 'disk I/O error' (10). A checkpoint " +
      "that fails leaves the WAL growing, which makes it worse.",
    remedy: "Make room (other files first: never a -wal, -shm or -journal), then let the WAL be copied back.",
    limits:
      "Frames that replace pages of the database need no more room: it may go well. Quotas are not looked at. " +
      "For information where the hundredth is still 10 GiB or more.",
  },
  "open-files-exhausted": {
    title: "Too many open files",
    evidence:
      "The process has 80% or more of its limit of open files open, or 20 or more descriptors on this database.",
    meaning:
      "A leak, most likely: connections are opened again and again, and not closed. Next comes 'unable to open " +
      "database file' (14), or a connection that is closed under the program.",
    remedy:
      "Restart the program; then close each connection where it was opened, or use a pool of fixed size. A " +
      "higher limit only puts it off.",
    limits:
      "A large pool that is meant to be so looks the same. The open files may be others than this database's: " +
      "the detail says how many are.",
  },
  "network-file-system": {
    title: "The database lies on a network or FUSE file system",
    evidence: "The type of its mount: NFS, CIFS, 9p, FUSE, virtiofs and their like; and its options about locks.",
    meaning:
      "Locks may be local to this machine (nolock, local_lock, nobrl) or lost, so that two programs write at " +
      "once. WAL mode needs memory that all programs share, and does not work between machines.",
    remedy:
      "Keep the database on a local disk, and let others reach it through a program that runs there. If it must " +
      "lie there: one machine only, no WAL mode, locks kept by the server.",
    limits: "Some such file systems keep locks well, and some (bindfs, rclone) are local: ask their documentation.",
  },
  "likely-waiting": {
    title: "Probably waiting for the lock",
    evidence:
      "It has the database open, holds nothing that keeps anybody out, ran within the last 200 ms and sleeps in " +
      "a timer (hrtimer_nanosleep), while somebody else keeps readers or writers out.",
    meaning:
      "SQLite does not queue for a lock: it tries, sleeps a little and tries again. So no list of locks shows " +
      "who waits. When its timeout is over, it gets 'database is locked'.",
    remedy: "Free the lock of the one that keeps it out; do not end the one that waits.",
    limits:
      "Probably, not certainly: a program that sleeps in a loop of its own looks the same. What a thread sleeps " +
      "in is visible to its own user and root only.",
  },
  "other-namespace": {
    title: "Not everybody can be seen from here",
    evidence: "sqlock runs in a child pid namespace (a container), or the database lies on a network mount.",
    meaning:
      'The kernel leaves out the locks and processes outside of the namespace, and other machines do not show at all. "Nobody" means nobody visible, and whether a journal is hot cannot be known.',
    remedy:
      "Run sqlock on the host, on the path that the database has there: it sees the processes in containers too. " +
      "For a network mount, run it on the other machines as well.",
    limits: "A container that shares the host's pid namespace (--pid=host) sees all of it, and this is not said.",
  },
  "header-mismatch": {
    title: "A header that SQLite puts up with, but would not write",
    evidence:
      "sqlock integrity: a field of the database header (versions, text encoding, page count against the size of " +
      "the file) holds what SQLite does not write, and SQLite opens the database all the same. What it refuses " +
      "is a failed check instead.",
    meaning:
      "Another program wrote the header, or single bytes of it are damaged. Pages behind the end that the header " +
      "names are not part of the database; a write version above 2 makes it read-only.",
    remedy:
      "Find out what wrote it, and look at the rest of the check. sqlite3 DATABASE \"VACUUM INTO 'new.db'\" " +
      "makes a copy with a header of SQLite's own.",
    limits: "Fields that may hold anything (user version, application id) are not looked at.",
  },
};

/** In the order in which the rules run; last what comes of integrity alone. */
export const FINDING_IDS = Object.keys(FINDING_PAGES) as readonly FindingId[];
