/**
 * The files of one SQLite database and the words for them.
 * Source: https://www.sqlite.org/tempfiles.html and `os_unix.c`, `pager.c`.
 */

export interface CompanionRow {
  readonly role: string;
  /** Behind the path of the database. */
  readonly suffix: string;
  /** The journal mode that makes it. */
  readonly mode: "wal" | "rollback";
  /** SQLite takes locks on it. */
  readonly locked: boolean;
  /** It has pages that the database may lack: a copy of the database needs it. */
  readonly hasPages: boolean;
}

/** The companion files that have one fixed name. */
const ROWS = [
  { role: "wal", suffix: "-wal", mode: "wal", locked: false, hasPages: true },
  { role: "shm", suffix: "-shm", mode: "wal", locked: true, hasPages: false },
  { role: "journal", suffix: "-journal", mode: "rollback", locked: false, hasPages: true },
] as const satisfies readonly CompanionRow[];

export type CompanionRole = (typeof ROWS)[number]["role"];

export const COMPANIONS: readonly (CompanionRow & { readonly role: CompanionRole })[] = ROWS;

/** What a file is to its database. */
export type Role = "database" | CompanionRole | "super-journal";

/** The database and the companion files that SQLite takes locks on, with what is behind the database's path. */
export const LOCKED_FILES: readonly { readonly role: Role; readonly suffix: string }[] = [
  { role: "database", suffix: "" },
  ...COMPANIONS.filter(({ locked }) => locked),
];

/** The database and the companion files that a copy of it needs. */
export const FILES_WITH_PAGES: readonly { readonly role: Role; readonly suffix: string }[] = [
  { role: "database", suffix: "" },
  ...COMPANIONS.filter(({ hasPages }) => hasPages),
];

/** The companion files that a connection in this mode makes. */
export function companionsOfMode(mode: CompanionRow["mode"]): readonly (typeof COMPANIONS)[number][] {
  return COMPANIONS.filter((companion) => companion.mode === mode);
}

/** `<database>-mjXXXXXX9XX`: six hexadecimal digits, a 9, two more (`pager.c`, `sqlite3VdbeCommit`). */
const SUPER_JOURNAL = /-mj[0-9A-F]{6}9[0-9A-F]{2}$/;

/** The role that `path` has for the database at `database`, by its name alone; null when it is none of its files. */
export function roleOfPath(database: string, path: string): Role | null {
  if (path === database) return "database";
  if (!path.startsWith(database)) return null;
  const rest = path.slice(database.length);
  const companion = COMPANIONS.find(({ suffix }) => rest === suffix);
  if (companion !== undefined) return companion.role;
  return SUPER_JOURNAL.test(rest) && rest.length === "-mjXXXXXX9XX".length ? "super-journal" : null;
}

/** The database that a file of this name is a companion of, and the role it would have; null for other names. */
export function databaseOfCompanion(path: string): { database: string; role: Role } | null {
  const companion = COMPANIONS.find(({ suffix }) => path.endsWith(suffix) && path.length > suffix.length);
  if (companion !== undefined) {
    const database = path.slice(0, -companion.suffix.length);
    return database.endsWith("/") ? null : { database, role: companion.role };
  }
  const match = SUPER_JOURNAL.exec(path);
  return match !== null && match.index > 0 && path[match.index - 1] !== "/"
    ? { database: path.slice(0, match.index), role: "super-journal" }
    : null;
}
