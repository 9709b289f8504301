/** Whether SQLite has opened the files that the look found: by the descriptors of this process, not by names. */
import type { BigIntStats } from "node:fs";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { openFiles } from "../../worker/descriptors.ts";
import { isPinned, type Pin } from "../../worker/pin.ts";
import { statOf } from "./stat.ts";

/** What is open before SQLite opens anything: by descriptor. */
export function openDescriptors(): ReadonlySet<number> {
  return new Set(openFiles().map(({ fd }) => fd));
}

/**
 * SQLite has opened another file than the look found: by its descriptors, since a name may lead elsewhere again by now.
 * A companion file that was not there then has the name of one, and is what `isCompanion` expects. `pins`: the database
 * first.
 */
export function opensOthers(
  { path, pins }: { readonly path: string; readonly pins: readonly Pin[] },
  before: ReadonlySet<number>,
  isCompanion: (stats: BigIntStats) => boolean,
): boolean {
  const opened = openFiles().filter(({ fd }) => !before.has(fd));
  const [database] = pins;
  if (database === undefined || !opened.some((file) => isPinned(database, file))) return true;
  const present = companionsOfMode("wal").flatMap(({ suffix }) => {
    const stats = statIfReached(path + suffix);
    return stats !== null && isCompanion(stats) ? [stats] : [];
  });
  return opened.some(
    (file) =>
      !pins.some((pin) => isPinned(pin, file)) &&
      !present.some((stats) => stats.dev === file.dev && stats.ino === file.ino),
  );
}

/** The name still leads to the database of the look. */
export function leadsToPinned(path: string, pins: readonly Pin[]): boolean {
  const [database] = pins;
  const stats = statIfReached(path);
  return database !== undefined && stats !== null && isPinned(database, stats);
}

/** Null also where a folder on the path is another one by now. */
function statIfReached(path: string) {
  try {
    return statOf(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
