/** A database that cannot be opened, read or written. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const FILES: readonly Topic[] = [
  {
    id: "readonly",
    words: listed(
      "readonly read-only permission permissions denied chmod chown owner rights eacces eperm erofs selinux " +
        "apparmor immutable sudo root umask writable",
    ),
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
    words: listed("open unable cantopen missing path emfile enfile enoent ulimit descriptors"),
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
    words: listed(
      "corrupt corrupted corruption malformed damaged damage broken encrypted sqlcipher notadb header integrity " +
        "integrity_check repair image",
    ),
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
    words: listed("disk full space enospc quota edquot inode inodes ioerr io i/o eio storage diskfull"),
    title: "The disk",
    meaning:
      "A commit needs room for the -journal or the -wal besides the database. 'database or disk is full' names both: " +
      "the file system, a quota, or max_page_count. 'disk I/O error' has many causes; its extended code tells which.",
    messages: ["disk-full", "disk-io-error", "malformed"],
    findings: ["disk-full", "wal-oversized", "checkpoint-starved", "network-file-system", "uninterruptible-holder"],
    next: ["df -h DATABASE", "df -i DATABASE", LOOK],
  },
];
