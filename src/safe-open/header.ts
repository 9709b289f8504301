/**
 * The header of a database against the file: what SQLite refuses, and what it accepts. Each was tried with SQLite 3.53.
 * Pure. Source: https://www.sqlite.org/fileformat2.html#the_database_header, `btree.c` (lockBtree), `prepare.c`
 * (sqlite3InitOne).
 */
import { HEADER_BYTES, hasDatabaseMagic } from "../sqlite/header.ts";

export type HeaderFault =
  /** The first 16 bytes are not those of a database. */
  | { readonly code: "magic" }
  /** The file begins with the magic, and ends before its 100th byte. */
  | { readonly code: "cut-header"; readonly sizeBytes: number }
  | { readonly code: "page-size"; readonly stored: number }
  | { readonly code: "read-version"; readonly version: number }
  | { readonly code: "read-version-zero" }
  | { readonly code: "write-version"; readonly version: number }
  | { readonly code: "versions-differ"; readonly write: number; readonly read: number }
  /** So many bytes at the end of each page are reserved that too few are left. */
  | { readonly code: "reserved-bytes"; readonly reserved: number; readonly pageSize: number }
  | { readonly code: "payload-fractions"; readonly fractions: readonly number[] }
  | { readonly code: "schema-format"; readonly format: number }
  | { readonly code: "text-encoding"; readonly encoding: number }
  /** Bytes that must be zero are not. */
  | { readonly code: "unused-bytes"; readonly first: number; readonly last: number }
  /** The file is shorter or longer than the page count of the header. */
  | {
      readonly code: "cut-off" | "too-long";
      readonly pages: number;
      readonly pageSize: number;
      readonly sizeBytes: number;
    }
  /** The size is no multiple of the page size. */
  | { readonly code: "torn-page"; readonly pageSize: number; readonly sizeBytes: number }
  /** The page count is not that of the last write: SQLite before 3.7.0 did not keep it up. */
  | { readonly code: "outdated-page-count" };

/** SQLite opens no file with such a header; it accepts the others. */
export function isRefusedBySqlite({ code }: HeaderFault): boolean {
  return REFUSED.has(code);
}

const REFUSED: ReadonlySet<HeaderFault["code"]> = new Set([
  "magic",
  "cut-header",
  "page-size",
  "read-version",
  "reserved-bytes",
  "payload-fractions",
  "schema-format",
  "cut-off",
]);

export interface HeaderOptions {
  readonly sizeBytes: number;
  /** The size proves nothing: pages are in the WAL, or a transaction is being written or was left half written. */
  readonly sizeMoves: boolean;
}

/** Bytes that must be zero; an encrypted file has noise there. */
const UNUSED = { from: 72, to: 92 };

/** As SQLite sees it: by the read version alone. */
export function isWalMode(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && bytes[19] === 2;
}

/**
 * Its text encoding is unknown and not 0: SQLite takes it for UTF-8 when it reads the schema for the first time, and
 * refuses to read it again (`prepare.c`, sqlite3InitOne).
 */
export function isReadOnce(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const encoding = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(56);
  return encoding !== 0 && (encoding & 3) === 0;
}

/** A database with a damaged magic, and not some other file: all but the magic is a header as SQLite writes it. */
export function isHeaderWithoutMagic(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || hasDatabaseMagic(bytes)) return false;
  const versions = bytes[18] === bytes[19] && (bytes[18] === 1 || bytes[18] === 2);
  return (
    versions &&
    headerFaults(bytes, { sizeBytes: 0, sizeMoves: true }).length === 1 &&
    bytes.subarray(UNUSED.from, UNUSED.to).every((byte) => byte === 0)
  );
}

/**
 * Bytes 16 to 23 as SQLite writes them, and noise around them: SQLite Encryption Extension and SQLite3 Multiple Ciphers
 * encrypt all but these eight (so that the page size can be read).
 */
export function isPartlyEncrypted(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || hasDatabaseMagic(bytes)) return false;
  const stored = ((bytes[16] ?? 0) << 8) | (bytes[17] ?? 0);
  const pageSize = stored === 1 || (stored >= 512 && (stored & (stored - 1)) === 0);
  return (
    pageSize &&
    [...bytes.subarray(21, 24)].join() === "64,32,32" &&
    bytes.subarray(UNUSED.from, UNUSED.to).some((byte) => byte !== 0)
  );
}

/**
 * A magic, and noise where the later fields are: SQLCipher with cipher_plaintext_header_size does not encrypt the first
 * 16 or 32 bytes.
 */
export function hasEncryptedRest(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || !hasDatabaseMagic(bytes)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const zeroes = bytes.subarray(UNUSED.from, UNUSED.to).filter((byte) => byte === 0).length;
  return view.getUint32(44) > 4 && view.getUint32(56) > 3 && zeroes <= 2;
}

/** `bytes`: the first 100, or all of a shorter file. */
export function headerFaults(bytes: Uint8Array, { sizeBytes, sizeMoves }: HeaderOptions): HeaderFault[] {
  if (bytes.length < HEADER_BYTES)
    return hasDatabaseMagic(bytes) && !sizeMoves ? [{ code: "cut-header", sizeBytes: bytes.length }] : [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const faults: HeaderFault[] = [];
  if (!hasDatabaseMagic(bytes)) faults.push({ code: "magic" });
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  const validSize = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  if (!validSize) faults.push({ code: "page-size", stored });
  const [write = 0, read = 0, reserved = 0] = bytes.subarray(18, 21);
  if (read > 2) faults.push({ code: "read-version", version: read });
  else if (read === 0) faults.push({ code: "read-version-zero" });
  if (write > 2) faults.push({ code: "write-version", version: write });
  else if (read <= 2 && write !== read) faults.push({ code: "versions-differ", write, read });
  if (validSize && pageSize - reserved < MIN_USABLE_BYTES) faults.push({ code: "reserved-bytes", reserved, pageSize });
  const fractions = [...bytes.subarray(21, 24)];
  if (fractions.join() !== "64,32,32") faults.push({ code: "payload-fractions", fractions });
  const format = view.getUint32(44);
  if (format > 4) faults.push({ code: "schema-format", format });
  const encoding = view.getUint32(56);
  if (encoding > 3 || (encoding === 0 && format > 0)) faults.push({ code: "text-encoding", encoding });
  if (bytes.subarray(UNUSED.from, UNUSED.to).some((byte) => byte !== 0))
    faults.push({ code: "unused-bytes", first: UNUSED.from, last: UNUSED.to - 1 });
  return validSize && !sizeMoves ? [...faults, ...sizeFaults(view, pageSize, sizeBytes)] : faults;
}

/** What SQLite needs of a page. Source: `btree.c`, lockBtree */
const MIN_USABLE_BYTES = 480;

function sizeFaults(view: DataView, pageSize: number, sizeBytes: number): HeaderFault[] {
  const pages = view.getUint32(28);
  const believable = view.getUint32(24) === view.getUint32(92) && pages > 0;
  const onDisk = sizeBytes / pageSize;
  const faults: HeaderFault[] = [];
  if (believable && pages > Math.ceil(onDisk)) faults.push({ code: "cut-off", pages, pageSize, sizeBytes });
  else if (believable && pages < Math.floor(onDisk)) faults.push({ code: "too-long", pages, pageSize, sizeBytes });
  else if (!Number.isInteger(onDisk)) faults.push({ code: "torn-page", pageSize, sizeBytes });
  if (!believable && pages > 0) faults.push({ code: "outdated-page-count" });
  return faults;
}
