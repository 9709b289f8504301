import type { Entry } from "../entry.ts";

export const wrongThread: Entry = {
  id: "wrong-thread",
  title: "SQLite objects created in a thread can only be used in that same thread",
  code: null,
  extended: [],
  wordings: [
    { pattern: /\bSQLite objects created in a thread can only be used in that same thread\b/ },
    {
      pattern: /\bDatabaseWrapper objects created in a thread can only be used in that same thread\b/,
      library: "django",
    },
  ],
  examples: [
    {
      library: "python-sqlite3",
      text:
        "sqlite3.ProgrammingError: SQLite objects created in a thread can only be used in that same thread. The " +
        "object was created in thread id 140027742874496 and this is thread id 140027725178560.",
    },
    {
      library: "sqlalchemy",
      text:
        "sqlalchemy.exc.ProgrammingError: (sqlite3.ProgrammingError) SQLite objects created in a thread can only " +
        "be used in that same thread. The object was created in thread id 140140865871936 and this is thread id " +
        "140140837734080.",
    },
    {
      library: "django",
      text:
        "django.db.utils.DatabaseError: DatabaseWrapper objects created in a thread can only be used in that same " +
        "thread. The object with alias 'default' was created in thread id 139664251199552 and this is thread id " +
        "139664221701824.",
    },
  ],
  meaning:
    "A connection (or its cursor) is used in a thread other than the one that opened it, and the library " +
    "forbids that. This is a check of the library: SQLite is not called, and locks have nothing to do with it.",
  causes: [
    {
      id: "shared-connection",
      what: "One connection is shared by several threads",
      tell:
        "It is opened at import or start-up and used in request handlers, which a web server (Flask, FastAPI, " +
        "Django's runserver) runs in threads; or it is passed to a Thread or an executor.",
      cure:
        "Open one connection in each thread or request: opening is cheap. check_same_thread=False only turns the " +
        "check off: then the program has to ensure that one thread at a time uses it, from BEGIN to COMMIT.",
      code: [
        {
          library: "python-sqlite3",
          text: "local.con = sqlite3.connect(path)  # local = threading.local(); in Flask: g",
        },
        { library: "sqlalchemy", text: "Session = scoped_session(sessionmaker(engine))  # a session for each thread" },
        { library: "django", text: "from django.db import connection  # in the thread itself, not passed to it" },
      ],
      findings: [],
      processes: "one",
    },
    {
      id: "async",
      what: "Async code runs the calls in worker threads",
      tell: "The traceback contains run_in_executor, to_thread, run_in_threadpool or sync_to_async.",
      cure:
        "Open, use and close the connection inside the one function that runs in the worker thread, or use a " +
        "library that keeps a thread for each connection (aiosqlite).",
      findings: [],
      processes: "one",
    },
    {
      id: "closed-late",
      what: "The connection is closed by another thread, or by the garbage collector",
      tell:
        "The failing line is a close() or rollback(), often in SQLAlchemy's pool, at the end of a request or of " +
        "the program.",
      cure: "Close it in the thread that opened it. With SQLAlchemy, end each session in its own thread.",
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
