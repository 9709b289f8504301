/** Which files a private copy needs, and what is known of them. Only reads. */
import { dirname, join } from "node:path";
import type { DatabaseReport } from "../model/report.ts";
import { isCommitted } from "../model/super-journal.ts";
import { readBytes } from "../observe/open-file.ts";
import { findSuperJournal } from "../observe/super-journal.ts";
import { readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES } from "../sqlite/journal.ts";
import { FILES_WITH_PAGES } from "../sqlite/roles.ts";
import type { Pin } from "../worker/pin.ts";
import { COPY_NAME, type FileToCopy, type SuperJournalFact } from "./protocol.ts";

/** Not the -shm: the first connection makes it anew. Not a super-journal: see {@link superJournalOf}. */
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
        const superJournal = role === "journal" ? await superJournalOf(pin, sizeBytes) : null;
        return { from: pin.path, pin, to: join(folder, COPY_NAME + suffix), superJournal };
      }),
  );
  return Promise.all(copies);
}

/**
 * Whether a journal is to be rolled back depends on its super-journal, which is looked for here: it may be on a mount
 * that does not answer. One that cannot be found, though its transaction may not be committed, counts as there.
 */
async function superJournalOf(pin: Pin, sizeBytes: number): Promise<SuperJournalFact> {
  const length = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
  const tail = readBytes(pin.path, sizeBytes - length, length, pin);
  const name = tail.kind === "ok" ? parseSuperJournalName(tail.value) : null;
  const mounts = name === null ? [] : valueOr(readMountinfo("/proc/self"), []);
  if (name === null) return { name, exists: false };
  const committed = isCommitted(await findSuperJournal(name, dirname(pin.path), mounts));
  return { name, exists: committed === null ? null : !committed };
}
