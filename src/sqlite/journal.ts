/**
 * The rollback journal: whether it has to be rolled back. Source:
 * https://www.sqlite.org/fileformat2.html#the_rollback_journal, `pager.c` (hasHotJournal, readJournalHdr,
 * readSuperJournal).
 */

/** How many bytes {@link parseJournalHeader} looks at. */
export const JOURNAL_HEADER_BYTES = 28;

const MAGIC = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/**
 * `valid`: SQLite would roll the journal back. `unsynced`: zeroes in place of the magic: never synced, or finished in
 * persist mode, so there is nothing to roll back. `empty`: no bytes (finished in truncate mode). `other`: anything
 * else.
 */
export type JournalHeader = "valid" | "unsynced" | "empty" | "other";

/** Reads the first 28 bytes of a -journal. Throws nothing, whatever the bytes. */
export function parseJournalHeader(bytes: Uint8Array): JournalHeader {
  if (bytes.length === 0) return "empty";
  if (bytes[0] === 0) return "unsynced";
  return bytes.length >= JOURNAL_HEADER_BYTES && MAGIC.every((byte, i) => bytes[i] === byte) ? "valid" : "other";
}

/**
 * Its transaction has begun and was not synced yet: the page size stands behind the zeroes that a finished one has
 * throughout. Source: writeJournalHdr, zeroJournalHdr (pager.c)
 */
export function isBegunJournal(bytes: Uint8Array): boolean {
  return (
    parseJournalHeader(bytes) === "unsynced" &&
    bytes.length >= JOURNAL_HEADER_BYTES &&
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(24) !== 0
  );
}

/**
 * How many pages the database had when the journal's transaction began, by its first 28 bytes; 0 without a valid
 * header.
 */
export function pagesBeforeJournal(bytes: Uint8Array): number {
  return parseJournalHeader(bytes) === "valid"
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(16)
    : 0;
}

/** The longest tail of a journal that {@link parseSuperJournalName} needs: a path of PATH_MAX, and its frame. */
export const SUPER_JOURNAL_TAIL_BYTES = 4096 + 20;

/**
 * The length of the record at the end of a journal that names its super-journal (page number, name, length, sum,
 * magic); 0 where there is none.
 */
export function superJournalRecordBytes(tail: Uint8Array): number {
  if (parseSuperJournalName(tail) === null) return 0;
  return 4 + new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(tail.length - 16) + 16;
}

/** The path of the super-journal that the journal ending in `tail` names; null where it names none. */
export function parseSuperJournalName(tail: Uint8Array): string | null {
  if (tail.length < 16 + 1) return null;
  const magicAt = tail.length - 8;
  if (!MAGIC.every((byte, i) => tail[magicAt + i] === byte)) return null;
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - 16);
  const expected = view.getUint32(tail.length - 12);
  if (length === 0 || length > tail.length - 16) return null;
  const name = tail.subarray(tail.length - 16 - length, tail.length - 16);
  const sum = name.reduce((total, byte) => total + byte, 0);
  // C's char is signed on x86, unsigned on ARM
  const ofSignedChars = name.reduce((total, byte) => total + ((byte << 24) >> 24), 0);
  return sum >>> 0 === expected || ofSignedChars >>> 0 === expected ? new TextDecoder().decode(name) : null;
}
