/** Connections of better-sqlite3, and their first read. */
import Database from "better-sqlite3";
import { codeOf, messageOf } from "../../worker/sqlite-error.ts";
import type { Refusal } from "../protocol.ts";
import { isDamage } from "./errors.ts";

/**
 * SQLite's page cache, in KiB: see "Memory or speed" in docs/decisions.md. Nothing is mapped: mapped pages count as
 * resident memory.
 */
const CACHE_KIB = 70_000;

export interface Connection {
  readonly db: Database.Database;
  /** SQLite's message, where it can be read only with its checks of the header and the schema switched off. */
  readonly damage: string | null;
  /** It has read something, and so holds its lock. */
  readonly reads: boolean;
}

/** Opens the database and reads it: later reads see the state of that moment. */
export function connect(
  path: string,
  { readonly, busyMs }: { readonly readonly: boolean; readonly busyMs: number },
): Connection | { readonly refusal: Refusal } {
  let db: Database.Database;
  try {
    db = new Database(path, { readonly, fileMustExist: true, timeout: Math.ceil(busyMs) });
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
  db.defaultSafeIntegers();
  try {
    begin(db);
    return { db, damage: null, reads: true };
  } catch (error) {
    if (isDamage(error) && codeOf(error) !== "SQLITE_NOTADB") return connectUnchecked(db, messageOf(error));
    db.close();
    return { refusal: refusalOf(error) };
  }
}

function begin(db: Database.Database): void {
  db.exec("BEGIN");
  db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma("mmap_size = 0");
  db.pragma("temp_store = memory");
  db.pragma("query_only = ON");
}

/**
 * With `writable_schema` SQLite opens a file that is shorter than its header says, and a schema with entries that it
 * cannot read. It writes nothing.
 */
function connectUnchecked(db: Database.Database, damage: string): Connection {
  try {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.unsafeMode(true);
    db.pragma("writable_schema = ON");
    begin(db);
    return { db, damage, reads: true };
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return { db, damage, reads: false };
  }
}

export function refusalOf(error: unknown): Refusal {
  const code = codeOf(error);
  const message = messageOf(error);
  if (code.startsWith("SQLITE_BUSY") || code === "SQLITE_PROTOCOL") return { kind: "busy" };
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN")) return { kind: "needs-copy", message };
  if (code === "SQLITE_NOTADB" || message === "unsupported file format") return { kind: "not-a-database", message };
  if (code === "" && !(error instanceof TypeError)) throw error;
  return { kind: "failed", message };
}
