/** Python: the standard library, and what is built on it. */
import { type FrameworkWords, inSeconds } from "./framework.ts";

const AFTER_CONNECT = "after connect()";

/** https://docs.python.org/3/library/sqlite3.html */
export const PYTHON: FrameworkWords = {
  id: "python",
  name: "Python's sqlite3",
  cures: "sqlite3",
  changes: {
    busyTimeout: (ms) => ({
      where: "where the connection is opened",
      code: [`sqlite3.connect(path, timeout=${inSeconds(ms)})`],
      note: "In seconds; without it, 5.",
    }),
    beginImmediate: {
      where: "where a transaction that will write begins",
      code: [
        "conn = sqlite3.connect(path, isolation_level=None)",
        'conn.execute("BEGIN IMMEDIATE")',
        "...",
        'conn.execute("COMMIT")',
      ],
      note:
        'isolation_level="IMMEDIATE" is not enough where a transaction begins with a SELECT: sqlite3 begins one ' +
        "before INSERT, UPDATE, DELETE and REPLACE alone.",
    },
    walMode: {
      where: "once: the file keeps it",
      code: ['conn.execute("PRAGMA journal_mode = WAL")'],
      note: null,
    },
    checkpointInterval: (pages) => ({
      where: AFTER_CONNECT,
      code: [`conn.execute("PRAGMA wal_autocheckpoint = ${pages}")`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: null,
  },
};

/** https://docs.djangoproject.com/en/5.2/ref/databases/#sqlite-notes */
export const DJANGO: FrameworkWords = {
  id: "django",
  name: "Django",
  cures: "django",
  changes: {
    busyTimeout: (ms) => ({
      where: "settings.py, in the database of DATABASES",
      code: [`"OPTIONS": {"timeout": ${inSeconds(ms)}},`],
      note: "In seconds; without it, 5.",
    }),
    beginImmediate: {
      where: "settings.py, in the database of DATABASES",
      code: ['"OPTIONS": {"transaction_mode": "IMMEDIATE"},'],
      note: "Django 5.1 and later. Each atomic() takes the write lock then, also one that only reads.",
    },
    walMode: {
      where: "settings.py, in the database of DATABASES",
      code: ['"OPTIONS": {"init_command": "PRAGMA journal_mode = WAL"},'],
      note: "Django 5.1 and later; several pragmas are separated by semicolons.",
    },
    checkpointInterval: (pages) => ({
      where: "settings.py, in the database of DATABASES",
      code: [`"OPTIONS": {"init_command": "PRAGMA wal_autocheckpoint = ${pages}"},`],
      note: "In pages; this is SQLite's default. Django 5.1 and later; several pragmas are separated by semicolons.",
    }),
    oneConnection: null,
  },
};

/** https://docs.sqlalchemy.org/en/20/dialects/sqlite.html */
export const SQLALCHEMY: FrameworkWords = {
  id: "sqlalchemy",
  name: "SQLAlchemy",
  cures: "sqlalchemy",
  changes: {
    busyTimeout: (ms) => ({
      where: "where the engine is made",
      code: [`create_engine(url, connect_args={"timeout": ${inSeconds(ms)}})`],
      note: "In seconds; without it, 5.",
    }),
    beginImmediate: {
      where: "after the engine was made, with `from sqlalchemy import event`",
      code: [
        '@event.listens_for(engine, "connect")',
        "def leave_begin_to_us(connection, record):",
        "    connection.isolation_level = None",
        "",
        '@event.listens_for(engine, "begin")',
        "def begin_immediate(connection):",
        '    connection.exec_driver_sql("BEGIN IMMEDIATE")',
      ],
      note: "Each transaction takes the write lock then: use a second engine for those that only read.",
    },
    walMode: {
      where: "after the engine was made, with `from sqlalchemy import event`",
      code: [
        '@event.listens_for(engine, "connect")',
        "def use_wal(connection, record):",
        '    connection.execute("PRAGMA journal_mode = WAL")',
      ],
      note: null,
    },
    checkpointInterval: (pages) => ({
      where: "after the engine was made, with `from sqlalchemy import event`",
      code: [
        '@event.listens_for(engine, "connect")',
        "def set_interval(connection, record):",
        `    connection.execute("PRAGMA wal_autocheckpoint = ${pages}")`,
      ],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "where the engine is made that writes",
      code: ["create_engine(url, pool_size=1, max_overflow=0)"],
      note: "Its threads take turns then, for up to pool_timeout (30 s).",
    },
  },
};
