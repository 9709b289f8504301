/**
 * The search for commits in a -wal that a recovery does not reach. Pure. Source: `wal.c` (walIndexRecover).
 */
import { FRAME_HEADER_BYTES, type ReadWal, readChunks, WAL_HEADER_BYTES, type WalHeader } from "./wal.ts";
import { addToChecksum } from "./wal-checksum.ts";

/** A search for commits that a recovery does not reach, because a frame before them does not match. */
export interface LostCommitSearch {
  readonly salt: readonly [number, number];
  readonly littleEndian: boolean;
  /** The checksum from which the next frame continues; null after a frame with another salt. */
  readonly previous: readonly [number, number] | null;
  /** The number of commit frames whose checksum continues that of the frame before them. */
  readonly commits: number;
  /** The bytes of the frames since the last one with this salt. */
  readonly otherBytes: number;
  /** The bytes of all frames that were looked at. */
  readonly searchedBytes: number;
}

/**
 * After so many bytes of frames with another salt there will be none with this one: SQLite writes them one after the
 * other, and leaves behind them what was there (frames of an earlier WAL; zeroes, in a file that has a hole).
 */
const MAX_OTHER_BYTES = 16 << 20;

/**
 * Starts at the frame that does not match. A transaction that was spilled and rolled back also leaves frames of this
 * salt whose checksums do not continue those before; but no commit frame is among them.
 */
export function startLostCommitSearch(header: WalHeader): LostCommitSearch {
  return {
    salt: header.salt,
    littleEndian: header.littleEndian,
    previous: null,
    commits: 0,
    otherBytes: 0,
    searchedBytes: 0,
  };
}

/**
 * For a -wal whose header is damaged, which SQLite treats as empty: the salt is taken from its frames. `bytes`: the
 * header and the start of the first frame. Null without frames, or where the salt of the header differs: then the
 * frames are those of an earlier WAL.
 */
export function startSearchUnderDamagedHeader(
  bytes: Uint8Array,
  machineIsLittleEndian: boolean,
): LostCommitSearch | null {
  if (bytes.length < WAL_HEADER_BYTES + FRAME_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const salt: [number, number] = [view.getUint32(WAL_HEADER_BYTES + 8), view.getUint32(WAL_HEADER_BYTES + 12)];
  if (salt[0] !== view.getUint32(16) || salt[1] !== view.getUint32(20)) return null;
  return {
    salt,
    littleEndian: machineIsLittleEndian,
    previous: [view.getUint32(24), view.getUint32(28)],
    commits: 0,
    otherBytes: 0,
    searchedBytes: 0,
  };
}

/** Continues the search over whole frames with pages of `pageSize`; the rest of `bytes` after them is ignored. */
export function searchLostCommits(search: LostCommitSearch, pageSize: number, bytes: Uint8Array): LostCommitSearch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { salt, littleEndian } = search;
  let { previous, commits, otherBytes } = search;
  const size = FRAME_HEADER_BYTES + pageSize;
  let at = 0;
  for (; at + size <= bytes.length; at += size) {
    if (view.getUint32(at) === 0 || view.getUint32(at + 8) !== salt[0] || view.getUint32(at + 12) !== salt[1]) {
      previous = null;
      otherBytes += size;
      continue;
    }
    otherBytes = 0;
    const stored: [number, number] = [view.getUint32(at + 16), view.getUint32(at + 20)];
    if (previous !== null && view.getUint32(at + 4) !== 0) {
      const expected = addToChecksum(
        addToChecksum(previous, view, at, 8, littleEndian),
        view,
        at + FRAME_HEADER_BYTES,
        pageSize,
        littleEndian,
      );
      if (expected[0] === stored[0] && expected[1] === stored[1]) commits++;
    }
    previous = stored;
  }
  return { ...search, previous, commits, otherBytes, searchedBytes: search.searchedBytes + at };
}

/** Searches the rest of a -wal from `offset`, a step a chunk, until the salts no longer fit. */
export function* searchLostCommitsInSteps(
  start: LostCommitSearch,
  offset: number,
  pageSize: number,
  read: ReadWal,
): Generator<LostCommitSearch> {
  let search = start;
  for (const bytes of readChunks(read, offset, FRAME_HEADER_BYTES + pageSize)) {
    search = searchLostCommits(search, pageSize, bytes);
    yield search;
    if (endsSearch(search)) return;
  }
}

/** The salts no longer fit: what follows is not searched. */
export function endsSearch({ otherBytes }: LostCommitSearch): boolean {
  return otherBytes >= MAX_OTHER_BYTES;
}
