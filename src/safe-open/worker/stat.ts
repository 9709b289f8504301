/** Whether a file is there, by a name that may be longer than a file can have. */
import { lstatSync } from "node:fs";

/** Null where there is none, or no file can have such a long name. A link is not followed, as SQLite follows none. */
export function statOf(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") throw error;
    return null;
  }
}
