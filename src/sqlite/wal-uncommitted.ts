/**
 * Frames that are written after the last commit of a -wal: those of an open transaction whose cache was too small for
 * it (VACUUM, a large import), or of one that was rolled back. Pure. Source: `wal.c` (sqlite3WalFrames,
 * sqlite3WalUndo).
 */
import { FRAME_HEADER_BYTES, frameBytes, WAL_HEADER_BYTES, type WalHeader } from "./wal.ts";

/** A -wal as far as its frames are to be told from those of an earlier one. */
export type WalGeneration = Pick<WalHeader, "pageSize" | "salt">;

/**
 * Whose frames follow those of a live wal-index; null where none can: the file is still that of before the last
 * restart, or has no header. With no frame committed, the header of the file tells: its writer may have made up new
 * salts, which reach the wal-index with its commit. A restart alone adds one to the first salt (walRestartHdr).
 */
export function generationAfter(
  index: WalGeneration & { readonly mxFrame: number },
  header: WalGeneration | null,
): WalGeneration | null {
  if (index.mxFrame > 0) return index;
  if (header === null) return null;
  const isOfBefore = index.salt[0] === (header.salt[0] + 1) >>> 0 && index.salt[1] !== header.salt[1];
  return isOfBefore ? null : header;
}

/** Where the header of a frame is, which are counted from 1. */
export function offsetOfFrame(wal: WalGeneration, frame: number): number {
  return WAL_HEADER_BYTES + (frame - 1) * frameBytes(wal);
}

/**
 * Whether the 24 bytes of a frame header are of this -wal, and not left from an earlier one or from a hole. An open
 * transaction that has written a page anew, over its earlier frame, leaves salts and checksums to its commit: they are
 * zeroes until then (walEncodeFrame).
 */
export function isOfGeneration({ salt }: WalGeneration, bytes: Uint8Array): boolean {
  if (bytes.length < FRAME_HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [first, second] = [view.getUint32(8), view.getUint32(12)];
  const isLeftToCommit = bytes.subarray(8).every((byte) => byte === 0);
  return view.getUint32(0) !== 0 && ((first === salt[0] && second === salt[1]) || isLeftToCommit);
}

/**
 * How many frames of this -wal follow the first `committed` ones in a file of `sizeBytes`. A -wal is written from its
 * start on, so that they come before all others: a few frame headers are read, whatever its size. Checksums say nothing
 * here (see above).
 */
export function countUncommittedFrames(
  wal: WalGeneration,
  committed: number,
  sizeBytes: number,
  readHeader: (offset: number) => Uint8Array,
): number {
  const isOurs = (frame: number) => isOfGeneration(wal, readHeader(offsetOfFrame(wal, frame)));
  const end = Math.max(committed, Math.floor((sizeBytes - WAL_HEADER_BYTES) / frameBytes(wal))) + 1;
  let first = committed; // the last frame that is known to be of this -wal
  let step = 1;
  // In steps that grow: far behind, zeroes may be those of an earlier -wal.
  for (; first + step < end && isOurs(first + step); step *= 2) first += step;
  let beyond = Math.min(end, first + step);
  while (beyond - first > 1) {
    const middle = Math.floor((first + beyond) / 2);
    if (isOurs(middle)) first = middle;
    else beyond = middle;
  }
  return first - committed;
}
