/** Which files of a folder are databases by their names, and by the names beside them. Pure. */
import { COMPANIONS, databaseOfCompanion } from "../../sqlite/roles.ts";

/**
 * The usual ends of a database's name: those that programs which open SQLite databases offer, and of GeoPackage and
 * MBTiles, which are SQLite databases by their specifications. Not `.sdb`, which is as often something else.
 */
export const DATABASE_SUFFIXES: readonly string[] = [
  ".db",
  ".db3",
  ".sqlite",
  ".sqlite3",
  ".sqlitedb",
  ".s3db",
  ".sl3",
  ".gpkg",
  ".mbtiles",
];

export function hasDatabaseName(name: string): boolean {
  const lower = name.toLowerCase();
  return DATABASE_SUFFIXES.some((suffix) => lower.endsWith(suffix));
}

/** What the names of the regular files in a folder say about one of them. */
export type NameFact =
  /** A -wal, -shm or -journal of a file in the same folder; or one of several of a file that is not there. */
  | { readonly kind: "companion" }
  /** A -wal, -shm or -journal, and the file that it would belong to is not there. */
  | { readonly kind: "orphan"; readonly database: string }
  | {
      readonly kind: "file";
      /** A -wal, -shm or -journal of its own is beside it. */
      readonly hasCompanion: boolean;
    };

const BY_CONTENT = [...COMPANIONS].sort((a, b) => Number(b.hasPages) - Number(a.hasPages));

/** `files`: the names of all regular files in the folder. `names`: of everything in it. */
export function nameFact(name: string, files: ReadonlySet<string>, names: ReadonlySet<string>): NameFact {
  const companion = databaseOfCompanion(name);
  if (companion !== null && names.has(companion.database)) return { kind: "companion" };
  if (companion !== null && companion.role !== "super-journal") {
    const { database } = companion;
    const first = BY_CONTENT.find(({ suffix }) => files.has(database + suffix));
    return name === database + first?.suffix ? { kind: "orphan", database } : { kind: "companion" };
  }
  return { kind: "file", hasCompanion: COMPANIONS.some(({ suffix }) => files.has(name + suffix)) };
}
