/** Names of databases that better-sqlite3 cannot open: it trims them. */
import { readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Such a name needs a private folder for a link. */
export function needsLink(path: string): boolean {
  return path.trim() !== path;
}

/**
 * The name to open. SQLite follows the link before it looks for companion files. `folder`: for the link; null where
 * none is needed.
 */
export function nameFor(path: string, folder: string | null): string {
  if (!needsLink(path) || folder === null) return path;
  const link = join(folder, "link");
  try {
    symlinkSync(path, link);
  } catch (error) {
    // another worker of the same check has made it
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || readlinkSync(link) !== path) throw error;
  }
  return link;
}
