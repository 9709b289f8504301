/** A lock that another connection holds. */
import { LOOK, listed, RECORD, type Topic } from "../topic.ts";

export const WAITING: readonly Topic[] = [
  {
    id: "locked",
    words: listed("locked lock locks locking blocked blocking blocks deadlock unlock contention"),
    title: "A locked database",
    meaning:
      "SQLite allows one writer at a time. 'database is locked' means that a statement needed a lock that another " +
      "connection held, of another process or of the same one. who-holds names the process, record also the statement.",
    messages: ["database-is-locked", "database-table-is-locked", "detach-locked", "locking-protocol"],
    findings: [
      "uncommitted-write",
      "open-read-blocks-commit",
      "same-process-contention",
      "likely-waiting",
      "suspended-holder",
      "exclusive-locking-mode",
      "overlapping-runs",
      "foreign-lock",
    ],
    next: [LOOK, RECORD, "sqlock who-holds --wait 30s --blocked DATABASE"],
  },
  {
    id: "busy",
    words: listed(
      "busy timeout timeouts timed busy_timeout busy-timeout busytimeout wait waits waiting retry retries " +
        "backoff slow",
    ),
    title: "SQLITE_BUSY and the busy timeout",
    meaning:
      "SQLITE_BUSY (5) is the code of 'database is locked'. The busy timeout is how long a connection tries again " +
      "before it fails; each library has its own default, and some have none. A read transaction that tries to write " +
      "may be refused at once, whatever the timeout: BEGIN IMMEDIATE avoids that.",
    messages: ["database-is-locked", "commit-in-progress", "unfinalized-statements", "pool-exhausted"],
    findings: ["likely-waiting", "same-process-contention", "uncommitted-write", "overlapping-runs"],
    next: [
      LOOK,
      RECORD,
      "sqlock explain --elapsed 0.02s --busy-timeout 5s SQLITE_BUSY",
      "sqlock stress --matrix DATABASE",
    ],
  },
  {
    id: "transaction",
    words: listed(
      "transaction transactions begin commit commits savepoint nested immediate deferred autocommit upgrade " +
        "snapshot cursor statements uncommitted",
    ),
    title: "Transactions",
    meaning:
      "A transaction keeps its locks until COMMIT or ROLLBACK. One that begins with a read (BEGIN, BEGIN DEFERRED) " +
      "can fail when it first writes; BEGIN IMMEDIATE takes the write lock at the start, where waiting helps.",
    messages: [
      "database-is-locked",
      "nested-transaction",
      "no-transaction",
      "commit-in-progress",
      "atomic-block-broken",
      "transaction-aborted",
      "safety-level",
      "wal-in-transaction",
      "unfinalized-statements",
    ],
    findings: ["uncommitted-write", "open-read-blocks-commit", "same-process-contention"],
    next: [LOOK, RECORD],
  },
];
