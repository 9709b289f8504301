/** Whether a report may be written to a file: a slip of the hand must not cost a database. Pure. */
import { basename } from "node:path";
import { hasDatabaseMagic } from "../../sqlite/header.ts";
import { parseJournalHeader } from "../../sqlite/journal.ts";
import { databaseOfCompanion } from "../../sqlite/roles.ts";
import { parseWalHeader } from "../../sqlite/wal.ts";

/** What the report would replace, by the first bytes of the file; null: no file of SQLite. A -shm has no magic. */
export function contentAtRisk(bytes: Uint8Array): "database" | "wal" | "journal" | null {
  if (hasDatabaseMagic(bytes)) return "database";
  if (parseWalHeader(bytes) !== null) return "wal";
  return parseJournalHeader(bytes) === "valid" ? "journal" : null;
}

/** `-wal` and the like: SQLite takes a file of such a name for its own. Null for other names. */
export function companionSuffix(path: string): string | null {
  const name = basename(path);
  const companion = databaseOfCompanion(name);
  return companion === null ? null : name.slice(companion.database.length);
}
