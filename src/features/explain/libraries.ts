/** The libraries that `explain` knows, their languages, and how long they wait for a lock. Data. */
export interface Library {
  /** Null: any, or none. */
  readonly language: string | null;
  readonly name: string;
  /** The busy timeout of a connection that sets none. Zero: it does not wait. Null: none of its own. */
  readonly defaultTimeoutMs: number | null;
  /** It retries, even where SQLite refuses to wait. */
  readonly retries?: boolean;
  /** The unit of an option that is only called `timeout`. */
  readonly timeoutUnit?: "s" | "ms";
  /** Libraries that it is built on; it passes on or wraps their errors. */
  readonly over?: readonly string[];
  /** Patterns of the line with the message where this library prints it; of several libraries, the first here. */
  readonly forms?: readonly RegExp[];
  /** The same, of a form that other libraries have as well: it counts only where its language shows. */
  readonly formInItsLanguage?: RegExp;
  /** Patterns of lines of a log or traceback that show the library, in time linear in their length. */
  readonly clues: readonly RegExp[];
}

export const LIBRARIES = {
  // PRAGMA busy_timeout in the sqlite3 shell; sqlite3_open sets no busy handler
  // (https://www.sqlite.org/c3ref/busy_handler.html).
  sqlite: {
    language: null,
    name: "SQLite (its shell, or the library itself)",
    defaultTimeoutMs: 0,
    forms: [
      /^(?:Runtime error|Parse error|Error:|Error)(?:,| near| stepping| in prepare)/,
      /^Error: unable to open database "/,
    ],
    clues: [/^sqlite> /],
  },
  // sqlite3.connect(timeout=5.0): https://docs.python.org/3/library/sqlite3.html#sqlite3.connect
  "python-sqlite3": {
    language: "Python",
    name: "sqlite3 of the standard library",
    defaultTimeoutMs: 5000,
    timeoutUnit: "s",
    clues: [/\bsqlite3\.(?:OperationalError|ProgrammingError|DatabaseError|InterfaceError|connect\()/, /\baiosqlite\b/],
  },
  // Passes OPTIONS["timeout"] on to Python's sqlite3, and has no default of its own.
  django: {
    language: "Python",
    name: "Django",
    defaultTimeoutMs: 5000,
    timeoutUnit: "s",
    over: ["python-sqlite3"],
    clues: [/\bdjango[/\\]db[/\\]/, /\bdjango\.db\./],
  },
  // Passes connect_args["timeout"] on to Python's sqlite3.
  sqlalchemy: {
    language: "Python",
    name: "SQLAlchemy",
    defaultTimeoutMs: 5000,
    timeoutUnit: "s",
    over: ["python-sqlite3"],
    clues: [
      /\bsqlalchemy[/\\](?:engine|orm|pool|dialects)[/\\]/,
      /\bsqlalchemy\.(?:exc|engine|orm|pool)\./,
      /\bsqlalche\.me\/e\//,
    ],
  },
  // lib/database.js: `timeout` is 5000.
  "better-sqlite3": {
    language: "Node.js",
    name: "better-sqlite3",
    defaultTimeoutMs: 5000,
    timeoutUnit: "ms",
    forms: [/\bThe database connection is not open\b/],
    clues: [/\bbetter-sqlite3\b/, /\bSqliteError: /],
  },
  // doc/api/sqlite.md: `timeout`, default 0; without the option in the first releases.
  "node-sqlite": {
    language: "Node.js",
    name: "node:sqlite",
    defaultTimeoutMs: 0,
    timeoutUnit: "ms",
    clues: [/\bnode:sqlite\b/, /\bERR_SQLITE_ERROR\b/],
  },
  // src/database.cc sets 1000 ms on open (PRAGMA busy_timeout says so).
  "node-sqlite3": {
    language: "Node.js",
    name: "sqlite3",
    defaultTimeoutMs: 1000,
    timeoutUnit: "ms",
    forms: [/(?<!\bLibsqlError: )\bSQLITE_[A-Z]+: /],
    clues: [/node_modules[/\\]sqlite3[/\\]/, /\berrno: \d+, code: '?SQLITE_/],
  },
  // quaint opens through rusqlite and changes its 5 s only for socket_timeout.
  prisma: {
    language: "Node.js",
    name: "Prisma",
    defaultTimeoutMs: 5000,
    timeoutUnit: "ms",
    over: ["better-sqlite3"],
    forms: [/\bConnectorError\(|\bSqliteError \{ extended_code: |\bError querying the database: Error code \d/],
    clues: [/\bPrismaClient\w*Error\b/, /@prisma[/\\]client\b/, /\bInvalid `prisma\./],
  },
  // Its driver's: better-sqlite3 5 s, sqlite3 1 s.
  knex: {
    language: "Node.js",
    name: "Knex",
    defaultTimeoutMs: null,
    timeoutUnit: "ms",
    over: ["better-sqlite3", "node-sqlite3"],
    forms: [
      new RegExp(
        "Error: (?:insert|select|update|delete|drop|create|alter|begin|commit|rollback|savepoint|release|pragma)" +
          String.raw`\b.{0,2000} - `,
        "i",
      ),
    ],
    clues: [/node_modules[/\\]knex[/\\]/, /\bKnexTimeoutError\b/],
  },
  // sqlite3.go: busyTimeout := 5000.
  "go-mattn": {
    language: "Go",
    name: "mattn/go-sqlite3",
    defaultTimeoutMs: 5000,
    timeoutUnit: "ms",
    clues: [/\bmattn\/go-sqlite3\b/],
  },
  // Sets no busy timeout unless _pragma=busy_timeout(…) says so.
  "go-modernc": {
    language: "Go",
    name: "modernc.org/sqlite",
    defaultTimeoutMs: 0,
    timeoutUnit: "ms",
    forms: [/ \(\d{1,4}\) \(SQLITE_[A-Z_]+\)/],
    formInItsLanguage: /[a-z] \(\d{1,4}\)[.'"]{0,2}$/,
    clues: [/\bmodernc\.org\/sqlite\b/],
  },
  // inner_connection.rs: sqlite3_busy_timeout(db, 5000).
  rusqlite: {
    language: "Rust",
    name: "rusqlite",
    defaultTimeoutMs: 5000,
    clues: [/\brusqlite\b/, /\bSqliteFailure\(/],
  },
  // SqliteConnectOptions::new: busy_timeout is 5 s.
  sqlx: {
    language: "Rust",
    name: "sqlx",
    defaultTimeoutMs: 5000,
    forms: [/\berror returned from database: \(code: \d/],
    clues: [/\bsqlx(?:_core|_sqlite|-core|-sqlite)?(?:::|-\d)/, /\bSqliteError \{ code: /],
  },
  // Fails at once until busy_timeout or busy_handler is called.
  "ruby-sqlite3": {
    language: "Ruby",
    name: "sqlite3",
    defaultTimeoutMs: 0,
    timeoutUnit: "ms",
    clues: [/\bSQLite3::\w*Exception\b/, /[/\\]gems[/\\]sqlite3-\d/],
  },
  // `timeout: 5000` of the database.yml that `rails new` writes; none where that line is missing.
  rails: {
    language: "Ruby",
    name: "Rails (Active Record)",
    defaultTimeoutMs: 5000,
    timeoutUnit: "ms",
    over: ["ruby-sqlite3"],
    clues: [/\bActiveRecord::/, /[/\\]gems[/\\]activerecord-\d/],
  },
  // SQLiteConfig: BUSY_TIMEOUT, "3000".
  xerial: {
    language: "Java",
    name: "xerial sqlite-jdbc",
    defaultTimeoutMs: 3000,
    clues: [/\borg\.sqlite\.(?:core|jdbc\d|SQLite|JDBC)/, /\bjdbc:sqlite:/],
  },
  // ext/pdo_sqlite/sqlite_driver.c: timeout = 60 s, for PDO::ATTR_TIMEOUT.
  "php-pdo": {
    language: "PHP",
    name: "PDO",
    defaultTimeoutMs: 60_000,
    timeoutUnit: "s",
    clues: [/\bPDO(?:Exception|Statement)?\b/, /\bSQLSTATE\[/],
  },
  // SqliteCommand.CommandTimeout: 30 s, during which it retries a busy statement.
  dotnet: {
    language: ".NET",
    name: "Microsoft.Data.Sqlite",
    defaultTimeoutMs: 30_000,
    timeoutUnit: "s",
    retries: true,
    forms: [/\bSQLite Error \d+: '/],
    clues: [/\bMicrosoft\.Data\.Sqlite\b/, /\bSqliteException\b/],
  },
  // android_database_SQLiteConnection.cpp: BUSY_TIMEOUT_MS = 2500.
  android: {
    language: "Java or Kotlin",
    name: "Android's SQLiteDatabase",
    defaultTimeoutMs: 2500,
    clues: [/\bandroid\.database\.sqlite\b/],
  },
  postgresql: {
    language: null,
    name: "PostgreSQL, not SQLite",
    defaultTimeoutMs: null,
    clues: [/\bpsycopg2?\b/, /\bPG::\w+/, /\borg\.postgresql\b/],
  },
} as const satisfies Record<string, Library>;

export type LibraryId = keyof typeof LIBRARIES;

export function libraryOf(id: LibraryId): Library {
  return LIBRARIES[id];
}

/** `Django (Python)`. */
export function libraryName(id: LibraryId): string {
  const { name, language } = libraryOf(id);
  return language === null || name.startsWith(language) ? name : `${name} (${language})`;
}

/** Whether errors of `inner` reach the program through `outer`. */
export function wraps(outer: LibraryId, inner: LibraryId): boolean {
  return libraryOf(outer).over?.includes(inner) === true;
}

/** Patterns of lines that show a language, whatever the library, in time linear in their length. */
export const LANGUAGE_CLUES: readonly { readonly language: string; readonly clue: RegExp }[] = [
  { language: "Python", clue: /^Traceback \(most recent call last\)|^ +File "[^"]+", line \d+/ },
  { language: "Node.js", clue: /(?<![\w.])LibsqlError: |\(node:[\w/]+:\d+:\d+\)|^ +at .*\.[cm]?[jt]sx?:\d+:\d+\)?$/ },
  { language: "Go", clue: /^goroutine \d+ \[|^panic: |\bsql: |\.go:\d+ \+0x/ },
  { language: "Rust", clue: /^thread '[^']*' (?:\(\d+\) )?panicked at |\.rs:\d+:\d+/ },
  { language: "Ruby", clue: /\.rb:\d+:in / },
  { language: "Java", clue: /^\s*at [\w.$]+\(\w+\.(?:java|kt):\d+\)/ },
  { language: "PHP", clue: /\bPHP (?:Fatal|Warning)|^#\d+ .*\.php\(\d+\)|\.php on line \d+/ },
  { language: ".NET", clue: /^\s+at [\w.`<>]+\([^)]*\) in .*:line \d+/ },
];
