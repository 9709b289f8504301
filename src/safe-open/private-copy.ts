/** Which files a private copy needs, and how much of each. Only reads. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseReport } from "../model/report.ts";
import { readBytes } from "../observe/open-file.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES, superJournalRecordBytes } from "../sqlite/journal.ts";
import { FILES_WITH_PAGES } from "../sqlite/roles.ts";
import { COPY_NAME, type FileToCopy } from "./protocol.ts";

/** Not the -shm: the first connection makes it anew. Not a super-journal: see {@link bytesOfJournal}. */
export function filesToCopy(files: DatabaseReport["files"], folder: string): FileToCopy[] {
  return FILES_WITH_PAGES.flatMap(({ role, suffix }) =>
    files
      .filter((file) => file.role === role)
      .map(({ path, sizeBytes }) => ({
        from: path,
        to: join(folder, COPY_NAME + suffix),
        bytes: role === "journal" ? bytesOfJournal(path, sizeBytes) : null,
      })),
  );
}

/**
 * A journal that names a super-journal which exists is rolled back, and then SQLite deletes that super-journal when no
 * other journal names it: the copy does not name it. Where the super-journal does not exist, the copy names it all the
 * same, and is rolled back no more than the original.
 */
function bytesOfJournal(path: string, sizeBytes: number): number | null {
  const length = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
  const tail = readBytes(path, sizeBytes - length, length);
  if (tail.kind !== "ok") return null;
  const name = parseSuperJournalName(tail.value);
  return name !== null && existsSync(name) ? sizeBytes - superJournalRecordBytes(tail.value) : null;
}
