/**
 * The write-ahead log: its header, and how many of its frames count. Source:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */

export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

/** Of this machine. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** WAL_MAX_VERSION of `wal.c`, the only one there is. */
const FORMAT_VERSION = 3007000;

export interface WalHeader {
  readonly pageSize: number;
  /** The byte order of the checksums: that of the machine that created the file. */
  readonly littleEndian: boolean;
  readonly salt: readonly [number, number];
  readonly checksum: readonly [number, number];
}

/**
 * Reads the header of a -wal; null where it is too short, damaged or of another format (SQLite then takes the file as
 * empty).
 */
export function parseWalHeader(bytes: Uint8Array): WalHeader | null {
  if (bytes.length < WAL_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return null;
  if (view.getUint32(4) !== FORMAT_VERSION) return null;
  const pageSize = view.getUint32(8);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return null;
  const littleEndian = magic === 0x377f0682;
  const checksum = addToChecksum([0, 0], view, 0, 24, littleEndian);
  if (checksum[0] !== view.getUint32(24) || checksum[1] !== view.getUint32(28)) return null;
  return { pageSize, littleEndian, salt: [view.getUint32(16), view.getUint32(20)], checksum };
}

/** The bytes of one frame: its header and one page. */
export function frameBytes(header: WalHeader): number {
  return FRAME_HEADER_BYTES + header.pageSize;
}

/**
 * A count of the frames that a recovery would use: up to the last commit before the first frame whose salt or checksum
 * does not match.
 */
export interface FrameCount {
  readonly frames: number;
  readonly committedFrames: number;
  /** The pages of the database after the last of these commits. */
  readonly pageCount: number;
  readonly checksum: readonly [number, number];
  /** A frame that does not match was found: nothing after it counts. */
  readonly ended: boolean;
}

export function startFrameCount(header: WalHeader): FrameCount {
  return { frames: 0, committedFrames: 0, pageCount: 0, checksum: header.checksum, ended: false };
}

/** Continues the count over `bytes`, which are whole frames, one after the other. */
export function countFrames(header: WalHeader, state: FrameCount, bytes: Uint8Array): FrameCount {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let { frames, committedFrames, pageCount, ended } = state;
  let checksum = state.checksum;
  const size = frameBytes(header);
  for (let at = 0; !ended && at + size <= bytes.length; at += size) {
    const pageNumber = view.getUint32(at);
    const saltFits = view.getUint32(at + 8) === header.salt[0] && view.getUint32(at + 12) === header.salt[1];
    if (pageNumber === 0 || !saltFits) {
      ended = true;
      break;
    }
    const next = addToChecksum(
      addToChecksum(checksum, view, at, 8, header.littleEndian),
      view,
      at + FRAME_HEADER_BYTES,
      header.pageSize,
      header.littleEndian,
    );
    if (next[0] !== view.getUint32(at + 16) || next[1] !== view.getUint32(at + 20)) {
      ended = true;
      break;
    }
    checksum = next;
    frames++;
    const pages = view.getUint32(at + 4);
    if (pages === 0) continue;
    committedFrames = frames; // the size of the database: a commit frame
    pageCount = pages;
  }
  return { frames, committedFrames, pageCount, checksum, ended };
}

/** Reads bytes of a -wal from an offset; fewer at its end. */
export type ReadWal = (offset: number, length: number) => Uint8Array;

/** About how many bytes of a -wal are read at a time. */
const CHUNK_BYTES = 1 << 20;

/**
 * The rest of a -wal from `offset`, in chunks of whole frames of `size` bytes; the last chunk may end in a part of one.
 */
export function* readChunks(read: ReadWal, offset: number, size: number): Generator<Uint8Array> {
  const chunk = size * Math.max(1, Math.floor(CHUNK_BYTES / size));
  for (let at = offset; ; at += chunk) {
    const bytes = read(at, chunk);
    yield bytes;
    if (bytes.length < chunk) return;
  }
}

/**
 * Counts the frames that a recovery would use, a step a chunk; `state`: from where an earlier count went. Its result
 * is that of the last step.
 */
export function* countFramesInSteps(header: WalHeader, state: FrameCount, read: ReadWal): Generator<FrameCount> {
  let count: FrameCount = { ...state, ended: false };
  const offset = WAL_HEADER_BYTES + state.frames * frameBytes(header);
  for (const bytes of readChunks(read, offset, frameBytes(header))) {
    count = countFrames(header, count, bytes);
    yield count;
    if (count.ended) return;
  }
}

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

/** Where the newest committed version of each page is in the -wal, and how many pages the database then has. */
export interface LatestPages {
  /**
   * By page number, from 1: the offset of the page's bytes; without pages after the end of the database.
   */
  readonly offsets: ReadonlyMap<number, number>;
  readonly pageCount: number;
}

/**
 * Of the first `committedFrames` frames, a step a frame; the result is that of the last step. `readHeader` returns the
 * 24 bytes of the frame header at an offset.
 */
export function* latestPagesInSteps(
  header: WalHeader,
  committedFrames: number,
  readHeader: (offset: number) => Uint8Array,
): Generator<undefined, LatestPages> {
  const offsets = new Map<number, number>();
  let pageCount = 0;
  for (let frame = 0; frame < committedFrames; frame++) {
    const at = WAL_HEADER_BYTES + frame * frameBytes(header);
    const bytes = readHeader(at);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    offsets.set(view.getUint32(0), at + FRAME_HEADER_BYTES);
    pageCount = view.getUint32(4) || pageCount;
    yield;
  }
  for (const page of offsets.keys()) if (page > pageCount) offsets.delete(page);
  return { offsets, pageCount };
}

/** `walChecksumBytes` of `wal.c`: over pairs of 32-bit words, modulo 2^32. */
function addToChecksum(
  sum: readonly [number, number],
  view: DataView,
  start: number,
  length: number,
  littleEndian: boolean,
): [number, number] {
  let [s1, s2] = sum;
  const from = view.byteOffset + start;
  if (littleEndian === LITTLE_ENDIAN && from % 4 === 0) {
    // several times as fast as the DataView
    const words = new Uint32Array(view.buffer, from, length / 4);
    for (let i = 0; i < words.length; i += 2) {
      s1 = (s1 + (words[i] ?? 0) + s2) | 0;
      s2 = (s2 + (words[i + 1] ?? 0) + s1) | 0;
    }
    return [s1 >>> 0, s2 >>> 0];
  }
  for (let at = start; at < start + length; at += 8) {
    s1 = (s1 + view.getUint32(at, littleEndian) + s2) >>> 0;
    s2 = (s2 + view.getUint32(at + 4, littleEndian) + s1) >>> 0;
  }
  return [s1, s2];
}
