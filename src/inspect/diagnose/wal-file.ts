/** What the -wal of a database shows about where it comes from. */
import type { DatabaseSnapshot } from "../snapshot.ts";

/** Why a -wal seems to be of another file than the database beside it; null where nothing says so. */
export function signOfAnotherFile({ target, facts }: DatabaseSnapshot): "journal-mode" | "page-size" | "born-later" | null {
  const database = target.files.find((file) => file.role === "database");
  const wal = target.files.find((file) => file.role === "wal");
  if (database === undefined || wal === undefined || facts.wal === null || facts.wal.frames === 0) return null;
  if (database.sizeBytes === 0n) return null; // SQLite deletes a -wal beside it, and replays nothing
  if (facts.wal.besideRollback) return "journal-mode";
  const { pageSize } = facts.wal;
  if (pageSize !== null && facts.pageSize !== null && pageSize !== facts.pageSize) return "page-size";
  if (database.bornMs === null || wal.bornMs === null) return null;
  if (wal.writtenMs < wal.bornMs) return null; // its time was set by what copied it: it came here together with the database
  return database.bornMs > wal.writtenMs ? "born-later" : null;
}
