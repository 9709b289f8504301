/** A check that needs more memory than this process gets. */
import { MAX_MEMORY_BYTES } from "../../../worker/memory-limit.ts";
import { codeOf } from "../../../worker/sqlite-error.ts";
import type { Unchecked } from "../protocol.ts";

/** Null for any other error. SQLITE_TOOBIG: a value that is longer than SQLite allows (SQLITE_MAX_LENGTH). */
export function outOfMemory(error: unknown, table: string | null): Unchecked | null {
  return ["SQLITE_NOMEM", "SQLITE_IOERR_NOMEM", "SQLITE_TOOBIG"].includes(codeOf(error))
    ? { code: "no-memory", table, limitBytes: MAX_MEMORY_BYTES }
    : null;
}
