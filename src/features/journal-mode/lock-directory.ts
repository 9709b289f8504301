/** Whether `<database>.lock`, the lock of unix-dotfile and node-sqlite3-wasm, is made while something goes on. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

export interface LockDirectoryWatch {
  /** Whether it was made, or removed, since. */
  readonly seen: () => Promise<boolean>;
  readonly close: () => void;
}

/** Where the folder cannot be watched, nothing is seen. Source: inotify(7) */
export function watchLockDirectory(database: string): LockDirectoryWatch {
  const name = `${basename(database)}.lock`;
  let seen = false;
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(database), { persistent: false }, (_, changed) => {
      if (changed === name) seen = true;
    });
    watcher.on("error", () => undefined);
  } catch {
    // no permission, no such file system, or too many watches: it shows only while it stands
  }
  return {
    seen: async () => {
      await new Promise((resolve) => setImmediate(resolve)); // events that have come are delivered first
      return seen;
    },
    close: () => watcher?.close(),
  };
}
