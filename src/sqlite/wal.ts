/**
 * The write-ahead log: its header, and how many of its frames count. Source:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */

import { addToChecksum } from "./wal-checksum.ts";

export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

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
export function frameBytes(header: Pick<WalHeader, "pageSize">): number {
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
