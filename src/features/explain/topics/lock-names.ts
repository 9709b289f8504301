/** What SQLite calls its locks. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const LOCK_NAMES: readonly Topic[] = [
  {
    id: "lock-names",
    words: listed("lock-names shared reserved pending exclusive"),
    title: "The locks on the database: SHARED, RESERVED, PENDING, EXCLUSIVE",
    meaning:
      "SHARED: the connection reads, and no other can commit; in WAL mode every open connection holds it, and it " +
      "blocks only a change of the journal mode. RESERVED: the connection writes, and others can still read. " +
      "PENDING: it waits for readers to end before it commits; no new read can begin. EXCLUSIVE: it commits, or " +
      "locking_mode is EXCLUSIVE; no other connection can read or write.",
    messages: ["database-is-locked"],
    findings: ["open-read-blocks-commit", "exclusive-locking-mode", "uncommitted-write"],
    next: [LOOK],
  },
  {
    id: "wal-lock-names",
    words: listed("wal-lock-names dms write ckpt recover read0 read1 read2 read3 read4 read-mark readmark mark"),
    title: "The locks of WAL mode: WRITE, READ0 to READ4, CKPT, RECOVER, DMS",
    meaning:
      "WRITE: a write transaction; no other connection can write. READ0 to READ4: a read, at one point of the -wal. " +
      "CKPT: a checkpoint. RECOVER: the wal-index is rebuilt; all others have to wait. DMS: the connection is " +
      "attached to the -shm; every connection in WAL mode holds it, and it blocks nothing.",
    messages: ["database-is-locked", "locking-protocol"],
    findings: ["uncommitted-write", "checkpoint-starved"],
    next: [LOOK],
  },
];
