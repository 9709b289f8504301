/** Names of databases that better-sqlite3 would not open. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";

/** better-sqlite3 trims what it is given: such a name needs a folder of our own for a link. */
export function needsLink(path: string): boolean {
  return path.trim() !== path;
}

/**
 * What to open instead: SQLite follows the link before it looks for companion files. `folder`: null where none is
 * needed.
 */
export function nameFor(path: string, folder: string | null): string {
  if (!needsLink(path) || folder === null) return path;
  const link = join(folder, "link");
  symlinkSync(path, link);
  return link;
}
