/** The same question again, for another user to ask. Pure. */
import { quotedPath } from "../text/shell.ts";

/** The most databases that are named again. */
const MAX_DATABASES = 3;

/** `sqlock watch db.sqlite3`; null where it would be too long. `paths`: as they can be given. */
export function commandAgain(command: string, paths: readonly string[]): string | null {
  const given = [...new Set(paths)].map(quotedPath);
  return given.length === 0 || given.length > MAX_DATABASES ? null : `sqlock ${command} ${given.join(" ")}`;
}
