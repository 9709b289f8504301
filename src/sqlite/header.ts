/**
 * The database header: the first 100 bytes of a database file. Source:
 * https://www.sqlite.org/fileformat2.html#the_database_header
 */

/** How many bytes {@link parseDatabaseHeader} looks at. */
export const HEADER_BYTES = 100;

export type JournalMode = "wal" | "rollback" | "unknown";

export type DatabaseHeader =
  | {
      readonly kind: "database";
      /** 512 … 65536, a power of two; null where the field holds anything else. */
      readonly pageSize: number | null;
      /** From the header; null where its field is out of date (the change counter differs from version-valid-for). */
      readonly pageCount: number | null;
      readonly journalMode: JournalMode;
      /** Incremented by each transaction in rollback mode. */
      readonly changeCounter: number;
    }
  | { readonly kind: "empty" }
  /** `encrypted`: likely an encrypted database. */
  | { readonly kind: "other"; readonly looksLike: string; readonly encrypted: boolean };

const MAGIC = latin1Bytes("SQLite format 3\0");

/**
 * Instead of a large file Git has this text where Git LFS was not run. Source: docs/spec.md of git-lfs, which has the
 * second name from its first days.
 */
const LFS_POINTERS = ["version https://git-lfs.github.com/spec/v1", "version https://hawser.github.com/spec/v1"];

/** Whether a file that starts with these bytes is a Git LFS pointer. */
export function isLfsPointer(bytes: Uint8Array): boolean {
  const start = latin1(bytes.subarray(0, HEADER_BYTES));
  return LFS_POINTERS.some((line) => start.startsWith(line));
}

/** Whether a file that starts with these bytes has the magic string of a SQLite database. */
export function hasDatabaseMagic(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);
}

/** Reads the header from the first bytes of a file: 100 or more, or all of a shorter one. Throws nothing. */
export function parseDatabaseHeader(start: Uint8Array): DatabaseHeader {
  const bytes = start.subarray(0, HEADER_BYTES);
  if (bytes.length === 0) return { kind: "empty" };
  if (!hasDatabaseMagic(bytes)) {
    const looksLike = guessContent(bytes);
    return { kind: "other", looksLike: looksLike ?? ENCRYPTED, encrypted: looksLike === null };
  }
  if (bytes.length < HEADER_BYTES)
    return { kind: "other", looksLike: `a database cut off after ${bytes.length} bytes`, encrypted: false };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  const validSize = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  const upToDate = view.getUint32(24) === view.getUint32(92) && view.getUint32(28) > 0;
  return {
    kind: "database",
    pageSize: validSize ? pageSize : null,
    pageCount: upToDate ? view.getUint32(28) : null,
    journalMode: modeOfVersions(bytes[18], bytes[19]),
    changeCounter: view.getUint32(24),
  };
}

/** As bytes 18 (write) and 19 (read) have it. */
export function modeOfVersions(write: number | undefined, read: number | undefined): JournalMode {
  if (write === 1 && read === 1) return "rollback";
  if (write === 2 && read === 2) return "wal";
  return "unknown";
}

const ENCRYPTED = "an encrypted database or other compressed or random data";

/** What a file that is no database seems to be, in words that fit after "looks like"; null: {@link ENCRYPTED}. */
function guessContent(bytes: Uint8Array): string | null {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x37, 0x7f, 0x06, 0x82) || starts(0x37, 0x7f, 0x06, 0x83))
    return "a write-ahead log (-wal) without its database";
  if (starts(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7)) return "a rollback journal without its database";
  if (starts(0x1f, 0x8b)) return "a gzip archive: decompress it first";
  if (starts(0x50, 0x4b, 0x03, 0x04)) return "a zip archive: unpack it first";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "a zstd archive: decompress it first";
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return "an xz archive: decompress it first";
  if (starts(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return "a file of Windows, such as Thumbs.db";
  if (isBerkeleyDb(bytes)) return "a Berkeley DB database";
  if (bytes.every((byte) => byte === 0)) return "a file that begins with zeroes: damaged, or still being written";
  if (isLfsPointer(bytes)) return "a Git LFS pointer: run git lfs pull";
  if (latin1(bytes).startsWith("** This file contains an SQLite 2")) return "a database of SQLite 2";
  if (bytes.length >= MIN_MAGIC_BYTES && bytes.length < MAGIC.length && bytes.every((byte, i) => byte === MAGIC[i]))
    return `a database cut off after ${bytes.length} bytes`;
  const text = bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) && isUtf8(bytes);
  if (text) return /^\s*(PRAGMA|BEGIN|CREATE|INSERT|--)/i.test(latin1(bytes)) ? "SQL text (a dump?)" : "text";
  // An encrypted database is random from its first byte (SQLCipher: a salt); 100 random bytes have some 80 values.
  if (bytes.length >= HEADER_BYTES && new Set(bytes).size >= 70) return null;
  return "some other binary file";
}

/** Of the magic, to know it by: `SQLite`. */
const MIN_MAGIC_BYTES = 6;

/** In the byte order of the machine. Source: `db.h` of Berkeley DB (DB_BTREEMAGIC, DB_HASHMAGIC, DB_QAMMAGIC) */
const BERKELEY_MAGICS: ReadonlySet<number> = new Set([0x00053162, 0x00061561, 0x00042253]);

function isBerkeleyDb(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return BERKELEY_MAGICS.has(view.getUint32(12, true)) || BERKELEY_MAGICS.has(view.getUint32(12));
}

function isUtf8(bytes: Uint8Array): boolean {
  // The 100 bytes may end inside a character: up to three bytes of it are left out.
  for (let cut = 0; cut < 4; cut++) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
      return true;
    } catch {
      // try one byte less
    }
  }
  return false;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
