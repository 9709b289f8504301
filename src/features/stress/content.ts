/** What stands in a row, by who wrote it, which row it is and how often it was written. Pure. */

export interface RowKey {
  readonly writer: number;
  /** Of this writer's rows, from 1. */
  readonly number: number;
  /** 1 when it was inserted, one more with each update. */
  readonly version: number;
}

/** Between these many times a word of eight characters: rows of some 60 to 220 bytes. */
const LEAST_WORDS = 4;
const WORD_CHOICES = 20;

export function textOf(seed: number, { writer, number, version }: RowKey): string {
  const hash = fnv1a(`${seed}/${writer}/${number}/${version}`);
  return hash
    .toString(16)
    .padStart(8, "0")
    .repeat(LEAST_WORDS + (hash % WORD_CHOICES));
}

/** Over the key and the text: a row that changed, or stands under another key, does not fit. */
export function checksumOf(key: RowKey, text: string): number {
  return fnv1a(`${key.writer}/${key.number}/${key.version}/${text}`);
}

/** 32 bits. Source: FNV-1a, draft-eastlake-fnv, for texts of ASCII. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
