/** The libraries whose words `explain` knows, and their languages. */
export const LIBRARIES = {
  sqlite: { language: null, name: "SQLite (its shell, or the library itself)" },
  "python-sqlite3": { language: "Python", name: "sqlite3 of the standard library" },
  django: { language: "Python", name: "Django" },
  sqlalchemy: { language: "Python", name: "SQLAlchemy" },
  "better-sqlite3": { language: "Node.js", name: "better-sqlite3" },
  "node-sqlite": { language: "Node.js", name: "node:sqlite" },
  "node-sqlite3": { language: "Node.js", name: "sqlite3" },
  prisma: { language: "Node.js", name: "Prisma" },
  knex: { language: "Node.js", name: "Knex" },
  "go-mattn": { language: "Go", name: "mattn/go-sqlite3" },
  "go-modernc": { language: "Go", name: "modernc.org/sqlite" },
  rusqlite: { language: "Rust", name: "rusqlite" },
  sqlx: { language: "Rust", name: "sqlx" },
  "ruby-sqlite3": { language: "Ruby", name: "sqlite3" },
  rails: { language: "Ruby", name: "Rails (Active Record)" },
  xerial: { language: "Java", name: "xerial sqlite-jdbc" },
  "php-pdo": { language: "PHP", name: "PDO" },
  dotnet: { language: ".NET", name: "Microsoft.Data.Sqlite" },
  android: { language: "Java or Kotlin", name: "Android's SQLiteDatabase" },
  postgresql: { language: null, name: "PostgreSQL, not SQLite" },
} as const satisfies Record<string, { readonly language: string | null; readonly name: string }>;

export type LibraryId = keyof typeof LIBRARIES;
