/** Reads what a -journal says: whether it can be rolled back, and the super-journal that it names. */
import { dirname } from "node:path";
import type { FileFacts } from "../model/file-facts.ts";
import type { DatabaseFile, Target } from "../model/snapshot.ts";
import { isCommitted, missingSuperJournal } from "../model/super-journal.ts";
import type { Mount } from "../proc/mountinfo.ts";
import {
  isBegunJournal,
  JOURNAL_HEADER_BYTES,
  pagesBeforeJournal,
  parseJournalHeader,
  parseSuperJournalName,
  SUPER_JOURNAL_TAIL_BYTES,
} from "../sqlite/journal.ts";
import type { User } from "../user/user.ts";
import { readBytes, readFrom, withOpenFile } from "./open-file.ts";
import { besidePath, findSuperJournal } from "./super-journal.ts";

export async function readJournal(
  journal: DatabaseFile | undefined,
  user: User | null,
  databaseIsEmpty: boolean,
  mounts: readonly Mount[],
): Promise<{ readonly facts: NonNullable<FileFacts["journal"]>; readonly identity: string | null } | null> {
  if (journal === undefined) return null;
  const sizeBytes = Number(journal.sizeBytes);
  const reading = withOpenFile(journal.path, journal, user, ({ fd, stats }) => {
    const start = readFrom(fd, 0, JOURNAL_HEADER_BYTES);
    const header = parseJournalHeader(start);
    const tail = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
    const superJournal = header === "valid" ? parseSuperJournalName(readFrom(fd, sizeBytes - tail, tail)) : null;
    const identity = `${stats.ino} ${stats.birthtimeNs}`;
    return { header, begun: isBegunJournal(start), pages: pagesBeforeJournal(start), superJournal, identity };
  });
  if (reading.kind === "gone") return null;
  if (reading.kind === "denied")
    return {
      facts: { header: "unreadable", begun: false, sizeBytes, committedBySuperJournal: false, pagesOfEmpty: 0 },
      identity: null,
    };
  const { header, begun, pages, superJournal, identity } = reading.value;
  const folder = dirname(journal.path);
  const state = superJournal === null ? "there" : await findSuperJournal(superJournal, folder, mounts);
  const missing =
    superJournal === null ? null : missingSuperJournal(superJournal, state, besidePath(superJournal, folder));
  return {
    facts: {
      // SQLite deletes a journal beside an empty database, it does not roll it back
      header: header === "valid" && databaseIsEmpty ? "other" : header,
      begun,
      sizeBytes,
      committedBySuperJournal: isCommitted(state),
      ...(missing === null ? {} : { missingSuperJournal: missing }),
      pagesOfEmpty: databaseIsEmpty ? pages : 0,
    },
    identity,
  };
}

/** A writer at work is gone between two readings, and its -journal with it. */
export function otherNamesNow({ otherNames = [], lookAs }: Target): Pick<FileFacts, "otherNames"> {
  const still = otherNames.flatMap((name) => {
    const journal = name.journal && hasValidJournal(name.path, lookAs);
    return journal || name.wal ? [{ ...name, journal }] : [];
  });
  return still.length === 0 ? {} : { otherNames: still };
}

/** `database`: the path of one of its names. */
export function hasValidJournal(database: string, user: User | null): boolean {
  const start = readBytes(`${database}-journal`, 0, JOURNAL_HEADER_BYTES, null, user);
  return start.kind === "ok" && parseJournalHeader(start.value) === "valid";
}
