/** Reads what the contents of a database and its companion files say: journal mode, page counts, WAL, journal. */
import { closeSync } from "node:fs";
import { dirname } from "node:path";
import type { FileFacts } from "../model/file-facts.ts";
import type { DatabaseFile, Target } from "../model/snapshot.ts";
import { isCommitted, missingSuperJournal } from "../model/super-journal.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { failure } from "../proc/read.ts";
import type { CommitMark } from "../sqlite/commit-mark.ts";
import { ENCRYPTED_START_BYTES, type EncryptedDatabase, likelyEncrypted } from "../sqlite/encrypted.ts";
import { type JournalMode, parseDatabaseHeader } from "../sqlite/header.ts";
import {
  isBegunJournal,
  JOURNAL_HEADER_BYTES,
  pagesBeforeJournal,
  parseJournalHeader,
  parseSuperJournalName,
  SUPER_JOURNAL_TAIL_BYTES,
} from "../sqlite/journal.ts";
import { parseWalHeader, WAL_HEADER_BYTES } from "../sqlite/wal.ts";
import { parseWalIndex, WAL_INDEX_BYTES, type WalIndex } from "../sqlite/wal-index.ts";
import { uptimeMs } from "../time.ts";
import type { User } from "../user/user.ts";
import { type OpenFile, openFile, readBytes, readFrom } from "./open-file.ts";
import type { ReadingTime } from "./pace.ts";
import { ownerIfRootMayNot } from "./squashed-root.ts";
import { besidePath, findSuperJournal } from "./super-journal.ts";
import { uncommittedFrames } from "./uncommitted-frames.ts";
import { countFramesOfFile } from "./wal-frames.ts";

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A wal-index header that is being written is read again, at most so often. */
const MAX_HEADER_READS = 1000;

export interface ReadOptions {
  /** The mounts of this process. */
  readonly mounts: readonly Mount[];
  /** For counting the frames of -wal files. */
  readonly time: ReadingTime;
}

/** `walIndexLive`: some process holds DMS, so that the wal-index is up to date. */
export async function readFacts(target: Target, walIndexLive: boolean, options: ReadOptions): Promise<FileFacts> {
  const file = (role: DatabaseFile["role"]) => target.files.find((each) => each.role === role);
  const database = file("database");
  let pagesBeyond = 0;
  const readHeader = (user: User | null) =>
    withFile(database, user, (open) => {
      const start = readFrom(open.fd, 0, ENCRYPTED_START_BYTES);
      pagesBeyond = pagesBeyondHeader(open, start);
      return start;
    });
  let user = target.lookAs;
  let header = readHeader(user);
  if (header.kind === "denied" && user === null && database !== undefined) {
    user = await ownerIfRootMayNot(database.rights.uid);
    if (user !== null) header = readHeader(user);
  }
  const parsed = header.kind === "ok" ? parseDatabaseHeader(header.value) : null;
  const isDatabase = parsed?.kind === "database" ? parsed : null;
  const encrypted =
    header.kind === "ok" && parsed?.kind === "other" ? likelyEncrypted(header.value, database?.sizeBytes ?? 0) : null;
  const index = walIndexLive ? readWalIndex(file("shm"), user) : null;
  const besideRollback = isDatabase?.journalMode === "rollback";
  const ownPageSize = isDatabase?.pageSize ?? encrypted?.pageSize ?? null;
  const readAtMs = uptimeMs();
  const readIndexAgain = () => readWalIndex(file("shm"), user);
  const wal = await readWal(file("wal"), user, index, readIndexAgain, besideRollback, ownPageSize, options.time);
  const pageSize = ownPageSize ?? (parsed?.kind === "other" ? (wal?.pageSize ?? null) : null);
  const pagesOnDisk =
    pageSize === null || database === undefined ? null : Number(database.sizeBytes / BigInt(pageSize));
  const journal = await readJournal(file("journal"), user, parsed?.kind === "empty", options.mounts);
  // SQLite replays a -wal whatever the header says: then all connections work in WAL mode until a checkpoint writes
  // the header.
  const journalMode =
    besideRollback && wal?.live === true && (file("wal")?.sizeBytes ?? 0n) > 0n
      ? "wal"
      : (isDatabase?.journalMode ?? (parsed?.kind === "other" ? modeWithoutHeader(wal, encrypted) : "unknown"));
  const mark = commitMark(journalMode, isDatabase?.changeCounter ?? null, index, journal?.identity ?? null);
  return {
    readable: header.kind === "ok",
    header: parsed === null ? null : encrypted === null ? parsed.kind : "likely-encrypted",
    journalMode,
    pageSize,
    pageCount:
      parsed?.kind === "empty"
        ? 0
        : ((index !== null && index.mxFrame > 0 ? index.pageCount : null) ??
          pagesOfLeftoverWal(wal, pageSize) ??
          isDatabase?.pageCount ??
          pagesOnDisk),
    ...(pagesBeyond === 0 ? {} : { pagesBeyondHeader: pagesBeyond }),
    wal,
    journal: journal?.facts ?? null,
    ...otherNamesNow(target),
    commits: mark === null ? null : { mark, readAtMs },
  };
}

/** `start`: read after the size of `stats`, so that a commit in between makes the file no longer than it is. */
function pagesBeyondHeader({ fd, stats }: OpenFile, start: Uint8Array): number {
  const parsed = parseDatabaseHeader(start);
  if (parsed.kind !== "database" || parsed.journalMode !== "rollback") return 0;
  const { pageSize, pageCount } = parsed;
  if (pageSize === null || pageCount === null) return 0;
  const pages = Number(stats.size / BigInt(pageSize));
  if (pages <= pageCount) return 0;
  return readFrom(fd, (pages - 1) * pageSize, pageSize).some((byte) => byte !== 0) ? pages - pageCount : 0;
}

/** Nobody leaves a -wal beside a database in rollback mode. */
function modeWithoutHeader(wal: FileFacts["wal"], encrypted: EncryptedDatabase | null): JournalMode {
  return wal === null ? (encrypted?.journalMode ?? "unknown") : "wal";
}

function commitMark(
  mode: FileFacts["journalMode"],
  changeCounter: number | null,
  index: LiveIndex | null,
  journal: string | null,
): CommitMark | null {
  if (mode === "wal") return index === null ? null : { kind: "wal", changeCounter: index.changeCounter };
  return mode === "unknown" || changeCounter === null ? null : { kind: "rollback", changeCounter, journal };
}

/** A writer at work is gone between two readings, and its -journal with it. */
function otherNamesNow({ otherNames = [], lookAs }: Target): Pick<FileFacts, "otherNames"> {
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

/** A read error counts as denied. Without a file there is nothing that could be read. */
function withFile<T>(
  file: DatabaseFile | undefined,
  user: User | null,
  read: (file: OpenFile) => T,
): { readonly kind: "ok"; readonly value: T } | { readonly kind: "gone" } | { readonly kind: "denied" } {
  const opened = file === undefined ? ({ kind: "denied" } as const) : openFile(file.path, file, user);
  if (opened.kind !== "ok") return opened;
  try {
    return { kind: "ok", value: read(opened.value) };
  } catch (error) {
    return failure(error);
  } finally {
    closeSync(opened.value.fd);
  }
}

/** The page count of the last commit in a -wal that no process has open and that belongs to this database. */
function pagesOfLeftoverWal(wal: FileFacts["wal"], pageSize: number | null): number | null {
  return wal === null ||
    wal.live ||
    wal.besideRollback ||
    wal.pageCount === 0 ||
    wal.pageSize !== pageSize ||
    !wal.complete
    ? null
    : wal.pageCount;
}

type LiveIndex = Extract<WalIndex, { kind: "ok" }>;

function readWalIndex(shm: DatabaseFile | undefined, user: User | null): LiveIndex | null {
  const reading = withFile(shm, user, ({ fd }) => {
    for (let i = 0; i < MAX_HEADER_READS; i++) {
      const index = parseWalIndex(readFrom(fd, 0, WAL_INDEX_BYTES), LITTLE_ENDIAN);
      if (index.kind === "ok") return index;
      if (index.kind === "uninitialised") return null;
    }
    return null;
  });
  return reading.kind === "ok" ? reading.value : null;
}

async function readWal(
  wal: DatabaseFile | undefined,
  user: User | null,
  index: LiveIndex | null,
  readIndexAgain: () => LiveIndex | null,
  besideRollback: boolean,
  databasePageSize: number | null,
  time: ReadingTime,
): Promise<FileFacts["wal"]> {
  if (wal === undefined) return null;
  const opened = openFile(wal.path, wal, user);
  const file = opened.kind === "ok" ? opened.value : null;
  try {
    const header = file === null ? null : parseWalHeader(readFrom(file.fd, 0, WAL_HEADER_BYTES));
    const pageSize = header?.pageSize ?? null;
    if (index !== null) {
      const { uncommitted, of } =
        file === null ? { uncommitted: null, of: index } : uncommittedFrames(file, index, readIndexAgain);
      return {
        frames: of.mxFrame,
        uncommittedFrames: uncommitted,
        checkpointedFrames: of.nBackfill,
        readMarks: of.readMarks,
        live: true,
        pageSize,
        pageCount: 0,
        besideRollback,
        lostCommits: 0,
        unreadBytes: 0,
        complete: true,
      };
    }
    if (file === null) return null;
    return {
      ...(await countFramesOfFile(file, databasePageSize, time)),
      checkpointedFrames: 0,
      readMarks: [null, null, null, null, null],
      live: false,
      pageSize,
      besideRollback,
    };
  } catch (error) {
    failure(error);
    return null;
  } finally {
    if (file !== null) closeSync(file.fd);
  }
}

async function readJournal(
  journal: DatabaseFile | undefined,
  user: User | null,
  databaseIsEmpty: boolean,
  mounts: readonly Mount[],
): Promise<{ readonly facts: NonNullable<FileFacts["journal"]>; readonly identity: string | null } | null> {
  if (journal === undefined) return null;
  const sizeBytes = Number(journal.sizeBytes);
  const reading = withFile(journal, user, ({ fd, stats }) => {
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
