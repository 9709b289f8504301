/** Where SQLite sorts the rows of a table: in memory, or in files of a private folder, which it deletes at once. */
import type Database from "better-sqlite3";
import { roomAt } from "../../../../safe-open/room.ts";
import { type Job, MAX_SORTED_IN_MEMORY_BYTES } from "../../protocol.ts";
import type { HasRoom } from "./merge.ts";

/**
 * SQLite's page cache, which is also what it sorts in memory before it writes a piece to a file (`vdbesort.c`,
 * mxPmaSize), in KiB. More is not faster, since a merge reads every page once.
 */
const SORT_CACHE_KIB = 8000;

/** SQLite merges more than 16 pieces in two passes, and each writes all rows (`vdbesort.c`, SORTER_MAX_MERGE_COUNT). */
const PASSES = 2;

/** Before the first database is opened: SQLite asks once where temporary files are (`os_unix.c`, unixTempFileInit). */
export function sortIn(folder: string | null): void {
  if (folder !== null) process.env["SQLITE_TMPDIR"] = folder;
}

/** What the memory that was sorted in leaves of the 200 MB for all processes, in KiB. */
const LATER_CACHE_KIB = 40_000;

/** SQLite's own check and foreign_key_check look rows up, all over the indexes. */
export function afterSorting(db: Database.Database): void {
  db.pragma(`cache_size = -${LATER_CACHE_KIB}`);
}

/** `processes`: that sort at the same time. @returns whether so many bytes can be sorted. */
export function prepareToSort(
  db: Database.Database,
  { sortFolder }: Pick<Job, "sortFolder">,
  processes: number,
): HasRoom {
  if (sortFolder === null) return (bytes) => bytes <= MAX_SORTED_IN_MEMORY_BYTES;
  db.pragma("temp_store = file");
  db.pragma(`cache_size = -${SORT_CACHE_KIB}`);
  return (bytes) => {
    const { freeBytes, reserveBytes } = roomAt(sortFolder);
    return processes * PASSES * bytes + reserveBytes <= freeBytes;
  };
}
