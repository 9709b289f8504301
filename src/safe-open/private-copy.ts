/** Which files a private copy needs, and how much of each. Only reads. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseReport } from "../model/report.ts";
import { readBytes } from "../observe/identify.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES, superJournalRecordBytes } from "../sqlite/journal.ts";
import { FILES_WITH_PAGES } from "../sqlite/roles.ts";
import type { Pin } from "../worker/pin.ts";
import { COPY_NAME, type FileToCopy } from "./protocol.ts";

/** Not the -shm: the first connection makes it anew. Not a super-journal: see {@link bytesOfJournal}. */
export function filesToCopy(pins: readonly Pin[], files: DatabaseReport["files"], folder: string): FileToCopy[] {
  return FILES_WITH_PAGES.flatMap(({ role, suffix }) =>
    pins
      .filter((pin) => pin.suffix === suffix)
      .map((pin) => {
        const sizeBytes = files.find((file) => file.role === role)?.sizeBytes ?? 0;
        const bytes = role === "journal" ? bytesOfJournal(pin.path, sizeBytes) : null;
        return { from: pin.path, pin, to: join(folder, COPY_NAME + suffix), bytes };
      }),
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
