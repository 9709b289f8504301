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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
