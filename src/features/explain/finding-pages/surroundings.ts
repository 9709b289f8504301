/** Findings about files, disks and systems around the database, and what only integrity finds. */
import type { FindingPages } from "../finding-page.ts";

export const SURROUNDINGS = {
  "wal-oversized": {
    title: "A long -wal",
    evidence:
      "The -wal is at least as long as 4,000 frames. Either all its committed frames are checkpointed, and no reader " +
      "pins any; or 4,000 frames or more have been written after the last commit, while a process writes.",
    meaning:
      "In the first case, something once made it grow. SQLite reuses it from its start, but does not shorten it " +
      "while it is open. It costs only disk space. In the second case, a transaction is larger than its program's " +
      "cache (an import, VACUUM): it writes to the -wal before it commits.",
    remedy:
      "sqlite3 DATABASE 'PRAGMA wal_checkpoint(TRUNCATE)' while no process reads. PRAGMA journal_size_limit keeps it " +
      "short. Let a large transaction commit.",
    limits:
      "If no process keeps the wal-index of a -wal up to date, how much is checkpointed is unknown: see " +
      "leftover-wal. A transaction that was rolled back also leaves frames after the last commit.",
  },
  "not-writable": {
    title: "A program cannot write what it needs to",
    evidence:
      "By the mode bits, the user of a process that has the database open cannot write the database, its -wal, -shm " +
      "or -journal, or the folder; or the mount is read-only, or has refused writes since an error. Root is left " +
      "out, and so is a file that the process has open for writing.",
    meaning:
      "A write gets 'attempt to write a readonly database' (8; 1544 if it is the folder), 'disk I/O error' (10) if " +
      "the -journal belongs to another user, or 'unable to open database file' (14) if the -wal and -shm of a WAL " +
      "database cannot be created or read. Often a command was run once as root, and left files that the web server " +
      "cannot write.",
    remedy:
      "Give the user permission to write the database, its companion files and their folder: chown, or a common " +
      "group (chmod g+w, and g+s on the folder).",
    limits:
      "Access control lists and security modules are not checked (sqlock explain --db DATABASE --as USER tries it as " +
      "that user). A program that only reads needs no more: this is for information if it is the database itself " +
      "that the program cannot write.",
  },
  "foreign-companion": {
    title: "A -wal, -shm or -journal that belongs to another user",
    evidence:
      "A companion file has a different owner from the database, and by its mode bits the database's owner cannot " +
      "write it. Not reported for a database that root owns, nor on network file systems.",
    meaning:
      "Left by a command that another user ran, often root: SQLite that runs as root gives the files that it creates " +
      "to the owner of the database, but not in a container without CAP_CHOWN or across user namespaces, and cp does " +
      "not. With such a -wal or -shm, the program gets 'attempt to write a readonly database' (8) or 'unable to open " +
      "database file' (14); with such a -journal, 'disk I/O error' (10).",
    remedy:
      "Give the file to the owner of the database (chown -h, which follows no link); never delete it, it may hold " +
      "committed changes. Do not give away a file with several names (hard links).",
    limits:
      "Access control lists are not checked, nor the groups of a user who runs no program that has the database " +
      "open. For programs that run as another user than the owner, see not-writable.",
  },
  "disk-full": {
    title: "The disk is full, or nearly",
    evidence:
      "Less free space than the WAL frames that still have to be copied back, less than one hundredth of the file " +
      "system, or no free inode. Free is what ordinary users can use; root may have some more.",
    meaning:
      "Writes fail, or will soon, with 'database or disk is full' (13) or 'disk I/O error' (10). If a checkpoint " +
      "fails, the WAL keeps growing, which makes it worse.",
    remedy: "Free some space (never delete a -wal, -shm or -journal), then let the WAL be copied back.",
    limits:
      "Frames that replace pages of the database need no more space: it may go well. Quotas are not checked: quota " +
      "-vu USER, or repquota -a as root, shows them (a write beyond one gets 'disk I/O error'). For information if " +
      "one hundredth is still 10 GiB or more.",
  },
  "open-files-exhausted": {
    title: "Too many open files",
    evidence:
      "The process has used 80% or more of its limit of open files, or has 20 or more descriptors on this database.",
    meaning:
      "Most likely a leak: connections are opened again and again, and not closed. What follows is 'unable to open " +
      "database file' (14), or a connection that is closed while the program uses it.",
    remedy:
      "Restart the program; then close each connection where it was opened, or use a pool of fixed size. A higher " +
      "limit only delays the failure.",
    limits:
      "A pool that is large on purpose looks the same. The open files may not be those of this database: the finding " +
      "says how many are.",
  },
  "network-file-system": {
    title: "The database lies on a network or FUSE file system",
    evidence: "The type of its mount: NFS, CIFS, 9p, FUSE, virtiofs and the like; and its options about locks.",
    meaning:
      "Locks may be local to this machine (nolock, local_lock, nobrl) or lost, so two programs can write at the same " +
      "time. WAL mode needs memory that all programs share, and does not work between machines.",
    remedy:
      "Keep the database on a local disk, and let other machines reach it through a program that runs there. If it " +
      "must stay where it is: use it from one machine only, without WAL mode, with locks kept by the server.",
    limits:
      "Some of these file systems handle locks correctly, and some (bindfs, rclone) are local: see their " +
      "documentation.",
  },
  "likely-waiting": {
    title: "Likely waiting for the lock",
    evidence:
      "A process has the database open, holds nothing that keeps other processes out, ran within the last 200 ms and " +
      "sleeps in a timer (hrtimer_nanosleep), while another process blocks readers or writers.",
    meaning:
      "SQLite does not queue for a lock: it tries, sleeps briefly and tries again. So no list of locks shows which " +
      "process waits. When its timeout is over, it gets 'database is locked'.",
    remedy: "Deal with the process that holds the lock, not with the waiter.",
    limits:
      "Likely, not certainly: a program that sleeps in a loop for another reason looks the same. Only the " +
      "process's own user and root can see what a thread sleeps in.",
  },
  "other-namespace": {
    title: "Not every process can be seen from here",
    evidence: "sqlock runs in a child pid namespace (a container), or the database lies on a network mount.",
    meaning:
      "The kernel hides the locks and processes of other namespaces, and other machines are not visible at all. " +
      "So it is unknown whether another process has the database open, and whether a journal is hot.",
    remedy:
      "Run sqlock on the host, with the path that the database has there: on the host it also sees processes in " +
      "containers. For a network mount, run it on the other machines as well.",
    limits:
      "A container that shares the host's pid namespace (--pid=host) sees all processes, and this is not reported " +
      "there.",
  },
  "header-mismatch": {
    title: "A header that SQLite accepts, but would not write",
    evidence:
      "sqlock integrity: a field of the database header (versions, text encoding, page count compared with the size " +
      "of the file) has a value that SQLite does not write, although SQLite opens the database. A value that SQLite " +
      "refuses is a failed check instead.",
    meaning:
      "Another program wrote the header, or single bytes of it are damaged. Pages beyond the page count in the " +
      "header are not part of the database; a write version above 2 makes it read-only.",
    remedy:
      "Find out what wrote it, and read the rest of the check. sqlite3 DATABASE \"VACUUM INTO 'new.db'\" makes a " +
      "copy with a header that SQLite wrote.",
    limits: "Fields that may have any value (user version, application id) are not checked.",
  },
} as const satisfies Partial<FindingPages>;
