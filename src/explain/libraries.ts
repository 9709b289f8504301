/** The libraries whose words `explain` knows, their languages, and how long each waits for a lock where nobody says otherwise. */
interface Library {
  readonly language: string | null;
  readonly name: string;
  /** The busy timeout of a connection that sets none. Zero: it does not wait. Null: none of its own. */
  readonly defaultTimeoutMs: number | null;
}

export const LIBRARIES = {
  // PRAGMA busy_timeout in the sqlite3 shell; sqlite3_open sets no busy handler (https://www.sqlite.org/c3ref/busy_handler.html).
  sqlite: { language: null, name: "SQLite (its shell, or the library itself)", defaultTimeoutMs: 0 },
  // sqlite3.connect(timeout=5.0): https://docs.python.org/3/library/sqlite3.html#sqlite3.connect
  "python-sqlite3": { language: "Python", name: "sqlite3 of the standard library", defaultTimeoutMs: 5000 },
  // Passes OPTIONS["timeout"] on to Python's sqlite3, and has no default of its own.
  django: { language: "Python", name: "Django", defaultTimeoutMs: 5000 },
  // Passes connect_args["timeout"] on to Python's sqlite3.
  sqlalchemy: { language: "Python", name: "SQLAlchemy", defaultTimeoutMs: 5000 },
  // lib/database.js: `timeout` is 5000.
  "better-sqlite3": { language: "Node.js", name: "better-sqlite3", defaultTimeoutMs: 5000 },
  // doc/api/sqlite.md: `timeout`, default 0; without the option in the first releases.
  "node-sqlite": { language: "Node.js", name: "node:sqlite", defaultTimeoutMs: 0 },
  // src/database.cc sets 1000 ms on open (PRAGMA busy_timeout says so).
  "node-sqlite3": { language: "Node.js", name: "sqlite3", defaultTimeoutMs: 1000 },
  // quaint opens through rusqlite and changes its 5 s only for socket_timeout.
  prisma: { language: "Node.js", name: "Prisma", defaultTimeoutMs: 5000 },
  // Its driver's: better-sqlite3 5 s, sqlite3 1 s.
  knex: { language: "Node.js", name: "Knex", defaultTimeoutMs: null },
  // sqlite3.go: busyTimeout := 5000.
  "go-mattn": { language: "Go", name: "mattn/go-sqlite3", defaultTimeoutMs: 5000 },
  // Sets no busy timeout unless _pragma=busy_timeout(…) says so.
  "go-modernc": { language: "Go", name: "modernc.org/sqlite", defaultTimeoutMs: 0 },
  // inner_connection.rs: sqlite3_busy_timeout(db, 5000).
  rusqlite: { language: "Rust", name: "rusqlite", defaultTimeoutMs: 5000 },
  // SqliteConnectOptions::new: busy_timeout is 5 s.
  sqlx: { language: "Rust", name: "sqlx", defaultTimeoutMs: 5000 },
  // Fails at once until busy_timeout or busy_handler is called.
  "ruby-sqlite3": { language: "Ruby", name: "sqlite3", defaultTimeoutMs: 0 },
  // `timeout: 5000` of the database.yml that `rails new` writes; none where that line is missing.
  rails: { language: "Ruby", name: "Rails (Active Record)", defaultTimeoutMs: 5000 },
  // SQLiteConfig: BUSY_TIMEOUT, "3000".
  xerial: { language: "Java", name: "xerial sqlite-jdbc", defaultTimeoutMs: 3000 },
  // ext/pdo_sqlite/sqlite_driver.c: timeout = 60 s, for PDO::ATTR_TIMEOUT.
  "php-pdo": { language: "PHP", name: "PDO", defaultTimeoutMs: 60_000 },
  // SqliteCommand.CommandTimeout: 30 s, in which it repeats a statement that was busy.
  dotnet: { language: ".NET", name: "Microsoft.Data.Sqlite", defaultTimeoutMs: 30_000 },
  // android_database_SQLiteConnection.cpp: BUSY_TIMEOUT_MS = 2500.
  android: { language: "Java or Kotlin", name: "Android's SQLiteDatabase", defaultTimeoutMs: 2500 },
  postgresql: { language: null, name: "PostgreSQL, not SQLite", defaultTimeoutMs: null },
} as const satisfies Record<string, Library>;

export type LibraryId = keyof typeof LIBRARIES;
