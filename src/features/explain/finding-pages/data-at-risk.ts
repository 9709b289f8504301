/** Findings in which data may be lost or is damaged. */
import type { FindingPages } from "../finding-page.ts";

export const DATA_AT_RISK = {
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
      "which exists, but neither RESERVED, PENDING, EXCLUSIVE nor SHARED. Ten looks over some 300 ms have to " +
      "agree; a child that has its parent's connection is another matter (inherited-handle).",
    meaning:
      "SQLite in that process believes that it has its locks; the kernel has dropped them. Other programs then " +
      "write over its pages, or delete the -wal that it writes to. On Linux, a process that closes any " +
      "descriptor of a file loses all its POSIX locks on that file: copying, hashing or reading the database " +
      "with open and close in the same process is enough.",
    remedy:
      "Let the process finish what it does and restart it; then check the database (PRAGMA integrity_check). Until " +
      "then open the database with nothing else, and delete nothing beside it: its -journal looks like that of a " +
      "dead writer, and whoever opens the database rolls it back. In the program: open database files of one's own " +
      "process through SQLite only; make copies in another process, or with the backup API.",
    limits: "That the file was opened beside SQLite is the likely cause, not a proven one.",
  },
  "foreign-writer": {
    title: "A program writes over the database without SQLite",
    evidence:
      "A process has the database file itself open to write alone, which SQLite never does, without a flock and not " +
      "to append; or a program that is known to copy files (cp, rsync, tar, restic, a synchroniser) has it open to " +
      "read and write and takes no lock. Several looks have to agree.",
    meaning:
      "A restore, a deployment or a synchroniser writes into the file that is there, while programs may have it open " +
      "(an error) or open it before it is done. They do not notice: they mix pages of the old file with those of the " +
      "new one, and bring in the old file's -wal or -journal.",
    remedy:
      "Let it finish, and keep what it copies from. Then stop the programs, move -wal, -shm and -journal of the old " +
      "file to a safe folder, copy anew with nobody having the database open, and check it. Restore through SQLite " +
      "instead: sqlite3 DATABASE '.restore BACKUP'. Leave databases out of synchronised folders.",
    limits:
      "That it writes is likely, not proven; that it is not SQLite is proven where it may only write. A copy that is " +
      "renamed into place (mv, rsync without --inplace) is another matter: deleted-file, wal-from-another-file.",
  },
  "other-locking": {
    title: "A process uses the database by none of SQLite's default locks",
    evidence:
      "A process has the -journal open to write without RESERVED, PENDING, EXCLUSIVE or SHARED (WAL: the -wal or " +
      "the -shm without SHARED), and lost-locks does not explain it: it has locked by flock or in a way of its own, " +
      "or has its files from a parent that has ended. Or, with the database alone open and no lock, the file is " +
      "longer than its header says, while no lock and no -journal explains it, and it was started before the file " +
      "last changed: likely a transaction whose journal is in memory or off. Ten looks have to agree. For " +
      "information: the database is open to write, without any lock, by a descriptor without O_NOFOLLOW, " +
      "which SQLite 3.31 and later sets.",
    meaning:
      "Programs that lock in different ways do not keep each other out (unix-flock, unix-dotfile and unix-none of " +
      "SQLite, node-sqlite3-wasm). Beside a writer of another kind, every other program takes its -journal for that " +
      "of a dead writer and rolls it back under it: the database is corrupt then. A change of the journal mode " +
      "loses what it commits.",
    remedy:
      "Let it finish, or end it in order; until then open the database with nothing else, and delete nothing beside " +
      "it. Let all programs that use the database lock in the same way: SQLite's default VFS (unix).",
    limits:
      "An idle connection of SQLite's own unix-dotfile, unix-none or unix-flock looks like any other idle " +
      "connection in rollback mode: it cannot be told, and neither can a transaction in memory that has written no " +
      "page beyond the end. A file that a crash has left too long looks like one of those that has: VACUUM, when " +
      "nobody has it open, puts that right.",
  },
  "super-journal-elsewhere": {
    title: "A commit over several databases that can be undone only by another path",
    evidence:
      "A -journal with a valid header that names a super-journal (<database>-mjXXXXXX9XX), nothing at that path, " +
      "and no proof that this means a commit: the path does not lead into the database's own folder, or the " +
      "database that it is named after is not there. Nobody writes, or the writer is stopped in the middle of it. " +
      "Several looks have to agree.",
    meaning:
      "SQLite commits a transaction over ATTACHed databases by deleting its super-journal, which each -journal " +
      "names by its absolute path. Opened where that path leads elsewhere (on the host beside a container, by a " +
      "bind mount, after the folder was moved), SQLite does not find it, takes the transaction for committed, and " +
      "deletes the -journal: the only thing that can undo a half-written transaction.",
    remedy:
      "Open it with nothing here, and delete nothing. Copy the databases of the transaction, their -journal files " +
      "and the super-journal aside. Then open each of them once by the path that the journal names: in the " +
      "container, or with the folder moved back under its old name. Let a writer that is stopped go on.",
    limits:
      "An error where a super-journal of the same name lies beside the database: then it was not committed. A " +
      "warning elsewhere: the transaction may have been committed, by a program that was killed before it deleted " +
      "its journals. It is not said of one whose super-journal was in the folder of the database and is gone: that " +
      "is a commit. After a copy of the folder without the super-journal to the same path, that would be wrong, as " +
      "SQLite is.",
  },
  "hot-journal": {
    title: "A crash left a transaction half written",
    evidence:
      "A -journal with a valid header, nobody who holds RESERVED or more, and nobody alive who may write without " +
      "locks that show it (who has it open to write, a <database>.lock directory, a foreign lock). Several looks " +
      "have to agree.",
    meaning:
      "A writer died in the middle of a transaction. The journal holds the pages as they were before; the next " +
      "program that opens the database with write permission rolls the transaction back. Until then a reader " +
      "without write permission cannot read.",
    remedy:
      "Do not delete the journal: without it the database is corrupt. First copy both files aside. Then open the " +
      "database once (sqlite3 DATABASE 'PRAGMA schema_version'); not if you have just restored the database over " +
      "the old one: then the journal is the old one's, and has to be moved away. While somebody has the journal " +
      "open (a backup that copies it), open it with nothing.",
    limits:
      "An error where the database beside it is empty and was not when the journal was begun: SQLite then " +
      "deletes the journal. Whether the journal belongs to this database cannot be seen: one that stayed behind " +
      "when the database was restored looks the same, and is rolled back into it; the detail says when the " +
      "database was changed after it. Where the writer may be out of sight (an ordinary user, a container, a " +
      "network mount), it is not said: who-holds shows 'journal (hot?)'. Look as root, on the host.",
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
  "odd-companion": {
    title: "A companion file is no file",
    evidence: "lstat(2) says that -wal, -shm or -journal is a symbolic link, a folder, a named pipe, or the like.",
    meaning:
      "SQLite makes these files itself, and opens them without following links. So no program can use the database " +
      "as long as this lies there; one that opens a named pipe may wait for ever.",
    remedy:
      "Find out who put it there. End the programs that use the database, and move it away. Where somebody moved a " +
      "-wal to another disk and left a link, copy that file back to its place: its changes may be nowhere else.",
    limits:
      "SQLite before 3.31 follows links. An -shm matters in WAL mode alone; a folder of that name is likely the lock " +
      "of ncruces/go-sqlite3 with dot-file locks, and goes when that program closes the database.",
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
  "separate-locks": {
    title: "Used another way, where locks do not count here",
    evidence:
      "It is in a layer (upperdir, lowerdir) of an overlay that is mounted and shows it with the same size and " +
      "times; or a program that serves files to others (it has /dev/fuse open; by name: virtiofsd, QEMU, Samba, 9p " +
      "and NFS servers) has it open without any lock.",
    meaning:
      "For the kernel, what an overlay shows is another file than the one in its layer, with the same bytes and " +
      "locks of its own. Who opens the database under docker's overlay2/ID/diff neither keeps the container out " +
      "nor is kept out by it. An error where both ways are in use.",
    remedy:
      "Use one path everywhere: that below the mount point of the overlay, or that of the programs behind the server.",
    limits:
      "Overlays whose mount namespace cannot be looked into (other users' containers, without root) are not known. " +
      "Nor are the programs behind a server, and whether it passes locks on.",
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
      "For information where the flock is a script's (flock(1)): its descriptor is one that SQLite would not have, " +
      "or likely, where it is opened to read alone. Silent where those with SQLite's locks are the script's own " +
      "commands. Whether any other flock is SQLite's cannot be seen from outside.",
  },
} as const satisfies Partial<FindingPages>;
