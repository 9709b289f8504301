/** What the program is made with, and how it is run. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const PROGRAMS: readonly Topic[] = [
  {
    id: "django",
    words: listed("django migrate migration migrations manage.py atomic atomic_requests celery sync_to_async"),
    title: "Django",
    meaning:
      "Django waits 5 s for a lock (OPTIONS timeout). Its transactions begin with a read unless transaction_mode is " +
      "IMMEDIATE (Django 5.1 and later), so that a write in atomic() may fail at once. migrate needs the write lock.",
    messages: [
      "database-is-locked",
      "atomic-block-broken",
      "async-context",
      "readonly-database",
      "unable-to-open",
      "wrong-thread",
    ],
    findings: ["uncommitted-write", "orphaned-holder", "overlapping-runs", "inherited-handle"],
    next: [
      "sqlock who-holds --wait 30s --blocked -q DATABASE && python3 manage.py migrate",
      "python3 manage.py migrate 2>&1 | sqlock explain --db DATABASE",
    ],
  },
  {
    id: "sqlalchemy",
    words: listed("sqlalchemy flask fastapi alembic pool pools queuepool session sessions"),
    title: "SQLAlchemy and connection pools",
    meaning:
      "A session keeps its connection, and its transaction, until commit(), rollback() or close(). One that is never " +
      "closed keeps a lock or exhausts the pool.",
    messages: ["pool-exhausted", "database-is-locked", "wrong-thread"],
    findings: ["uncommitted-write", "open-read-blocks-commit", "same-process-contention"],
    next: [LOOK],
  },
  {
    id: "thread",
    words: listed("thread threads threading async asyncio await aiosqlite closed event-loop"),
    title: "Threads and async code",
    meaning:
      "A connection has one transaction, whichever threads or tasks use it. Give each its own connection, or one " +
      "that they use in turn.",
    messages: ["wrong-thread", "async-context", "closed-database", "nested-transaction", "database-is-locked"],
    findings: ["same-process-contention"],
    next: [LOOK],
  },
  {
    id: "fork",
    words: listed("fork forked prefork gunicorn uwsgi multiprocessing worker workers puma unicorn inherited"),
    title: "Processes that fork",
    meaning:
      "A connection must not be carried over a fork: the child does not inherit its locks, works without them, and " +
      "may damage the database. Open the connection after the fork.",
    messages: ["malformed", "database-is-locked", "wrong-thread"],
    findings: ["inherited-handle", "lost-locks", "same-process-contention"],
    next: [LOOK],
  },
  {
    id: "stuck",
    words: listed(
      "stuck hang hangs hung suspended stopped sigstop ctrl-z zombie orphan orphaned idle sleeping forgotten " +
        "abandoned kill process",
    ),
    title: "A process that keeps a lock and does nothing",
    meaning:
      "who-holds shows which process holds the lock, since when, and whether it runs, sleeps or is stopped. sqlock " +
      "kill shows what ending it would lose before it asks.",
    messages: ["database-is-locked"],
    findings: [
      "suspended-holder",
      "uninterruptible-holder",
      "uncommitted-write",
      "orphaned-holder",
      "exclusive-locking-mode",
      "open-read-blocks-commit",
    ],
    next: [LOOK, "sqlock kill --dry-run DATABASE"],
  },
  {
    id: "cron",
    words: listed("cron crontab systemd timer scheduler overlapping twice concurrent parallel"),
    title: "Jobs that overlap",
    meaning:
      "A job that starts again before its last run has ended waits for its own lock. flock keeps the second run out, " +
      "and a busy timeout lets it wait.",
    messages: ["database-is-locked", "unable-to-open"],
    findings: ["overlapping-runs", "orphaned-holder", "likely-waiting"],
    next: [LOOK],
  },
];
