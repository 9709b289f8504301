/** Errors of better-sqlite3. Pure. */

/** `SQLITE_CORRUPT_INDEX` and the like; "" for an error that is not SQLite's. */
export function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : "";
}

/** The folder of the database does not exist: better-sqlite3 itself throws that, without a code. */
export function isFolderGone(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("directory does not exist");
}

/** SQLite's own; that of a short read ("disk I/O error") does not say what it is. */
export function messageOf(error: unknown): string {
  if (codeOf(error) === "SQLITE_IOERR_SHORT_READ")
    return "disk I/O error (a file ends before a page that it should have)";
  return error instanceof Error ? error.message : String(error);
}
