/** What the -wal of a database shows about where it comes from. */
import type { DatabaseFile, DatabaseSnapshot } from "../../model/snapshot.ts";

/** Why a -wal seems to be of another file than the database beside it; null where nothing says so. */
export function signOfAnotherFile({
  target,
  facts,
}: DatabaseSnapshot): "journal-mode" | "page-size" | "pages-missing" | "born-later" | null {
  const database = target.files.find((file) => file.role === "database");
  const wal = target.files.find((file) => file.role === "wal");
  if (database === undefined || wal === undefined || facts.wal === null || facts.wal.frames === 0) return null;
  if (database.sizeBytes === 0n) return null; // SQLite deletes a -wal beside it, and replays nothing
  if (facts.wal.besideRollback) return "journal-mode";
  const { pageSize } = facts.wal;
  if (pageSize !== null && facts.pageSize !== null && pageSize !== facts.pageSize) return "page-size";
  if (isYounger(database, wal)) return "born-later";
  const lacking =
    pageSize !== null && facts.wal.pageCount > Number(database.sizeBytes / BigInt(pageSize)) + facts.wal.frames;
  return lacking ? "pages-missing" : null;
}

function isYounger(database: DatabaseFile, wal: DatabaseFile): boolean {
  if (database.bornMs === null || wal.bornMs === null) return false;
  // its time was set by what copied it: it came here together with the database
  if (wal.writtenMs < wal.bornMs) return false;
  return database.bornMs > wal.writtenMs;
}
