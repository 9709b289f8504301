/** Findings in which data may be lost or is damaged. */
import type { FindingPages } from "../finding-page.ts";

export const DATA_AT_RISK = {
  "deleted-file": {
    title: "A process works on a file that was deleted or moved away",
    evidence:
      "A process has a descriptor on the database, its -wal or its -shm, and the name of that file is gone, or now " +
      "belongs to another file. Several inspections in a row have to agree, since SQLite itself deletes companion " +
      "files.",
    meaning:
      "What that process commits goes into a file that no other program opens. If the file was deleted, these " +
      "commits are lost when the last descriptor is closed; if it was moved away (mv new.db db.sqlite3), two " +
      "generations of the database are in use at once, and each program sees its own.",
    remedy:
      "First save the data, while the process lives: stop it (kill -STOP), copy the file, its -wal and its -journal " +
      "through the descriptors (cp /proc/PID/fd/3 /a/safe/folder/rescue.db), and let it continue (kill -CONT). Check " +
      "the copy with PRAGMA integrity_check. Then end the program. Before any program opens the new file, " +
      "move away a -wal and -shm that belong to the old one. To replace a database that is in use, run sqlite3 " +
      "db.sqlite3 '.restore new.db'; never use mv or cp.",
    limits: "What the process has committed there has to be merged by hand.",
  },
  "lost-locks": {
    title: "A process uses the database without its locks",
    evidence:
      "WAL: a descriptor on the -shm, but SHARED or DMS is missing. Rollback: a descriptor on the -journal, which " +
      "exists, but none of RESERVED, PENDING, EXCLUSIVE and SHARED. Ten inspections within some 300 ms have to " +
      "agree. A child that has its parent's connection is a different finding (inherited-handle).",
    meaning:
      "SQLite in that process believes that it has its locks, but the kernel has dropped them. Other programs can " +
      "then overwrite its pages, or delete the -wal that it writes to. On Linux, a process that closes any " +
      "descriptor of a file loses all its POSIX locks on that file: it is enough to copy, hash or read the database " +
      "with open and close in the same process.",
    remedy:
      "Let the process finish and restart it; then check the database (PRAGMA integrity_check). Until then, do not " +
      "open the database with any other program, and delete nothing beside it: its -journal looks like that of a " +
      "dead writer, and a program that opens the database rolls it back. In the program: open the files of a " +
      "database that the process itself uses only through SQLite; make copies in another process, or with the backup " +
      "API.",
    limits: "That the file was opened outside SQLite is the likely cause, but not proved.",
  },
  "foreign-writer": {
    title: "A program overwrites the database without SQLite",
    evidence:
      "A process has the database file open write-only, which SQLite never does, without a flock and not for " +
      "appending; or a program that is known to copy files (cp, rsync, tar, restic, a synchroniser) has it open for " +
      "reading and writing and takes no lock. Several inspections have to agree.",
    meaning:
      "A restore, a deployment or a synchroniser writes into the existing file, while programs have it open (an " +
      "error) or may open it before it is complete (a warning). They do not notice: they mix pages of the old file " +
      "with pages of the new one, and apply the old file's -wal or -journal to it.",
    remedy:
      "Let it finish, and keep the source of the copy. Then stop the programs, move the -wal, -shm and -journal of " +
      "the old file to a safe folder, copy the file again while nobody has the database open, and check it. Restore " +
      "through SQLite instead: sqlite3 DATABASE '.restore BACKUP'. Exclude databases from synchronised folders.",
    limits:
      "That it writes is likely, not proved; that it is not SQLite is proved where the file is open write-only. A " +
      "copy that is renamed into place (mv, rsync without --inplace) is a different finding: deleted-file, " +
      "wal-from-another-file.",
  },
  "other-locking": {
    title: "A process uses the database without any of SQLite's default locks",
    evidence:
      "A process has the -journal open for writing without RESERVED, PENDING, EXCLUSIVE or SHARED (WAL: the -wal or " +
      "the -shm without SHARED), and lost-locks does not explain it: it has locked with flock or in its own way, or " +
      "inherited its files from a parent that has ended. Or it has only the database open, without a lock, and the " +
      "file is longer than its header says, no lock and no -journal explains that, and the process was started " +
      "before the file last changed: likely a transaction whose journal is in memory or off. Ten inspections have to " +
      "agree. For information: the database is open for writing, without any lock, by a descriptor without " +
      "O_NOFOLLOW, which SQLite 3.31 and later sets.",
    meaning:
      "Programs that lock in different ways do not keep each other out (SQLite's unix-flock, unix-dotfile and " +
      "unix-none, node-sqlite3-wasm). While a writer that locks in another way is at work, every other program takes " +
      "its -journal for that of a dead writer and rolls it back, which corrupts the database. A change of the " +
      "journal mode loses what it commits.",
    remedy:
      "Let it finish, or shut it down cleanly. Until then, do not open the database with any other program, and " +
      "delete nothing beside it. Let all programs that use the database lock in the same way: with SQLite's default " +
      "VFS (unix).",
    limits:
      "In rollback mode, an idle connection that uses SQLite's own unix-dotfile, unix-none or unix-flock looks like " +
      "any other idle connection and cannot be detected; neither can a transaction in memory that has written no " +
      "page beyond the end of the file. A file that a crash has left too long looks the same as such a transaction: " +
      "VACUUM, when nobody has it open, corrects that.",
  },
  "super-journal-elsewhere": {
    title: "A commit that covers several databases and can be undone only by another path",
    evidence:
      "A -journal with a valid header names a super-journal (<database>-mjXXXXXX9XX), nothing exists at that path, " +
      "and nothing proves that this means a commit: the path does not lead into the database's own folder, or the " +
      "database after which it is named does not exist there. No process writes, or the writer is stopped in the " +
      "middle of the commit. Several inspections have to agree.",
    meaning:
      "SQLite commits a transaction that covers ATTACHed databases by deleting its super-journal, which each " +
      "-journal names by its absolute path. If a database is opened where that path leads elsewhere (on the host " +
      "beside a container, through a bind mount, after the folder was moved), SQLite does not find the " +
      "super-journal, considers the transaction committed, and deletes the -journal: the only file that can undo a " +
      "half-written transaction.",
    remedy:
      "Do not open it here, and delete nothing. Copy the databases of the transaction, their -journal files and the " +
      "super-journal aside. Then open each of them once by the path that the journal names: in the container, or " +
      "with the folder moved back under its old name. Let a stopped writer continue.",
    limits:
      "An error if a super-journal with the same name lies beside the database: then the transaction was not " +
      "committed. Otherwise a warning: the transaction may have been committed, by a program that was killed before " +
      "it deleted its journals. It is not reported if the super-journal was in the folder of the database and is " +
      "gone: that is a commit. If the folder was copied to the same path without the super-journal, that conclusion " +
      "is wrong, for SQLite as well.",
  },
  "hot-journal": {
    title: "A crash left a transaction half written",
    evidence:
      "A -journal with a valid header, while no process holds RESERVED or a stronger lock, and no living process can " +
      "be writing without locks that show it (one that has it open for writing, a <database>.lock directory, a " +
      "foreign lock). Several inspections have to agree.",
    meaning:
      "A writer died in the middle of a transaction. The journal holds the pages as they were before; the next " +
      "program that opens the database with write permission rolls the transaction back. Until then, a program " +
      "without write permission cannot read the database.",
    remedy:
      "Do not delete the journal: without it the database is corrupt. First copy both files aside. Then open the " +
      "database once (sqlite3 DATABASE 'PRAGMA schema_version'), unless you have just restored the database over the " +
      "old one: then the journal belongs to the old one, and has to be moved away. While a process has the journal " +
      "open (a backup that copies it), do not open the database.",
    limits:
      "An error if the database beside it is empty but was not when the journal was begun: then SQLite deletes the " +
      "journal. Whether the journal belongs to this database is unknown: a journal that was left behind when the " +
      "database was restored looks the same, and is rolled back into it; the finding says if the database was " +
      "changed after the journal. Where the writer could be out of sight (an ordinary user, a container, a network " +
      "mount), this is not reported: who-holds shows 'journal (hot?)'. Run it as root, on the host.",
  },
  "damaged-wal": {
    title: "Commits after a damaged place in the -wal",
    evidence:
      "A -wal that nobody has open, a frame (or the header) with a wrong checksum, and after it commit frames with " +
      "the same salt whose checksums continue from the frames before them.",
    meaning:
      "SQLite reads a -wal up to the first wrong frame, and treats the rest as never written. So the database is " +
      "consistent, but older than it was: the commits after that place are not visible, and the next checkpoint or " +
      "commit overwrites them. The file was damaged by a disk or another program, or a power failure kept part of it " +
      "from reaching the disk (synchronous=NORMAL allows that in WAL mode).",
    remedy:
      "Do not open the database yet; copy it and the -wal aside. Then compare what SQLite shows with a backup. A " +
      "forensic tool can still read the pages after the damage from the copy of the -wal.",
    limits:
      "Whether those commits had already been copied back is unknown without a wal-index. Damage to only the last " +
      "commit looks like a crash in the middle of it, and is not reported. A -wal that a process has open is not " +
      "inspected: there, the wal-index says which frames are valid.",
  },
  "leftover-wal": {
    title: "Committed changes are only in the -wal, and nobody has it open",
    evidence:
      "A -wal with committed frames (counted by its own salts and checksums), no process that holds a lock or a " +
      "descriptor, and no sign that it belongs to another file (wal-from-another-file).",
    meaning:
      "The last program that had the database open died, or ended without copying the changes back: it had no write " +
      "permission, or keeps its WAL on purpose. The next program that opens the database reads them; a copy of only " +
      "the database file lacks them.",
    remedy:
      "Do not delete the -wal. First copy both files aside. To copy the changes back: sqlite3 DATABASE 'PRAGMA " +
      "wal_checkpoint(TRUNCATE)', unless you have just restored the database over the old one (cp backup.db app.db): " +
      "then the -wal belongs to the old one, and has to be moved away with the -shm. An error if the database beside " +
      "it is empty: then SQLite deletes the -wal.",
    limits:
      "A -wal that was left behind when the database was overwritten (cp keeps the file) looks the same; the " +
      "evidence says if the database was changed after the -wal, which a checkpoint does too. Which frames are " +
      "already in the database is unknown without a wal-index. A program on another machine may have it open.",
  },
  "wal-from-another-file": {
    title: "The -wal likely belongs to another database",
    evidence:
      "The -wal has committed frames, and its page size is not the database's; or its last commit belongs to a " +
      "database with more pages than the two files have together; or the database file was created after the last " +
      "write to the -wal, and the -wal was not copied here with its times.",
    meaning:
      "The database was restored or replaced, and the -wal of the previous one was left behind. The next program " +
      "that opens the database replays those frames over it, which corrupts it.",
    remedy:
      "Do not open it yet. Copy all files aside. If you restored only the database, move the -wal and the -shm away " +
      "while nobody has the database open. To restore, use .restore, or first end all programs and move the old -wal " +
      "and -shm away.",
    limits:
      "Likely, not certain: a -wal and its database that were copied here without their times, the -wal first, look " +
      "the same.",
  },
  "odd-companion": {
    title: "A companion file is not a regular file",
    evidence: "lstat(2) says that the -wal, -shm or -journal is a symbolic link, a folder, a named pipe, or the like.",
    meaning:
      "SQLite creates these files itself, and opens them without following links. So no program can use the database " +
      "as long as this is there; one that opens a named pipe may wait forever.",
    remedy:
      "Find out what put it there. End the programs that use the database, and move it away. If it is a link to a " +
      "-wal that was moved to another disk, copy that file back to its place: its changes may be nowhere else.",
    limits:
      "SQLite before 3.31 follows links. An -shm matters only in WAL mode; a folder with that name is likely the " +
      "lock of ncruces/go-sqlite3 with dot-file locks, and disappears when that program closes the database.",
  },
  "hard-linked": {
    title: "The database has more than one name",
    evidence:
      "The number of hard links of the database file is 2 or more. An error if a -journal to roll back lies beside " +
      "another name, or if a process has the -wal or -shm of another name open.",
    meaning:
      "SQLite looks for the -journal and the -wal beside the name by which it opens the database. Programs that use " +
      "different names of one file do not find each other's: after a crash the journal is not rolled back, and two " +
      "-wal files for one database corrupt it.",
    remedy:
      "Find the other names (find MOUNT -xdev -samefile DATABASE) and let all programs use the same one. Make " +
      "backups with .backup or VACUUM INTO; a hard link is not a backup: it changes with the database.",
    limits:
      "A second name that no program opens (a backup by cp -l, a package store) does no harm as long as that stays so.",
  },
  "separate-locks": {
    title: "The database is also used in a way in which locks do not reach here",
    evidence:
      "The file is in a layer (upperdir, lowerdir) of a mounted overlay that shows it with the same size and times; " +
      "or a program that serves files to others (it has /dev/fuse open; by name: virtiofsd, QEMU, Samba, 9p and NFS " +
      "servers) has it open without any lock.",
    meaning:
      "For the kernel, what an overlay shows is a different file from the one in its layer, with the same bytes but " +
      "its own locks. A program that opens the database under docker's overlay2/ID/diff neither keeps the container " +
      "out nor is kept out by it. An error if both are in use.",
    remedy:
      "Use one path everywhere: the one below the mount point of the overlay, or the one that the programs behind " +
      "the server use.",
    limits:
      "Overlays in mount namespaces that cannot be inspected (other users' containers, without root) are not known. " +
      "Neither are the programs behind a server, nor whether it passes locks on.",
  },
  "mixed-lock-apis": {
    title: "Programs lock the database in ways that do not exclude each other",
    evidence:
      "At least two of these at the same time: a byte-range lock of SQLite's (POSIX or OFD, which do exclude each " +
      "other), a flock on the database, a <database>.lock directory.",
    meaning:
      "Each scheme keeps out only programs that use the same one. Two programs can write at the same time and " +
      "corrupt the database.",
    remedy:
      "Use one scheme everywhere: SQLite's default VFS. Do not use vfs=unix-flock, unix-dotfile or programs that " +
      "lock by a directory; in scripts, replace flock db.sqlite3 command by a lock on another file, or by BEGIN " +
      "IMMEDIATE.",
    limits:
      "For information if the flock belongs to a script (flock(1)): its descriptor is one that SQLite would not " +
      "have, or likely one, if it is opened read-only. Silent if the processes with SQLite's locks are the script's " +
      "own commands. Whether any other flock is SQLite's cannot be seen from outside.",
  },
} as const satisfies Partial<FindingPages>;
