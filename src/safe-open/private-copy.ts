/** Which files a private copy needs, and how much of each. Only reads. */
import { join } from "node:path";
import type { DatabaseReport } from "../model/report.ts";
import { readBytes } from "../observe/open-file.ts";
import { superJournalExists } from "../observe/super-journal.ts";
import { readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES, superJournalRecordBytes } from "../sqlite/journal.ts";
import { FILES_WITH_PAGES } from "../sqlite/roles.ts";
import type { Pin } from "../worker/pin.ts";
import { COPY_NAME, type FileToCopy } from "./protocol.ts";

/** Not the -shm: the first connection makes it anew. Not a super-journal: see {@link bytesOfJournal}. */
export async function filesToCopy(
  pins: readonly Pin[],
  files: DatabaseReport["files"],
  folder: string,
): Promise<FileToCopy[]> {
  const copies = FILES_WITH_PAGES.flatMap(({ role, suffix }) =>
    pins
      .filter((pin) => pin.suffix === suffix)
      .map(async (pin): Promise<FileToCopy> => {
        const sizeBytes = files.find((file) => file.role === role)?.sizeBytes ?? 0;
        const bytes = role === "journal" ? await bytesOfJournal(pin, sizeBytes) : null;
        return { from: pin.path, pin, to: join(folder, COPY_NAME + suffix), bytes };
      }),
  );
  return Promise.all(copies);
}

/**
 * A journal that names a super-journal which exists is rolled back, and then SQLite deletes that super-journal when no
 * other journal names it: the copy does not name it. Where the super-journal does not exist, the copy names it all the
 * same, and is rolled back no more than the original. One that cannot be looked for may be on a mount that does not
 * answer, and SQLite would wait for it: the copy does not name it.
 */
async function bytesOfJournal(pin: Pin, sizeBytes: number): Promise<number | null> {
  const length = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
  const tail = readBytes(pin.path, sizeBytes - length, length, pin);
  if (tail.kind !== "ok") return null;
  const name = parseSuperJournalName(tail.value);
  if (name === null) return null;
  const exists = await superJournalExists(name, valueOr(readMountinfo("/proc/self"), []));
  return exists === false ? null : sizeBytes - superJournalRecordBytes(tail.value);
}
