/** Errors of better-sqlite3 that are about the database. Pure. */
import { codeOf } from "../../worker/sqlite-error.ts";

/**
 * The database itself is damaged. SQLITE_IOERR_SHORT_READ: the -wal ends before a page that the wal-index says it has.
 * (In the database itself SQLite takes zeroes for what is missing, and it cuts off no -wal that a reader may need.)
 * Source: `pager.c` (readDbPage), `wal.c` (sqlite3WalReadFrame)
 */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(codeOf(error));
}
