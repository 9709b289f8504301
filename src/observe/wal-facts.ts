/** Reads what the -wal and the wal-index in the -shm say: frames, read marks, page count. */
import { closeSync } from "node:fs";
import type { FileFacts } from "../model/file-facts.ts";
import type { DatabaseFile } from "../model/snapshot.ts";
import { failure } from "../proc/read.ts";
import { parseWalHeader, WAL_HEADER_BYTES } from "../sqlite/wal.ts";
import { parseWalIndex, WAL_INDEX_BYTES, type WalIndex } from "../sqlite/wal-index.ts";
import type { User } from "../user/user.ts";
import { type OpenFile, openFile, readFrom, withOpenFile } from "./open-file.ts";
import type { ReadingTime } from "./pace.ts";
import { uncommittedFrames } from "./uncommitted-frames.ts";
import { countFramesOfFile } from "./wal-frames.ts";

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A wal-index header that is being written is read again, at most so often. */
const MAX_HEADER_READS = 1000;

export type LiveIndex = Extract<WalIndex, { kind: "ok" }>;

/** Null where it is not there, or not usable. */
export function readWalIndex(shm: DatabaseFile | undefined, user: User | null): LiveIndex | null {
  if (shm === undefined) return null;
  const reading = withOpenFile(shm.path, shm, user, walIndexOf);
  return reading.kind === "ok" ? reading.value : null;
}

/** Of an open -shm; null where it is not usable. */
export function walIndexOf({ fd }: OpenFile): LiveIndex | null {
  for (let i = 0; i < MAX_HEADER_READS; i++) {
    const index = parseWalIndex(readFrom(fd, 0, WAL_INDEX_BYTES), LITTLE_ENDIAN);
    if (index.kind === "ok") return index;
    if (index.kind === "uninitialised") return null;
  }
  return null;
}

export async function readWal(
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

/** The page count of the last commit in a -wal that no process has open and that belongs to this database. */
export function pagesOfLeftoverWal(wal: FileFacts["wal"], pageSize: number | null): number | null {
  return wal === null ||
    wal.live ||
    wal.besideRollback ||
    wal.pageCount === 0 ||
    wal.pageSize !== pageSize ||
    !wal.complete
    ? null
    : wal.pageCount;
}
