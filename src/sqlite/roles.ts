/**
 * The files of a SQLite database: their roles and names.
 * Source: https://www.sqlite.org/tempfiles.html and `os_unix.c`, `pager.c`.
 */

export interface CompanionRow {
  readonly role: string;
  /** What follows the path of the database. */
  readonly suffix: string;
  /** The journal mode that creates it. */
  readonly mode: "wal" | "rollback";
  /** SQLite takes locks on it. */
  readonly locked: boolean;
  /** It may contain pages that the database lacks: a copy of the database needs it. */
  readonly hasPages: boolean;
}

/** The companion files with a fixed name. */
const ROWS = [
  { role: "wal", suffix: "-wal", mode: "wal", locked: false, hasPages: true },
  { role: "shm", suffix: "-shm", mode: "wal", locked: true, hasPages: false },
  { role: "journal", suffix: "-journal", mode: "rollback", locked: false, hasPages: true },
] as const satisfies readonly CompanionRow[];

export type CompanionRole = (typeof ROWS)[number]["role"];

export const COMPANIONS: readonly (CompanionRow & { readonly role: CompanionRole })[] = ROWS;

/** What a file is to its database. */
export type Role = "database" | CompanionRole | "super-journal";

/** In the order in which documents and tables name them. */
export const ROLES: readonly Role[] = ["database", ...COMPANIONS.map(({ role }) => role), "super-journal"];

/** The files on which SQLite takes locks. */
export const LOCKED_FILES: readonly { readonly role: Role; readonly suffix: string }[] = [
  { role: "database", suffix: "" },
  ...COMPANIONS.filter(({ locked }) => locked),
];

/** The files that a copy of the database needs. */
export const FILES_WITH_PAGES: readonly { readonly role: Role; readonly suffix: string }[] = [
  { role: "database", suffix: "" },
  ...COMPANIONS.filter(({ hasPages }) => hasPages),
];

/** The companion files that a connection in this mode creates. */
export function companionsOfMode(mode: CompanionRow["mode"]): readonly (typeof COMPANIONS)[number][] {
  return COMPANIONS.filter((companion) => companion.mode === mode);
}

/** `<database>-mjXXXXXX9XX`: six hexadecimal digits, a 9, two more (`pager.c`, `sqlite3VdbeCommit`). */
const SUPER_JOURNAL = /-mj[0-9A-F]{6}9[0-9A-F]{2}$/;

/** The role of the file at `path` for the database at `database`, by its name alone; null for other files. */
export function roleOfPath(database: string, path: string): Role | null {
  if (path === database) return "database";
  if (!path.startsWith(database)) return null;
  const rest = path.slice(database.length);
  const companion = COMPANIONS.find(({ suffix }) => rest === suffix);
  if (companion !== undefined) return companion.role;
  return SUPER_JOURNAL.test(rest) && rest.length === "-mjXXXXXX9XX".length ? "super-journal" : null;
}

/** The database whose companion file would have this name, and the role of that file; null for other names. */
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
