/** The -wal, the -shm and the -journal. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const JOURNALS: readonly Topic[] = [
  {
    id: "wal",
    words: listed("wal walmode wal-mode write-ahead writeahead write-ahead-log write-ahead-logging"),
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
    words: listed("checkpoint checkpoints checkpointing wal_checkpoint starved starvation frames growing"),
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
    words: listed("shm shared-memory wal-index mmap"),
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
    words: listed("journal journals rollback rollback-journal journal_mode journal-mode hot super-journal"),
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
];
