/** The libraries whose words `explain` knows, their languages, and how long they wait for a lock. Data. */
export interface Library {
  /** Null: any, or none. */
  readonly language: string | null;
  readonly name: string;
  /** Its busy timeout where the program sets none, in ms; null: whatever is below it decides. */
  readonly timeoutMs: number | null;
  /** It tries again by itself, also where SQLite refuses to wait. */
  readonly retries?: boolean;
  /** The unit of an option that is only called `timeout`. */
  readonly timeoutUnit?: "s" | "ms";
  /** Libraries that it is built on, and whose errors it passes on or wraps. */
  readonly over?: readonly string[];
  /** Lines of a log or traceback, other than the message itself, in which it shows. Linear in the length of the line. */
  readonly clues: readonly RegExp[];
}

export const LIBRARIES = {
  // shell.c.in: no busy timeout but .timeout
  sqlite: { language: null, name: "SQLite (its shell, or the library itself)", timeoutMs: 0, clues: [/^sqlite> /] },
  // docs.python.org/3/library/sqlite3.html: timeout=5.0
  "python-sqlite3": {
    language: "Python",
    name: "sqlite3 of the standard library",
    timeoutMs: 5000,
    timeoutUnit: "s",
    clues: [/\bsqlite3\.(?:OperationalError|ProgrammingError|DatabaseError|InterfaceError|connect\()/, /\baiosqlite\b/],
  },
  // Its OPTIONS go to sqlite3.connect
  django: {
    language: "Python",
    name: "Django",
    timeoutMs: 5000,
    timeoutUnit: "s",
    over: ["python-sqlite3"],
    clues: [/\bdjango[/\\]db[/\\]/, /\bdjango\.db\./],
  },
  sqlalchemy: {
    language: "Python",
    name: "SQLAlchemy",
    timeoutMs: 5000,
    timeoutUnit: "s",
    over: ["python-sqlite3"],
    clues: [/\bsqlalchemy[/\\](?:engine|orm|pool|dialects)[/\\]/, /\bsqlalchemy\.(?:exc|engine|orm|pool)\./, /\bsqlalche\.me\/e\//],
  },
  // lib/database.js: timeout = 5000
  "better-sqlite3": {
    language: "Node.js",
    name: "better-sqlite3",
    timeoutMs: 5000,
    timeoutUnit: "ms",
    clues: [/\bbetter-sqlite3\b/, /\bSqliteError\b/],
  },
  // nodejs.org/api/sqlite.html: timeout, default 0
  "node-sqlite": { language: "Node.js", name: "node:sqlite", timeoutMs: 0, timeoutUnit: "ms", clues: [/\bnode:sqlite\b/, /\bERR_SQLITE_ERROR\b/] },
  // src/database.cc: sqlite3_busy_timeout(db, 1000)
  "node-sqlite3": {
    language: "Node.js",
    name: "sqlite3",
    timeoutMs: 1000,
    timeoutUnit: "ms",
    clues: [/node_modules[/\\]sqlite3[/\\]/, /\berrno: \d+,? *code: '?SQLITE_/, /^Error: SQLITE_[A-Z]+: /],
  },
  prisma: {
    language: "Node.js",
    name: "Prisma",
    timeoutMs: null,
    timeoutUnit: "ms",
    over: ["better-sqlite3"],
    clues: [/\bPrismaClient\w*Error\b/, /@prisma[/\\]client\b/, /\bInvalid `prisma\./],
  },
  knex: {
    language: "Node.js",
    name: "Knex",
    timeoutMs: null,
    timeoutUnit: "ms",
    over: ["better-sqlite3", "node-sqlite3"],
    clues: [/node_modules[/\\]knex[/\\]/, /\bKnexTimeoutError\b/],
  },
  // sqlite3.go: busyTimeout := 5000
  "go-mattn": { language: "Go", name: "mattn/go-sqlite3", timeoutMs: 5000, timeoutUnit: "ms", clues: [/\bmattn\/go-sqlite3\b/] },
  // conn.go sets none
  "go-modernc": { language: "Go", name: "modernc.org/sqlite", timeoutMs: 0, timeoutUnit: "ms", clues: [/\bmodernc\.org\/sqlite\b/] },
  // inner_connection.rs: sqlite3_busy_timeout(db, 5000)
  rusqlite: { language: "Rust", name: "rusqlite", timeoutMs: 5000, clues: [/\brusqlite\b/, /\bSqliteFailure\(/] },
  // sqlx-sqlite/src/options/mod.rs: busy_timeout: Duration::from_secs(5)
  sqlx: { language: "Rust", name: "sqlx", timeoutMs: 5000, clues: [/\bsqlx(?:_core|_sqlite|-core|-sqlite)?(?:::|-\d)/, /\bSqliteError \{/] },
  "ruby-sqlite3": {
    language: "Ruby",
    name: "sqlite3",
    timeoutMs: 0,
    timeoutUnit: "ms",
    clues: [/\bSQLite3::\w+Exception\b/, /[/\\]gems[/\\]sqlite3-\d/],
  },
  // config/database.yml as `rails new` writes it: timeout: 5000
  rails: {
    language: "Ruby",
    name: "Rails (Active Record)",
    timeoutMs: 5000,
    timeoutUnit: "ms",
    over: ["ruby-sqlite3"],
    clues: [/\bActiveRecord::/, /[/\\]gems[/\\]activerecord-\d/],
  },
  // SQLiteConfig.java: busy_timeout "3000"
  xerial: { language: "Java", name: "xerial sqlite-jdbc", timeoutMs: 3000, clues: [/\borg\.sqlite\.(?:core|jdbc\d|SQLite|JDBC)/, /\bjdbc:sqlite:/] },
  // ext/pdo_sqlite/sqlite_driver.c: timeout = 60
  "php-pdo": { language: "PHP", name: "PDO", timeoutMs: 60_000, timeoutUnit: "s", clues: [/\bPDO(?:Exception|Statement)?\b/, /\bSQLSTATE\[/] },
  // SqliteCommand.cs: repeats SQLITE_BUSY and SQLITE_LOCKED until CommandTimeout, 30 s
  dotnet: {
    language: ".NET",
    name: "Microsoft.Data.Sqlite",
    timeoutMs: 30_000,
    timeoutUnit: "s",
    retries: true,
    clues: [/\bMicrosoft\.Data\.Sqlite\b/, /\bSqliteException\b/],
  },
  // android_database_SQLiteConnection.cpp: BUSY_TIMEOUT_MS = 2500
  android: { language: "Java or Kotlin", name: "Android's SQLiteDatabase", timeoutMs: 2500, clues: [/\bandroid\.database\.sqlite\b/] },
  postgresql: { language: null, name: "PostgreSQL, not SQLite", timeoutMs: null, clues: [/\bpsycopg2?\b/, /\bPG::\w+/, /\borg\.postgresql\b/] },
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

/** Lines that give a language away, whatever the library. Linear in the length of the line. */
export const LANGUAGE_CLUES: readonly { readonly language: string; readonly clue: RegExp }[] = [
  { language: "Python", clue: /^Traceback \(most recent call last\)|^ +File "[^"]+", line \d+/ },
  { language: "Node.js", clue: /\(node:[\w/]+:\d+:\d+\)|^ +at .*\.[cm]?[jt]sx?:\d+:\d+\)?$/ },
  { language: "Go", clue: /^goroutine \d+ \[|\.go:\d+ \+0x/ },
  { language: "Rust", clue: /^thread '[^']*' (?:\(\d+\) )?panicked at |\.rs:\d+:\d+/ },
  { language: "Ruby", clue: /\.rb:\d+:in / },
  { language: "Java", clue: /^\s*at [\w.$]+\(\w+\.(?:java|kt):\d+\)/ },
  { language: "PHP", clue: /\bPHP (?:Fatal|Warning)|^#\d+ .*\.php\(\d+\)|\.php on line \d+/ },
  { language: ".NET", clue: /^\s+at [\w.`<>]+\(.*\) in .*:line \d+/ },
];
