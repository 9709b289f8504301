/**
 * Whether a file without SQLite's header is likely an encrypted database, by its first bytes: SQLCipher and SQLite3
 * Multiple Ciphers write pages that are noise from the first byte, less bytes 16 to 23 in most ciphers of the latter
 * (and in SQLite's own Encryption Extension). Pure.
 */
import { type JournalMode, modeOfVersions } from "./header.ts";

/** How many bytes {@link likelyEncrypted} looks at: the smallest page. */
export const ENCRYPTED_START_BYTES = 512;

/** What can be read of it without the key. */
export interface EncryptedDatabase {
  readonly pageSize: number | null;
  readonly journalMode: JournalMode;
}

/** `start`: the first 512 bytes. Null for anything else: text, an archive, a picture, a database with its header. */
export function likelyEncrypted(start: Uint8Array, sizeBytes: number | bigint): EncryptedDatabase | null {
  if (start.length < ENCRYPTED_START_BYTES || Number(BigInt(sizeBytes) % 512n) !== 0) return null;
  const bytes = start.subarray(0, ENCRYPTED_START_BYTES);
  if (ARCHIVES.some(({ at = 0, magic }) => magic.every((byte, i) => bytes[at + i] === byte))) return null;
  return isNoise(bytes) ? plainPart(bytes) : null;
}

/**
 * Compressed data is noise as well, and begins with one of these. Of shorter magics (zlib's two bytes) noise has too
 * many by chance. Source: file(1)'s magic.
 */
const ARCHIVES: readonly { readonly at?: number; readonly magic: readonly number[] }[] = [
  { magic: [0x1f, 0x8b, 0x08] }, // gzip
  { magic: [...latin1("PK"), 3, 4] }, // zip
  { magic: [...latin1("BZh")] }, // bzip2
  { magic: [0xfd, ...latin1("7zXZ")] }, // xz
  { magic: [...latin1("7z"), 0xbc, 0xaf] }, // 7z
  { magic: [0x28, 0xb5, 0x2f, 0xfd] }, // zstd
  { magic: [0x04, 0x22, 0x4d, 0x18] }, // lz4
  { magic: [...latin1("LZIP")] }, // lzip
  { magic: [0x5d, 0x00, 0x00] }, // lzma
  { magic: [...latin1("Rar!")] },
  { magic: [...latin1("SQLite format 3"), 0] },
  { magic: [...latin1("OggS")] },
  { magic: [...latin1("fLaC")] },
  { magic: [0xff, 0xd8, 0xff] }, // JPEG
  { magic: [0x89, ...latin1("PNG")] },
  { magic: [...latin1("RIFF")] },
  { magic: [...latin1("%PDF")] },
  { at: 4, magic: [...latin1("ftyp")] }, // mp4
  { magic: [0x1a, 0x45, 0xdf, 0xa3] }, // Matroska
  { magic: [...latin1("Salted__")] }, // openssl enc
  { magic: [...latin1("age-encryption.org")] },
  { magic: [0x37, 0x7f, 0x06] }, // a -wal
  { magic: [0xd9, 0xd5, 0x05, 0xf9] }, // a -journal
];

/** 512 random bytes have 221 different values, give or take 5, and each of them some two times. */
const MIN_VALUES = 190;
const MAX_TIMES = 16;

function isNoise(bytes: Uint8Array): boolean {
  const times = new Map<number, number>();
  for (const byte of bytes) times.set(byte, (times.get(byte) ?? 0) + 1);
  return times.size >= MIN_VALUES && Math.max(...times.values()) <= MAX_TIMES;
}

/** Bytes 16 to 23, where they are as SQLite writes them. */
function plainPart(bytes: Uint8Array): EncryptedDatabase {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  const isPlain =
    pageSize >= 512 &&
    (pageSize & (pageSize - 1)) === 0 &&
    modeOfVersions(bytes[18], bytes[19]) !== "unknown" &&
    bytes[21] === 64 &&
    bytes[22] === 32 &&
    bytes[23] === 32;
  return isPlain
    ? { pageSize, journalMode: modeOfVersions(bytes[18], bytes[19]) }
    : { pageSize: null, journalMode: "unknown" };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
