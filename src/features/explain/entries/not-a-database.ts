import type { Entry } from "../entry.ts";

export const notADatabase: Entry = {
  id: "not-a-database",
  title: "file is not a database",
  code: { name: "SQLITE_NOTADB", number: 26 },
  extended: [],
  wordings: [
    { pattern: /\bfile is not a database\b(?! index)/i },
    { pattern: /\bfile is encrypted or is not a database\b/i },
    { pattern: /\bFile opened that is not a database file\b/i },
  ],
  examples: [
    { library: "sqlite", text: "Error: file is not a database" },
    { library: "sqlite", text: "Error: file is encrypted or is not a database" },
    { library: "python-sqlite3", text: "sqlite3.DatabaseError: file is not a database" },
    { library: "django", text: "django.db.utils.DatabaseError: file is not a database" },
    { library: "sqlalchemy", text: "sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) file is not a database" },
    { library: "better-sqlite3", text: ["SqliteError: file is not a database", "  code: 'SQLITE_NOTADB'"].join("\n") },
    {
      library: "node-sqlite",
      text: ["Error: file is not a database", "  code: 'ERR_SQLITE_ERROR',", "  errcode: 26,"].join("\n"),
    },
    { library: "node-sqlite3", text: "Error: SQLITE_NOTADB: file is not a database" },
    { library: "knex", text: "Error: select * from `t` - SQLITE_NOTADB: file is not a database" },
    { library: "prisma", text: "Error querying the database: Error code 26: File opened that is not a database file" },
    { library: "go-mattn", text: "panic: file is not a database" },
    { library: "go-modernc", text: "file is not a database (26)" },
    {
      library: "rusqlite",
      text: 'SqliteFailure(Error { code: NotADatabase, extended_code: 26 }, Some("file is not a database"))',
    },
    { library: "sqlx", text: "error returned from database: (code: 26) file is not a database" },
    { library: "ruby-sqlite3", text: "SQLite3::NotADatabaseException: file is not a database" },
    {
      library: "rails",
      text: "ActiveRecord::StatementInvalid: SQLite3::NotADatabaseException: file is not a database",
    },
    {
      library: "xerial",
      text:
        "org.sqlite.SQLiteException: [SQLITE_NOTADB] File opened that is not a database file (file is not a " +
        "database)",
    },
    { library: "php-pdo", text: "PDOException: SQLSTATE[HY000]: General error: 26 file is not a database" },
    {
      library: "dotnet",
      text: "Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 26: 'file is not a database'.",
    },
    {
      library: "android",
      text:
        "android.database.sqlite.SQLiteDatabaseCorruptException: file is not a database (code 26 SQLITE_NOTADB): , " +
        "while compiling: PRAGMA journal_mode",
    },
  ],
  meaning:
    "The file does not begin with the text 'SQLite format 3', as every SQLite 3 database does. Locks have " +
    "nothing to do with it.",
  causes: [
    {
      id: "another-file",
      what: "It is another kind of file",
      tell:
        "file DATABASE or head -c 100 DATABASE shows what it is: a web page instead of a download, a compressed " +
        "backup, an SQL dump, a Git LFS pointer, a SQLite 2 database.",
      cure:
        "Use the right path, or unpack the file. Read a dump with sqlite3 new.db < dump.sql; for Git LFS, run git " +
        "lfs pull.",
      findings: [],
    },
    {
      id: "encrypted",
      what: "It is encrypted, or the key is wrong",
      tell: "It looks random from the first byte, and the program that made it uses SQLCipher or a similar extension.",
      cure:
        "Open it with that library, and set the key (PRAGMA key) before any other statement; versions of SQLCipher " +
        "differ in their settings (PRAGMA cipher_migrate).",
      findings: [],
      spokenForBy: "encrypted",
    },
    {
      id: "overwritten",
      what: "The beginning of the database was overwritten",
      tell:
        "It was a database before; head -c 100 DATABASE shows text, such as a log line, or zeroes there, or the " +
        "file is a copy that was made while the database was in use.",
      cure:
        "Restore a backup. On a copy, sqlite3 copy.db .recover may save tables (Debian 12's sqlite3 lacks it: use " +
        "the one from sqlite.org). Then find what wrote into it: a program that closes standard output or error " +
        "and then opens a database can do so.",
      findings: ["foreign-writer"],
    },
  ],
  next: ["file DATABASE", "head -c 16 DATABASE"],
};
