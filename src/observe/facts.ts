/** Reads what the contents of a database and its companion files say: journal mode, page counts, WAL, journal. */
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseFile, FileFacts } from "../model/snapshot.ts";
import { failure } from "../proc/read.ts";
import { HEADER_BYTES, parseDatabaseHeader } from "../sqlite/header.ts";
import {
  JOURNAL_HEADER_BYTES,
  pagesBeforeJournal,
  parseJournalHeader,
  parseSuperJournalName,
  SUPER_JOURNAL_TAIL_BYTES,
} from "../sqlite/journal.ts";
import {
  countAllFrames,
  FRAME_HEADER_BYTES,
  frameBytes,
  type LostCommitSearch,
  parseWalHeader,
  type ReadWal,
  readChunks,
  searchLostCommits,
  startLostCommitSearch,
  startSearchUnderDamagedHeader,
  WAL_HEADER_BYTES,
  type WalHeader,
} from "../sqlite/wal.ts";
import { parseWalIndex, WAL_INDEX_BYTES, type WalIndex } from "../sqlite/wal-index.ts";
import { readBytes, readFrom } from "./identify.ts";

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A wal-index header that is being written is read again, at most so often. */
const MAX_HEADER_READS = 1000;

/** `walIndexLive`: some process holds DMS, so that the wal-index is up to date. */
export function readFacts(files: readonly DatabaseFile[], walIndexLive: boolean): FileFacts {
  const file = (role: DatabaseFile["role"]) => files.find((each) => each.role === role);
  const database = file("database");
  const header = database === undefined ? { kind: "denied" as const } : readBytes(database.path, 0, HEADER_BYTES);
  const parsed = header.kind === "ok" ? parseDatabaseHeader(header.value) : null;
  const isDatabase = parsed?.kind === "database" ? parsed : null;
  const index = readWalIndex(file("shm"), walIndexLive);
  const besideRollback = isDatabase?.journalMode === "rollback";
  const pageSize = isDatabase?.pageSize ?? null;
  const wal = readWal(file("wal"), index, besideRollback, pageSize);
  const pagesOnDisk =
    pageSize === null || database === undefined ? null : Number(database.sizeBytes / BigInt(pageSize));
  return {
    readable: header.kind === "ok",
    // SQLite replays a -wal whatever the header says: then all connections work in WAL mode until a checkpoint writes
    // the header.
    journalMode: besideRollback && wal?.live === true ? "wal" : (isDatabase?.journalMode ?? "unknown"),
    pageSize,
    pageCount:
      parsed?.kind === "empty"
        ? 0
        : ((index !== null && index.mxFrame > 0 ? index.pageCount : null) ??
          pagesOfLeftoverWal(wal, pageSize) ??
          isDatabase?.pageCount ??
          pagesOnDisk),
    wal,
    journal: readJournal(file("journal"), parsed?.kind === "empty"),
  };
}

/** The page count of the last commit in a -wal that no process has open and that belongs to this database. */
function pagesOfLeftoverWal(wal: FileFacts["wal"], pageSize: number | null): number | null {
  return wal === null || wal.live || wal.besideRollback || wal.pageCount === 0 || wal.pageSize !== pageSize
    ? null
    : wal.pageCount;
}

type LiveIndex = Extract<WalIndex, { kind: "ok" }>;

function readWalIndex(shm: DatabaseFile | undefined, live: boolean): LiveIndex | null {
  if (shm === undefined || !live) return null;
  let fd: number;
  try {
    fd = openSync(shm.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    failure(error);
    return null;
  }
  try {
    for (let i = 0; i < MAX_HEADER_READS; i++) {
      const index = parseWalIndex(readFrom(fd, 0, WAL_INDEX_BYTES), LITTLE_ENDIAN);
      if (index.kind === "ok") return index;
      if (index.kind === "uninitialised") return null;
    }
    return null;
  } finally {
    closeSync(fd);
  }
}

function readWal(
  wal: DatabaseFile | undefined,
  index: LiveIndex | null,
  besideRollback: boolean,
  databasePageSize: number | null,
): FileFacts["wal"] {
  if (wal === undefined) return null;
  const bytes = readBytes(wal.path, 0, WAL_HEADER_BYTES);
  const header = bytes.kind === "ok" ? parseWalHeader(bytes.value) : null;
  const pageSize = header?.pageSize ?? null;
  if (index !== null)
    return {
      frames: index.mxFrame,
      checkpointedFrames: index.nBackfill,
      readMarks: index.readMarks,
      live: true,
      pageSize,
      pageCount: 0,
      besideRollback,
      lostCommits: 0,
    };
  if (bytes.kind !== "ok") return null;
  const counted =
    header === null
      ? { frames: 0, pageCount: 0, lostCommits: commitsUnderDamagedHeader(wal.path, databasePageSize) }
      : countFramesOfFile(wal.path, header);
  return {
    ...counted,
    checkpointedFrames: 0,
    readMarks: [null, null, null, null, null],
    live: false,
    pageSize,
    besideRollback,
  };
}

/** Reads the whole -wal, piece by piece: there is no up-to-date wal-index. */
function countFramesOfFile(
  path: string,
  header: WalHeader,
): { readonly frames: number; readonly pageCount: number; readonly lostCommits: number } {
  const state = countAllFrames(header, readerOf(path));
  const lostCommits = state.ended
    ? lostCommitsOf(
        path,
        WAL_HEADER_BYTES + state.frames * frameBytes(header),
        header.pageSize,
        startLostCommitSearch(header),
      )
    : 0;
  return { frames: state.committedFrames, pageCount: state.pageCount, lostCommits };
}

function commitsUnderDamagedHeader(path: string, pageSize: number | null): number {
  const start = readBytes(path, 0, WAL_HEADER_BYTES + FRAME_HEADER_BYTES);
  const search = start.kind === "ok" ? startSearchUnderDamagedHeader(start.value, LITTLE_ENDIAN) : null;
  return search === null || pageSize === null ? 0 : lostCommitsOf(path, WAL_HEADER_BYTES, pageSize, search);
}

function lostCommitsOf(path: string, offset: number, pageSize: number, start: LostCommitSearch): number {
  let search = start;
  for (const bytes of readChunks(readerOf(path), offset, FRAME_HEADER_BYTES + pageSize))
    search = searchLostCommits(search, pageSize, bytes);
  return search.commits;
}

/** A read error is taken for the end of the file. */
function readerOf(path: string): ReadWal {
  return (offset, length) => {
    const bytes = readBytes(path, offset, length);
    return bytes.kind === "ok" ? bytes.value : new Uint8Array(0);
  };
}

function readJournal(journal: DatabaseFile | undefined, databaseIsEmpty: boolean): FileFacts["journal"] {
  if (journal === undefined) return null;
  const bytes = readBytes(journal.path, 0, JOURNAL_HEADER_BYTES);
  const sizeBytes = Number(journal.sizeBytes);
  if (bytes.kind !== "ok")
    return bytes.kind === "gone"
      ? null
      : { header: "unreadable", sizeBytes, committedBySuperJournal: false, pagesOfEmpty: 0 };
  const header = parseJournalHeader(bytes.value);
  return {
    // SQLite deletes a journal beside an empty database, it does not roll it back
    header: header === "valid" && databaseIsEmpty ? "other" : header,
    sizeBytes,
    committedBySuperJournal: header === "valid" && superJournalIsGone(journal.path, sizeBytes),
    pagesOfEmpty: databaseIsEmpty ? pagesBeforeJournal(bytes.value) : 0,
  };
}

/** Null where that cannot be known: the name may be one inside a container, whose folder does not exist here. */
function superJournalIsGone(path: string, sizeBytes: number): boolean | null {
  const length = Math.min(sizeBytes, SUPER_JOURNAL_TAIL_BYTES);
  const tail = readBytes(path, sizeBytes - length, length);
  const name = tail.kind === "ok" ? parseSuperJournalName(tail.value) : null;
  if (name === null) return false;
  if (existsSync(name)) return false;
  return existsSync(dirname(name)) ? true : null;
}
