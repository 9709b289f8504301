/** Which files a private copy needs, and how much of each. Reads, and nothing else. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "../features/integrity/protocol.ts";
import type { DatabaseReport } from "../model/report.ts";
import { readBytes } from "../observe/identify.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES, superJournalRecordBytes } from "../sqlite/journal.ts";

/** Not the -shm: the first connection makes it anew. Not a super-journal: see {@link bytesOfJournal}. */
const COPIED = [
  ["database", "copy"],
  ["wal", "copy-wal"],
  ["journal", "copy-journal"],
] as const;

export function filesToCopy(files: DatabaseReport["files"], folder: string): Job["files"] {
  return COPIED.flatMap(([role, name]) =>
    files
      .filter((file) => file.role === role)
      .map(({ path, sizeBytes }) => ({
        from: path,
        to: join(folder, name),
        bytes: role === "journal" ? bytesOfJournal(path, sizeBytes) : null,
      })),
  );
}

/**
 * A journal that names a super-journal which exists is rolled back, and then SQLite takes that super-journal away when
 * no journal of its list is left: the copy does not name it. Where there is none, the copy names it all the same, and
 * is rolled back no more than the original.
 */
function bytesOfJournal(path: string, sizeBytes: number): number | null {
  const length = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
  const tail = readBytes(path, sizeBytes - length, length);
  if (tail.kind !== "ok") return null;
  const name = parseSuperJournalName(tail.value);
  return name !== null && existsSync(name) ? sizeBytes - superJournalRecordBytes(tail.value) : null;
}
