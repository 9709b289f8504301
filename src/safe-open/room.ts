/** How much of a disk may be filled. */
import { statfsSync } from "node:fs";

/** This much stays free, or a twentieth of the disk where that is less. */
const MAX_RESERVE_BYTES = 64 * 2 ** 20;
const RESERVE_SHARE = 1 / 20;

export interface Room {
  readonly freeBytes: number;
  /** Of the free ones, they stay free. */
  readonly reserveBytes: number;
}

/** `path`: of a file or a folder there. @throws the system's error */
export function roomAt(path: string): Room {
  const { blocks, bavail, bsize } = statfsSync(path);
  return {
    freeBytes: bavail * bsize,
    reserveBytes: Math.floor(Math.min(MAX_RESERVE_BYTES, blocks * bsize * RESERVE_SHARE)),
  };
}
