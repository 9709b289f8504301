/**
 * The wal-index: the header of the `-shm` file, in the byte order of the machine. Source: `wal.c` (WalIndexHdr,
 * WalCkptInfo) and https://www.sqlite.org/walformat.html#the_wal_index_file_format
 */

/** How many bytes {@link parseWalIndex} looks at. */
export const WAL_INDEX_BYTES = 136;

const HEADER_COPY_BYTES = 48;
const READ_MARK_NOT_USED = 0xffffffff;

export type WalIndex =
  | {
      readonly kind: "ok";
      /** Counts transactions: one more with each commit. A recovery begins anew. */
      readonly changeCounter: number;
      readonly pageSize: number;
      /** Of the frames, as the -wal has it. */
      readonly salt: readonly [number, number];
      /** The last committed frame: how many frames of the -wal are valid. */
      readonly mxFrame: number;
      /** The size of the database in pages after that frame. */
      readonly pageCount: number;
      /** How many frames have been copied back into the database. */
      readonly nBackfill: number;
      /** The five read marks; null for one that is not in use. */
      readonly readMarks: readonly (number | null)[];
    }
  /** The copies differ, or the checksum does not match: it is being written, so read it again; or it is damaged. */
  | { readonly kind: "torn" }
  /** No header yet: the first opener truncates the file to 3 bytes and then fills it. */
  | { readonly kind: "uninitialised" };

/** Reads the first 136 bytes of a -shm. Throws nothing, whatever the bytes. */
export function parseWalIndex(bytes: Uint8Array, littleEndian: boolean): WalIndex {
  if (bytes.length < WAL_INDEX_BYTES) return { kind: "uninitialised" };
  for (let i = 0; i < HEADER_COPY_BYTES; i++) if (bytes[i] !== bytes[i + HEADER_COPY_BYTES]) return { kind: "torn" };
  if (bytes[12] === 0) return { kind: "uninitialised" }; // isInit
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number) => view.getUint32(offset, littleEndian);
  if (!checksumFits(u32)) return { kind: "torn" };
  if (u32(96) > u32(16)) return { kind: "uninitialised" }; // more frames copied back than there are: impossible
  const storedPageSize = view.getUint16(14, littleEndian);
  return {
    kind: "ok",
    changeCounter: u32(8),
    pageSize: (storedPageSize & 0xfe00) + ((storedPageSize & 1) << 16),
    salt: [view.getUint32(32), view.getUint32(36)], // copied byte by byte from the -wal: big-endian
    mxFrame: u32(16),
    pageCount: u32(20),
    nBackfill: u32(96),
    readMarks: [0, 1, 2, 3, 4].map((k) => {
      const mark = u32(100 + 4 * k);
      return mark === READ_MARK_NOT_USED ? null : mark;
    }),
  };
}

/** So many frames a reader keeps from being copied back. `mark`: its read mark, 0 on READ0. */
export function pinnedFrames(mark: number, mxFrame: number, nBackfill: number): number {
  return Math.max(0, mxFrame - Math.max(mark, nBackfill));
}

/** `walChecksumBytes` of `wal.c` over the first 40 bytes of the header, in native order. */
function checksumFits(u32: (offset: number) => number): boolean {
  let s1 = 0;
  let s2 = 0;
  for (let at = 0; at < 40; at += 8) {
    s1 = (s1 + u32(at) + s2) >>> 0;
    s2 = (s2 + u32(at + 4) + s1) >>> 0;
  }
  return s1 === u32(40) && s2 === u32(44);
}
