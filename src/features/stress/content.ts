/** The text and the checksum of a row, computed from its key, its version and the seed. Pure. */

export interface RowKey {
  readonly writer: number;
  /** Among the rows of this writer, from 1. */
  readonly number: number;
  /** 1 after the insert; each update adds 1. */
  readonly version: number;
}

/** A word of eight characters is repeated this often: rows of 60 to 220 bytes. */
const MIN_WORDS = 4;
const WORD_CHOICES = 20;

export function textOf(seed: number, { writer, number, version }: RowKey): string {
  const hash = fnv1a(`${seed}/${writer}/${number}/${version}`);
  return hash
    .toString(16)
    .padStart(8, "0")
    .repeat(MIN_WORDS + (hash % WORD_CHOICES));
}

/** Over the key and the text: it does not match where the row was changed or has another key. */
export function checksumOf(key: RowKey, text: string): number {
  return fnv1a(`${key.writer}/${key.number}/${key.version}/${text}`);
}

/** 32 bits, for ASCII text. Source: FNV-1a, draft-eastlake-fnv */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
