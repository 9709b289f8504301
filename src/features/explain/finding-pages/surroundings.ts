/** Findings about files, disks and systems around the database, and what integrity alone finds. */
import type { FindingPages } from "../finding-page.ts";

export const SURROUNDINGS = {
  "wal-oversized": {
    title: "A long -wal",
    evidence:
      "The -wal is as long as 4,000 frames or more. Either all its committed frames are checkpointed, and nobody " +
      "pins one; or 4,000 frames and more are written after the last commit, while somebody writes.",
    meaning:
      "In the first case something once made it grow. SQLite writes it again from its start, but does not shorten it " +
      "as long as it is open. No harm but the space. In the second a transaction is larger than its program's cache " +
      "(an import, VACUUM): it writes to the -wal before it commits.",
    remedy:
      "sqlite3 DATABASE 'PRAGMA wal_checkpoint(TRUNCATE)' while nobody reads. PRAGMA journal_size_limit keeps it " +
      "short. A large transaction is best left to commit.",
    limits:
      "Of a -wal whose wal-index nobody keeps, how much is checkpointed cannot be known: see leftover-wal. A " +
      "transaction that was rolled back leaves frames after the last commit as well.",
  },
  "not-writable": {
    title: "A program may not write what it needs to",
    evidence:
      "By the mode bits, the holder's user may not write the database, its -wal, -shm or -journal, or the " +
      "folder; or the mount is read-only, or refuses writes since an error. Root is left out, and so is a file " +
      "that the process has open to write.",
    meaning:
      "A write gets 'attempt to write a readonly database' (8; 1544 where it is the folder), 'disk I/O error' " +
      "(10) for a -journal that is another user's, or 'unable to open database file' (14) where -wal and -shm of " +
      "a WAL database cannot be made or read. Often a command was run once as root, and left files that the web " +
      "server may not write.",
    remedy:
      "Give the user the right to write the database, its companion files and their folder: chown, or a common " +
      "group (chmod g+w, and g+s on the folder).",
    limits:
      "Access control lists and security modules are not looked at (sqlock explain --db DATABASE --as USER tries " +
      "it as that user). A program that means to read only needs no " +
      "more: for information where the database itself is what it may not write.",
  },
  "disk-full": {
    title: "No room left on the disk",
    evidence:
      "Less free space than the frames of the WAL that are still to be copied back, less than one hundredth of " +
      "the file system, or no free inode. Free is what ordinary users may use; root may have some more.",
    meaning:
      "Writes fail, or will soon, with 'database or disk is full' (13) or 'disk I/O error' (10). A checkpoint " +
      "that fails leaves the WAL growing, which makes it worse.",
    remedy: "Make room (other files first: never a -wal, -shm or -journal), then let the WAL be copied back.",
    limits:
      "Frames that replace pages of the database need no more room: it may go well. Quotas are not looked at: " +
      "quota -vu USER, or repquota -a as root, shows them (a write beyond one gets 'disk I/O error'). " +
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
      "The kernel leaves out the locks and processes outside of the namespace, and other machines do not show " +
      'at all. "Nobody" means nobody visible, and whether a journal is hot cannot be known.',
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
} as const satisfies Partial<FindingPages>;
