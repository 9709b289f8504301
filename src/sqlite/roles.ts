/**
 * The files of one SQLite database and the words for them.
 * Source: https://www.sqlite.org/tempfiles.html and `os_unix.c`, `pager.c`.
 */

/** What a file is to its database. */
export type Role = "database" | "wal" | "shm" | "journal" | "super-journal";

/** Suffix of each companion file that has one fixed name. */
export const COMPANION_SUFFIXES = [
  ["wal", "-wal"],
  ["shm", "-shm"],
  ["journal", "-journal"],
] as const satisfies readonly (readonly [Role, string])[];

/** `<database>-mjXXXXXX9XX`: six hexadecimal digits, a 9, two more (`pager.c`, `sqlite3VdbeCommit`). */
const SUPER_JOURNAL = /-mj[0-9A-F]{6}9[0-9A-F]{2}$/;

/** The role that `path` has for the database at `database`, by its name alone; null when it is none of its files. */
export function roleOfPath(database: string, path: string): Role | null {
  if (path === database) return "database";
  if (!path.startsWith(database)) return null;
  const rest = path.slice(database.length);
  for (const [role, suffix] of COMPANION_SUFFIXES) if (rest === suffix) return role;
  return SUPER_JOURNAL.test(rest) && rest.length === "-mjXXXXXX9XX".length ? "super-journal" : null;
}

/** The database that a file of this name is a companion of, and the role it would have; null for other names. */
export function databaseOfCompanion(path: string): { database: string; role: Role } | null {
  for (const [role, suffix] of COMPANION_SUFFIXES) {
    if (path.endsWith(suffix) && path.length > suffix.length) {
      const database = path.slice(0, -suffix.length);
      return database.endsWith("/") ? null : { database, role };
    }
  }
  const match = SUPER_JOURNAL.exec(path);
  return match !== null && match.index > 0 && path[match.index - 1] !== "/"
    ? { database: path.slice(0, match.index), role: "super-journal" }
    : null;
}
