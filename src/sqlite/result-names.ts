/** Names of SQLite's result codes. Source: https://www.sqlite.org/rescode.html. Pure. */

export const OK = 0;
export const BUSY = 5;
export const LOCKED = 6;
export const ROW = 100;
export const DONE = 101;
export const BUSY_SNAPSHOT = 517;

const NAMES = new Map<number, string>([
  [OK, "SQLITE_OK"],
  [1, "SQLITE_ERROR"],
  [2, "SQLITE_INTERNAL"],
  [3, "SQLITE_PERM"],
  [4, "SQLITE_ABORT"],
  [BUSY, "SQLITE_BUSY"],
  [LOCKED, "SQLITE_LOCKED"],
  [7, "SQLITE_NOMEM"],
  [8, "SQLITE_READONLY"],
  [9, "SQLITE_INTERRUPT"],
  [10, "SQLITE_IOERR"],
  [11, "SQLITE_CORRUPT"],
  [12, "SQLITE_NOTFOUND"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [15, "SQLITE_PROTOCOL"],
  [16, "SQLITE_EMPTY"],
  [17, "SQLITE_SCHEMA"],
  [18, "SQLITE_TOOBIG"],
  [19, "SQLITE_CONSTRAINT"],
  [20, "SQLITE_MISMATCH"],
  [21, "SQLITE_MISUSE"],
  [22, "SQLITE_NOLFS"],
  [23, "SQLITE_AUTH"],
  [24, "SQLITE_FORMAT"],
  [25, "SQLITE_RANGE"],
  [26, "SQLITE_NOTADB"],
  [ROW, "SQLITE_ROW"],
  [DONE, "SQLITE_DONE"],
  [261, "SQLITE_BUSY_RECOVERY"],
  [BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"],
  [773, "SQLITE_BUSY_TIMEOUT"],
  [262, "SQLITE_LOCKED_SHAREDCACHE"],
  [518, "SQLITE_LOCKED_VTAB"],
  [1544, "SQLITE_READONLY_DIRECTORY"],
]);

/** Of an extended code that has no name here, the name of its primary code and its number. */
export function resultName(code: number): string {
  const name = NAMES.get(code);
  if (name !== undefined) return name;
  const primary = NAMES.get(code & 0xff);
  return primary === undefined ? `SQLITE_${code}` : `${primary} (${code})`;
}

/** The primary result code: the low byte. */
export function primaryCode(code: number): number {
  return code & 0xff;
}
