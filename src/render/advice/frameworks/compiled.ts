/** Go, Rust and .NET. */
import { type FrameworkWords, inSeconds } from "./framework.ts";

const DSN = "in the name of the data source";

/** https://pkg.go.dev/github.com/mattn/go-sqlite3#SQLiteDriver.Open */
export const MATTN: FrameworkWords = {
  id: "mattn",
  name: "mattn/go-sqlite3",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: DSN,
      code: [`sql.Open("sqlite3", "file:app.db?_busy_timeout=${ms}")`],
      note: "In milliseconds; without it, 5000.",
    }),
    beginImmediate: {
      where: DSN,
      code: ['sql.Open("sqlite3", "file:app.db?_txlock=immediate")'],
      note: "Each Begin() takes the write lock then: use a second sql.DB for transactions that only read.",
    },
    walMode: { where: DSN, code: ['sql.Open("sqlite3", "file:app.db?_journal_mode=WAL")'], note: null },
    checkpointInterval: (pages) => ({
      where: "in a driver of its own: the pool opens connections by itself",
      code: [
        'sql.Register("sqlite3_app", &sqlite3.SQLiteDriver{',
        "\tConnectHook: func(conn *sqlite3.SQLiteConn) error {",
        `\t\t_, err := conn.Exec("PRAGMA wal_autocheckpoint = ${pages}", nil)`,
        "\t\treturn err",
        "\t},",
        "})",
      ],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "after sql.Open(), of the sql.DB that writes",
      code: ["db.SetMaxOpenConns(1)"],
      note: "Goroutines take turns then.",
    },
  },
};

/** https://docs.rs/rusqlite */
export const RUSQLITE: FrameworkWords = {
  id: "rusqlite",
  name: "rusqlite",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: "after the connection was opened",
      code: [`conn.busy_timeout(Duration::from_millis(${ms}))?;`],
      note: "Without it, 5 seconds.",
    }),
    beginImmediate: {
      where: "where a transaction that will write begins",
      code: ["let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;"],
      note: null,
    },
    walMode: {
      where: "once: the file keeps it",
      code: ['conn.pragma_update(None, "journal_mode", "WAL")?;'],
      note: null,
    },
    checkpointInterval: (pages) => ({
      where: "after the connection was opened",
      code: [`conn.pragma_update(None, "wal_autocheckpoint", ${pages})?;`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "where threads share it",
      code: ["let conn = Arc::new(Mutex::new(Connection::open(path)?));"],
      note: null,
    },
  },
};

/** https://docs.rs/sqlx/latest/sqlx/sqlite/struct.SqliteConnectOptions.html */
export const SQLX: FrameworkWords = {
  id: "sqlx",
  name: "sqlx",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: "in the SqliteConnectOptions of the pool",
      code: [`SqliteConnectOptions::from_str(url)?.busy_timeout(Duration::from_millis(${ms}))`],
      note: "Without it, 5 seconds.",
    }),
    beginImmediate: {
      where: "where a transaction that will write begins",
      code: ['let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;'],
      note: "sqlx 0.8.4 and later.",
    },
    walMode: {
      where: "in the SqliteConnectOptions of the pool",
      code: ["SqliteConnectOptions::from_str(url)?.journal_mode(SqliteJournalMode::Wal)"],
      note: null,
    },
    checkpointInterval: (pages) => ({
      where: "in the SqliteConnectOptions of the pool",
      code: [`SqliteConnectOptions::from_str(url)?.pragma("wal_autocheckpoint", "${pages}")`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "of the pool that writes",
      code: ["SqlitePoolOptions::new().max_connections(1).connect_with(options).await?"],
      note: "Tasks take turns then, for up to acquire_timeout (30 s).",
    },
  },
};

/** https://learn.microsoft.com/dotnet/standard/data/sqlite/ */
export const EF_CORE: FrameworkWords = {
  id: "ef-core",
  name: "EF Core (Microsoft.Data.Sqlite)",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: "in the connection string",
      code: [`"Data Source=app.db;Default Timeout=${Math.ceil(Number(inSeconds(ms)))}"`],
      note: "In seconds; without it, 30. Version 6.0 and later.",
    }),
    beginImmediate: {
      where: "where a transaction that will write begins",
      code: ["connection.BeginTransaction(deferred: false)"],
      note:
        "That is what BeginTransaction() does without the argument, also that of context.Database: look for " +
        "deferred: true, and for BEGIN in SQL of your own.",
    },
    walMode: {
      where: "once: the file keeps it",
      code: ['context.Database.ExecuteSqlRaw("PRAGMA journal_mode = WAL");'],
      note: "Databases that EF Core itself creates have it.",
    },
    checkpointInterval: (pages) => ({
      where: "after the connection was opened",
      code: [`context.Database.ExecuteSqlRaw("PRAGMA wal_autocheckpoint = ${pages}");`],
      note: "In pages; this is SQLite's default. It holds for this connection alone.",
    }),
    oneConnection: null,
  },
};
