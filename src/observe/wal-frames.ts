/**
 * Counts the frames of a -wal without an up-to-date wal-index, and the commits that a recovery does not reach. Its size
 * says nothing of how long that takes (a file with a hole, or of many GB): the count ends where the salts no longer
 * fit, or when the time is over.
 */
import type { BigIntStats } from "node:fs";
import type { FileFacts } from "../model/file-facts.ts";
import { failure } from "../proc/read.ts";
import {
  countFramesInSteps,
  FRAME_HEADER_BYTES,
  type FrameCount,
  frameBytes,
  parseWalHeader,
  type ReadWal,
  startFrameCount,
  WAL_HEADER_BYTES,
  type WalHeader,
} from "../sqlite/wal.ts";
import {
  endsSearch,
  type LostCommitSearch,
  searchLostCommitsInSteps,
  startLostCommitSearch,
  startSearchUnderDamagedHeader,
} from "../sqlite/wal-lost-commits.ts";
import { countUncommittedFrames } from "../sqlite/wal-uncommitted.ts";
import { type OpenFile, readFrom } from "./open-file.ts";
import type { ReadingTime } from "./pace.ts";

type WalFacts = NonNullable<FileFacts["wal"]>;

export type CountedFrames = Pick<
  WalFacts,
  "frames" | "uncommittedFrames" | "pageCount" | "lostCommits" | "unreadBytes" | "complete"
>;

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** What is known of a -wal from an earlier look: further looks need not count again what has not changed. */
interface Known {
  /** As long as it is the same, frames are only added. */
  readonly header: string;
  count: FrameCount | null;
  /** Of the file that was counted to its end. */
  counted: string | null;
  search: Search | null;
}

interface Search {
  readonly commits: number;
  /** Where it ended. */
  readonly end: number;
  /** Of the file at that time. */
  readonly state: string;
}

const known = new Map<string, Known>();

/** `databasePageSize`: that of the database, for a -wal whose header is damaged. */
export async function countFramesOfFile(
  { fd, stats }: OpenFile,
  databasePageSize: number | null,
  time: ReadingTime,
): Promise<CountedFrames> {
  const read: ReadWal = (offset, length) => bytesOf(fd, offset, length);
  const sizeBytes = Number(stats.size);
  const start = read(0, WAL_HEADER_BYTES + FRAME_HEADER_BYTES);
  const header = parseWalHeader(start);
  const before = knownOf(stats, start, header, read);
  const unreadAfter = (end: number) => Math.max(0, sizeBytes - end);
  if (header === null) {
    const search = startSearchUnderDamagedHeader(start, LITTLE_ENDIAN);
    const found =
      search === null || databasePageSize === null
        ? { commits: 0, end: start.length }
        : await lostCommits(search, WAL_HEADER_BYTES, databasePageSize);
    return {
      frames: 0,
      uncommittedFrames: null,
      pageCount: 0,
      lostCommits: found.commits,
      unreadBytes: unreadAfter(found.end),
      complete: true,
    };
  }
  const first = before.count ?? startFrameCount(header);
  const state = `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  const isCounted = time.isOver && before.counted === state;
  const { last, complete } = isCounted
    ? { last: first, complete: true }
    : await time.run(countFramesInSteps(header, first, read));
  const count = last ?? first;
  before.count = count;
  before.counted = complete ? state : null;
  const end = WAL_HEADER_BYTES + count.frames * frameBytes(header);
  const found = complete
    ? count.ended
      ? await lostCommits(startLostCommitSearch(header), end, header.pageSize)
      : { commits: 0, end: sizeBytes }
    : { commits: 0, end };
  const readHeader = (offset: number) => read(offset, FRAME_HEADER_BYTES);
  return {
    frames: count.committedFrames,
    // behind a damage, frames of commits are not to be told from those of an open transaction
    uncommittedFrames:
      complete && found.commits === 0
        ? countUncommittedFrames(header, count.committedFrames, sizeBytes, readHeader)
        : null,
    pageCount: count.pageCount,
    lostCommits: found.commits,
    unreadBytes: unreadAfter(found.end),
    complete,
  };

  async function lostCommits(search: LostCommitSearch, from: number, pageSize: number): Promise<Search> {
    const state = `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${from}`;
    if (before.search?.state === state) return before.search;
    const { last = search, complete } = await time.run(searchLostCommitsInSteps(search, from, pageSize, read));
    const toTheEnd = complete && !endsSearch(last);
    before.search = { commits: last.commits, end: toTheEnd ? sizeBytes : from + last.searchedBytes, state };
    return before.search;
  }
}

/** A read error is taken for the end of the file. */
function bytesOf(fd: number, offset: number, length: number): Uint8Array {
  try {
    return readFrom(fd, offset, length);
  } catch (error) {
    failure(error);
    return new Uint8Array(0);
  }
}

/** Nothing where the -wal is another one by now, was begun anew, or no longer has the last frame that was counted. */
function knownOf(stats: BigIntStats, start: Uint8Array, header: WalHeader | null, read: ReadWal): Known {
  const key = `${stats.dev}:${stats.ino}`;
  const text = Buffer.from(start).toString("latin1", 0, WAL_HEADER_BYTES);
  const found = known.get(key);
  if (found?.header === text && (header === null || found.count === null || hasLastFrame(found.count, header, read)))
    return found;
  const nothing: Known = { header: text, count: null, counted: null, search: null };
  known.set(key, nothing);
  return nothing;
}

function hasLastFrame(count: FrameCount, header: WalHeader, read: ReadWal): boolean {
  if (count.frames === 0) return true;
  const bytes = read(WAL_HEADER_BYTES + (count.frames - 1) * frameBytes(header), FRAME_HEADER_BYTES);
  if (bytes.length < FRAME_HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(16) === count.checksum[0] && view.getUint32(20) === count.checksum[1];
}
