/**
 * The header of a database against the file: what SQLite refuses, and what it puts up with. Each was tried with SQLite
 * 3.53. Pure. Source: https://www.sqlite.org/fileformat2.html#the_database_header, `btree.c` (lockBtree), `prepare.c`
 * (sqlite3InitOne).
 */
import { HEADER_BYTES, hasDatabaseMagic } from "../sqlite/header.ts";

export interface HeaderFault {
  /** SQLite opens no such file. */
  readonly refused: boolean;
  readonly message: string;
}

export interface HeaderOptions {
  readonly sizeBytes: number;
  /** The size says nothing: pages are in the WAL, or a transaction is being written or was left half written. */
  readonly sizeMoves: boolean;
}

/** Bytes that must be zero; an encrypted file has noise there. */
const UNUSED = { from: 72, to: 92 };

/** SQLite in WAL mode, by the read version alone. */
export function isWalMode(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && bytes[19] === 2;
}

/**
 * Its text encoding is none and not 0: SQLite takes it for UTF-8 at the first reading of the schema, and refuses a
 * second one (`prepare.c`, sqlite3InitOne).
 */
export function isReadOnce(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const encoding = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(56);
  return encoding !== 0 && (encoding & 3) === 0;
}

/**
 * Whether all but the magic is a header as SQLite writes it: then it is a database with a damaged magic, and not some
 * other file.
 */
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
 * Bytes 16 to 23 as SQLite writes them, and noise around: SQLite Encryption Extension and SQLite3 Multiple Ciphers
 * leave these eight as they are (so that the page size can be read), and nothing else.
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
 * A magic, and noise where the later fields are: SQLCipher with cipher_plaintext_header_size leaves the first 16 or 32
 * bytes as they are.
 */
export function hasEncryptedRest(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || !hasDatabaseMagic(bytes)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const zeroes = bytes.subarray(UNUSED.from, UNUSED.to).filter((byte) => byte === 0).length;
  return view.getUint32(44) > 4 && view.getUint32(56) > 3 && zeroes <= 2;
}

/** Of a header of 100 bytes; none for a shorter one. */
export function headerFaults(bytes: Uint8Array, { sizeBytes, sizeMoves }: HeaderOptions): HeaderFault[] {
  if (bytes.length < HEADER_BYTES) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const faults: HeaderFault[] = [];
  const refused = (message: string) => faults.push({ refused: true, message });
  const odd = (message: string) => faults.push({ refused: false, message });
  if (!hasDatabaseMagic(bytes)) refused("the first 16 bytes are not 'SQLite format 3' and a zero");
  const stored = view.getUint16(16);
  const pageSize = stored === 1 ? 65536 : stored;
  const validSize = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  if (!validSize) refused(`the page size is ${stored}, which is no power of two from 512 to 32768, and not 1 (65536)`);
  const [write = 0, read = 0, reserved = 0] = bytes.subarray(18, 21);
  if (read > 2) refused(`the read version is ${read}: SQLite knows 1 (rollback journal) and 2 (WAL)`);
  else if (read === 0) odd("the read version is 0: SQLite takes it for 1 (rollback journal)");
  if (write > 2) odd(`the write version is ${write}: SQLite knows 1 and 2, and opens the database only to read`);
  else if (read <= 2 && write !== read)
    odd(`the write version is ${write} and the read version ${read}: SQLite writes both the same`);
  if (validSize && pageSize - reserved < 480)
    refused(`${reserved} bytes at the end of each page are reserved, which leaves less than 480 of ${pageSize}`);
  const fractions = [...bytes.subarray(21, 24)];
  if (fractions.join() !== "64,32,32") refused(`the payload fractions are ${fractions.join(", ")} and not 64, 32, 32`);
  const format = view.getUint32(44);
  if (format > 4) refused(`the schema format is ${format}: SQLite knows 1 to 4`);
  const encoding = view.getUint32(56);
  if (encoding > 3 || (encoding === 0 && format > 0))
    odd(`the text encoding is ${encoding}: SQLite knows 1 (UTF-8), 2 and 3 (UTF-16)`);
  if (bytes.subarray(UNUSED.from, UNUSED.to).some((byte) => byte !== 0))
    odd(`bytes ${UNUSED.from} to ${UNUSED.to - 1} are not zero: SQLite does not use them`);
  if (validSize && !sizeMoves) sizeFaults(view, pageSize, sizeBytes, refused, odd);
  return faults;
}

function sizeFaults(
  view: DataView,
  pageSize: number,
  sizeBytes: number,
  refused: (message: string) => void,
  odd: (message: string) => void,
): void {
  const counted = view.getUint32(28);
  const believable = view.getUint32(24) === view.getUint32(92) && counted > 0;
  const onDisk = sizeBytes / pageSize;
  if (believable && counted > Math.ceil(onDisk)) {
    refused(
      `the file is cut off: the header says ${counted} pages of ${pageSize} bytes, and ${sizeBytes} bytes are ` +
        `there (${Math.floor(onDisk)} whole pages)`,
    );
  } else if (believable && counted < Math.floor(onDisk)) {
    odd(
      `the file is longer than the header says: ${counted} pages of ${pageSize} bytes, and ${sizeBytes} bytes ` +
        "are there",
    );
  } else if (!Number.isInteger(onDisk)) {
    odd(`the file ends inside a page: ${sizeBytes} bytes are no multiple of ${pageSize}`);
  }
  if (!believable && counted > 0)
    odd(
      "the page count of the header was written by a program that did not keep it up (SQLite before 3.7.0): " +
        "SQLite goes by the size of the file",
    );
}
