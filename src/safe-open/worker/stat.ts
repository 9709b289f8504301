/** Whether a file is there, by a name that may be longer than a file can have. */
import { lstatSync } from "node:fs";

/** No file can have such a name; or a folder above it was exchanged for one that may not be entered, or a loop. */
const NOT_THERE: readonly unknown[] = ["ENAMETOOLONG", "EACCES", "ELOOP"];

/** Null where none can be reached by that name. A link is not followed, as SQLite follows none. */
export function statOf(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (!NOT_THERE.includes((error as NodeJS.ErrnoException).code)) throw error;
    return null;
  }
}
