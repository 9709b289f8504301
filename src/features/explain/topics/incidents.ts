/** What happened to the files. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const INCIDENTS: readonly Topic[] = [
  {
    id: "crash",
    words: listed("crash crashed power reboot rebooted killed oom sigkill shutdown recovery"),
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
    words: listed("backup backups copy copied copying cp rsync litestream restore restored tar sync"),
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
    words: listed(
      "deleted delete unlinked moved move removed renamed rename replaced replace symlink symlinks hardlink " +
        "hardlinks dbmoved rm mv",
    ),
    title: "Files that were deleted, moved or linked",
    meaning:
      "A process keeps using a file that was deleted or replaced under it: what it writes is lost when it ends. A " +
      "second name of the database (a hard link) leads to companion files of another name.",
    messages: ["readonly-database", "disk-io-error", "malformed"],
    findings: ["deleted-file", "hard-linked", "wal-from-another-file", "super-journal-elsewhere", "odd-companion"],
    next: [LOOK],
  },
];
