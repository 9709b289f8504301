/** Whether SQLite has opened the files that the look found: by the descriptors of this process, not by names. */
import type { BigIntStats } from "node:fs";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { type OpenFile, openFiles } from "../../worker/descriptors.ts";
import { isPinned, type Pin } from "../../worker/pin.ts";
import { statOf } from "./stat.ts";

/** What is open before SQLite opens anything. */
export function openDescriptors(): ReadonlySet<string> {
  return new Set(openFiles().map(keyOf));
}

/** A descriptor that another thread of Node.js had for a moment may be SQLite's afterwards. */
function keyOf({ fd, dev, ino }: OpenFile): string {
  return [fd, dev, ino].join(":");
}

/** How often, and after how many ms, it is looked again for what another thread had open for a moment. */
const MORE_LOOKS = 3;
const NEXT_LOOK_MS = 10;

/**
 * SQLite has opened another file than the look found: by its descriptors, since a name may lead elsewhere again by now.
 * A companion file that was not there then has the name of one, and is what `isCompanion` expects. `pins`: the database
 * first.
 */
export function opensOthers(
  { path, pins }: { readonly path: string; readonly pins: readonly Pin[] },
  before: ReadonlySet<string>,
  isCompanion: (stats: BigIntStats) => boolean,
): boolean {
  const [database] = pins;
  let opened = openFiles().filter((file) => !before.has(keyOf(file)));
  if (database === undefined || !opened.some((file) => isPinned(database, file))) return true;
  for (let looks = 0; ; looks++) {
    const present = companionsOfMode("wal").flatMap(({ suffix }) => {
      const stats = statIfReached(path + suffix);
      return stats !== null && isCompanion(stats) ? [stats] : [];
    });
    const others = opened.filter(
      (file) =>
        !pins.some((pin) => isPinned(pin, file)) &&
        !present.some((stats) => stats.dev === file.dev && stats.ino === file.ino),
    );
    if (others.length === 0 || looks === MORE_LOOKS) return others.length > 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NEXT_LOOK_MS);
    const still = openDescriptors();
    opened = opened.filter((file) => still.has(keyOf(file)));
  }
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
