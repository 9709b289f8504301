/** Errors of better-sqlite3 that are about the database. Pure. */
import { codeOf } from "../../worker/sqlite-error.ts";

/** The database itself is damaged. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}
