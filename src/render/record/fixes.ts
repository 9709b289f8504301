/** What helps against a pattern: in general, and in the words of what the program uses. Pure. */
import type { Framework } from "../../recording/summary/frameworks.ts";
import type { FixId, Pattern } from "../../recording/summary/pattern.ts";

const FIXES: Readonly<Record<FixId, string>> = {
  "begin-immediate": "Begin transactions that will write with BEGIN IMMEDIATE: then the busy timeout applies.",
  "set-busy-timeout": "Set a busy timeout on each connection: PRAGMA busy_timeout = 5000.",
  "one-connection": "Let one connection of the process write, or commit before the other one writes.",
  "commit-before-work":
    "Do slow work (network, files, computing) before BEGIN or after COMMIT; after BEGIN, check again what it relied " +
    "on.",
  "normal-locking-mode": "Leave PRAGMA locking_mode at NORMAL, or close the connection once it has committed.",
  "pause-between": "Let those that take the lock often pause between two transactions, or put more work into each.",
  "end-reads": "End read transactions soon: finish or reset statements, and commit.",
  "one-transaction":
    "Put many rows into one transaction: the lock is taken once, but a crash before the commit loses all of them.",
  "shorter-sleeps": "Retry more often: SQLite's own busy timeout sleeps 100 ms at most.",
  "close-connections":
    "Close each connection where it is no longer needed, also after an error, or keep one and reuse it.",
  "connection-per-thread": "Give each thread a connection of its own, or let one thread do all work on the database.",
  "close-last": "Close the connection after its last use, or open another one for what comes later.",
  "end-transactions":
    "Commit or roll back in the task, thread or request that began the transaction, also after an error.",
  "one-task-writes":
    "Let all tasks write through one connection, one after the other (a lock or a queue), and commit before the next " +
    "await.",
  "finish-cursors": "Fetch all rows at once, or close the cursor as soon as no more rows are needed.",
  "no-shared-cache":
    "Use a file instead, in a temporary folder and in WAL mode, or one connection: table locks of a shared cache are " +
    "not waited for.",
};

type Cures = Readonly<Partial<Record<FixId, string>>>;

const PYTHON: Cures = {
  "begin-immediate":
    'Begin transactions that will write with execute("BEGIN IMMEDIATE") (isolation_level=None, or "IMMEDIATE"): ' +
    "then the busy timeout applies.",
  "set-busy-timeout": "Open it with sqlite3.connect(path, timeout=5), which is the default, in seconds.",
  "close-connections":
    "Close each connection: `with contextlib.closing(sqlite3.connect(path)) as conn`. `with conn` alone ends the " +
    "transaction, not the connection.",
  "connection-per-thread": "Call sqlite3.connect() in each thread, or keep its connection in threading.local().",
  "end-transactions": "Write inside `with conn:`, which commits, or rolls back after an error.",
  "finish-cursors": "Read with fetchall(), or call close() on the cursor as soon as no more rows are needed.",
  "one-transaction":
    "Put many rows into one transaction: executemany(), or one `with conn:` around the loop; a crash before the " +
    "commit loses all of them.",
};

const BEST: Readonly<Record<Framework, Cures>> = {
  sqlite3: PYTHON,
  django: {
    "begin-immediate":
      'Set "transaction_mode": "IMMEDIATE" in OPTIONS of DATABASES (Django 5.1 and later): then the busy timeout ' +
      "applies. select_for_update() does nothing on SQLite.",
    "set-busy-timeout": 'Set "timeout": 20 (seconds) in OPTIONS of DATABASES.',
    "commit-before-work":
      "Do slow work outside of atomic(), and of views under ATOMIC_REQUESTS (transaction.non_atomic_requests), or in " +
      "transaction.on_commit().",
    "close-connections":
      "Call connection.close() at the end of each thread of your own: Django does that after requests only. Under " +
      "ASGI, leave CONN_MAX_AGE at 0.",
    "connection-per-thread":
      "Use django.db.connection in each thread: there is one for each; do not hand connections or cursors over.",
    "close-last": "Do not keep connections or cursors beyond a request: Django closes them at its end (CONN_MAX_AGE).",
    "end-transactions": "Write inside `with transaction.atomic():`, which commits, or rolls back after an error.",
    "one-task-writes":
      "Write through one sync_to_async function (thread_sensitive=True, the default), with atomic() inside it: no " +
      "await is in the transaction then.",
    "finish-cursors": "Read with list(queryset) instead of iterator(), or read it to its end at once.",
    "one-transaction":
      "Use bulk_create(), or one atomic() around the loop; a crash before the commit loses all of them.",
  },
  sqlalchemy: {
    ...PYTHON,
    "begin-immediate":
      'Let the "begin" event of the engine run conn.exec_driver_sql("BEGIN IMMEDIATE"), with isolation_level = None ' +
      'set in "connect": then the busy timeout applies.',
    "set-busy-timeout": 'Set create_engine(url, connect_args={"timeout": 20}) (seconds).',
    "commit-before-work": "Call session.commit() before slow work: the first query of a session begins a transaction.",
    "close-connections": "Use `with Session() as session:` or session.close(), and one engine for the whole process.",
    "connection-per-thread":
      "Use a Session for each thread (scoped_session), and the pool that create_engine() chooses for a file.",
    "close-last": "Use objects inside of their `with Session()`; load what is needed later before it ends.",
    "end-transactions": "Use `with Session.begin() as session:`, which commits, or rolls back after an error.",
    "one-task-writes":
      "Let tasks take turns (asyncio.Lock) around `async with session.begin()`, or set pool_size=1, max_overflow=0.",
    "finish-cursors": "Read with .all() instead of iterating, or call close() on the result.",
    "one-transaction": "Call session.commit() once after the loop, not in it; a crash before it loses all rows.",
  },
  flask: {
    ...PYTHON,
    "close-connections": "Keep the connection in flask.g, and close it in a function with @app.teardown_appcontext.",
    "connection-per-thread": "Open the connection in the request and keep it in flask.g, not in a global variable.",
    "close-last": "Open the connection in each request (flask.g), and close it in @app.teardown_appcontext alone.",
  },
  aiosqlite: {
    ...PYTHON,
    "begin-immediate":
      'Begin transactions that will write with await db.execute("BEGIN IMMEDIATE") (isolation_level=None): then the ' +
      "busy timeout applies.",
    "set-busy-timeout": "Open it with aiosqlite.connect(path, timeout=5), in seconds.",
    "close-connections": "Use `async with aiosqlite.connect(path) as db:`, or await db.close().",
    "end-transactions": "Call await db.commit(), or db.rollback() after an error, before the task ends.",
    "one-task-writes":
      "Share one aiosqlite connection among the tasks that write, with an asyncio.Lock from the first statement to " +
      "the commit.",
    "finish-cursors": "Read with `async with db.execute(...) as cursor` and await cursor.fetchall().",
  },
  "better-sqlite3": {
    "begin-immediate": "Call transactions that will write as db.transaction(fn).immediate(): then the timeout applies.",
    "set-busy-timeout": "Open it with new Database(path, { timeout: 5000 }), which is the default.",
    "commit-before-work":
      "Leave slow work out of the function of db.transaction(): it cannot await, and all wait for it.",
    "close-connections": "Call db.close(), or open one Database for the whole process.",
    "end-transactions": "Write inside db.transaction(fn), which commits, or rolls back after an error.",
    "finish-cursors": "Read with .all() instead of .iterate(), or read to the end at once.",
    "one-transaction":
      "Put the loop into one db.transaction(fn): the lock is taken once, but a crash before the commit loses all rows.",
  },
  "node:sqlite": {
    "begin-immediate": 'Begin transactions that will write with db.exec("BEGIN IMMEDIATE"): then the timeout applies.',
    "set-busy-timeout":
      "Open it with new DatabaseSync(path, { timeout: 5000 }) (Node.js 22.16, 24 and later): the default is 0.",
    "close-connections": "Call db.close(), or open one DatabaseSync for the whole process.",
    "end-transactions": 'Call db.exec("COMMIT"), or "ROLLBACK" in a finally block, before anything is awaited.',
    "finish-cursors": "Read with .all() instead of .iterate(), or read to the end at once.",
    "one-transaction":
      'Put db.exec("BEGIN IMMEDIATE") before the loop and "COMMIT" after it; a crash before the commit loses all rows.',
  },
  "node-sqlite3": {
    "begin-immediate": 'Begin transactions that will write with db.run("BEGIN IMMEDIATE"): then the timeout applies.',
    "set-busy-timeout": 'Call db.configure("busyTimeout", 5000) after it was opened.',
    "close-connections": "Call db.close(), or open one Database for the whole process.",
    "end-transactions": 'Run "COMMIT" or "ROLLBACK" in the last callback, also after an error.',
    "finish-cursors": "Read with db.all() instead of statement.get(), or call finalize() on the statement.",
    "one-transaction":
      'Run "BEGIN IMMEDIATE" before the loop and "COMMIT" after it (db.serialize()); a crash before that loses all.',
  },
};

/** What helps, and the command that explains it. */
export function fixText({ fix, explain, framework }: Pick<Pattern, "fix" | "explain" | "framework">): string {
  return `${cureText(fix, framework)} See: sqlock explain ${explain}`;
}

/** In the words of the framework, where it has its own. */
export function cureText(fix: FixId, framework: Framework | undefined): string {
  return (framework === undefined ? undefined : BEST[framework][fix]) ?? FIXES[fix];
}
