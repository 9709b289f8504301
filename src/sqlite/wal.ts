/**
 * The write-ahead log: its header, and how many of its frames count. Source:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */

export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

/** WAL_MAX_VERSION of `wal.c`, the only one there is. */
const FORMAT_VERSION = 3007000;

export interface WalHeader {
  readonly pageSize: number;
  /** The byte order of the checksums: the machine's that made the file. */
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
 * Counts the frames that a recovery would take over: up to the last commit before the first frame whose salt or
 * checksum does not fit. `frames` holds whole frames, one after the other; call it again with the state it returned for
 * the next ones.
 */
export interface FrameCount {
  readonly frames: number;
  readonly committedFrames: number;
  /** Of the database after the last of these commits. */
  readonly pageCount: number;
  readonly checksum: readonly [number, number];
  /** A frame that does not fit was met: nothing after it counts. */
  readonly ended: boolean;
}

export function startFrameCount(header: WalHeader): FrameCount {
  return { frames: 0, committedFrames: 0, pageCount: 0, checksum: header.checksum, ended: false };
}

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

/** Bytes of a -wal from an offset on; fewer at its end. */
export type ReadWal = (offset: number, length: number) => Uint8Array;

/** How many bytes of a -wal are read at a time. */
const CHUNK_BYTES = 1 << 20;

/** The rest of a -wal from `offset`, in pieces of whole frames of `size` bytes, the last one as long as it is. */
export function* piecesOf(read: ReadWal, offset: number, size: number): Generator<Uint8Array> {
  const piece = size * Math.max(1, Math.floor(CHUNK_BYTES / size));
  for (let at = offset; ; at += piece) {
    const bytes = read(at, piece);
    yield bytes;
    if (bytes.length < piece) return;
  }
}

/** All that a recovery would take over. */
export function countAllFrames(header: WalHeader, read: ReadWal): FrameCount {
  let state = startFrameCount(header);
  for (const bytes of piecesOf(read, WAL_HEADER_BYTES, frameBytes(header))) {
    state = countFrames(header, state, bytes);
    if (state.ended) break;
  }
  return state;
}

/** A search for commits that a recovery does not reach, because a frame before them does not fit. */
export interface LostSearch {
  readonly salt: readonly [number, number];
  readonly littleEndian: boolean;
  /** What the checksum of the next frame has to go on from; null behind a frame of another salt. */
  readonly previous: readonly [number, number] | null;
  /** Commit frames whose checksum goes on from what the frame before them says. */
  readonly commits: number;
}

/**
 * Begins at the frame that does not fit. A transaction that was spilled and rolled back leaves frames of this salt as
 * well, and what was written since does not go over into them; but no commit frame is among those.
 */
export function startLostSearch(header: WalHeader): LostSearch {
  return { salt: header.salt, littleEndian: header.littleEndian, previous: null, commits: 0 };
}

/**
 * Of a -wal whose header SQLite does not take (so that it takes the file as empty): its frames say what the salt was.
 * `bytes`: the header and the beginning of the first frame. Null where there are no frames, or the header's own salt is
 * another one: then they are of before.
 */
export function startSearchUnderDamagedHeader(bytes: Uint8Array, machineIsLittleEndian: boolean): LostSearch | null {
  if (bytes.length < WAL_HEADER_BYTES + FRAME_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const salt: [number, number] = [view.getUint32(WAL_HEADER_BYTES + 8), view.getUint32(WAL_HEADER_BYTES + 12)];
  if (salt[0] !== view.getUint32(16) || salt[1] !== view.getUint32(20)) return null;
  return { salt, littleEndian: machineIsLittleEndian, previous: [view.getUint32(24), view.getUint32(28)], commits: 0 };
}

/** Goes on over whole frames of `pageSize`; what is left of `bytes` behind them is not looked at. */
export function searchLostCommits(search: LostSearch, pageSize: number, bytes: Uint8Array): LostSearch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { salt, littleEndian } = search;
  let { previous, commits } = search;
  const size = FRAME_HEADER_BYTES + pageSize;
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (view.getUint32(at) === 0 || view.getUint32(at + 8) !== salt[0] || view.getUint32(at + 12) !== salt[1]) {
      previous = null;
      continue;
    }
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
  return { ...search, previous, commits };
}

/** Where in the -wal the newest committed version of each page is, and how many pages the database then has. */
export interface LatestPages {
  /**
   * By page number, from 1: the offset of the page's bytes. Pages behind the end of the database are not among them.
   */
  readonly offsets: ReadonlyMap<number, number>;
  readonly pageCount: number;
}

/** Of the first `committedFrames` frames; `readHeader` gives the 24 bytes of the frame at an offset. */
export function latestPages(
  header: WalHeader,
  committedFrames: number,
  readHeader: (offset: number) => Uint8Array,
): LatestPages {
  const offsets = new Map<number, number>();
  let pageCount = 0;
  for (let frame = 0; frame < committedFrames; frame++) {
    const at = WAL_HEADER_BYTES + frame * frameBytes(header);
    const bytes = readHeader(at);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    offsets.set(view.getUint32(0), at + FRAME_HEADER_BYTES);
    pageCount = view.getUint32(4) || pageCount;
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
  for (let at = start; at < start + length; at += 8) {
    s1 = (s1 + view.getUint32(at, littleEndian) + s2) >>> 0;
    s2 = (s2 + view.getUint32(at + 4, littleEndian) + s1) >>> 0;
  }
  return [s1, s2];
}
