/** Records of SQLite: a header of serial types, and the values behind it. Format: fileformat2.html, "Record Format". */

/** One value as it is stored. */
export interface Field {
  readonly serial: number;
  readonly content: Buffer;
}

export interface StoredRecord {
  readonly fields: readonly Field[];
  /** What follows the last value: nothing in a record that SQLite wrote. */
  readonly rest: Buffer;
}

/** A varint of at most 8 bytes; null where it ends outside of `bytes`, or is no exact number in JavaScript. */
export function readVarint(bytes: Buffer, offset: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) return null;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? { value, end: offset + i + 1 } : null;
  }
  return null;
}

/** Of a number from 0 to 2^53 - 1; `length`: at least so many bytes, as SQLite would not write it. */
export function varint(value: number, length = 1): Buffer {
  const bytes = [value % 128];
  for (let left = Math.floor(value / 128); left > 0 || bytes.length < length; left = Math.floor(left / 128))
    bytes.unshift((left % 128) + 128);
  return Buffer.from(bytes);
}

const LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

export function lengthOf(serial: number): number {
  return LENGTHS[serial] ?? Math.floor((serial - 12) / 2);
}

/** Null where the payload is no record. */
export function decodeRecord(payload: Buffer): StoredRecord | null {
  const header = readVarint(payload, 0);
  if (header === null || header.value > payload.length || header.value < header.end) return null;
  const fields: Field[] = [];
  let [at, content] = [header.end, header.value];
  while (at < header.value) {
    const type = readVarint(payload, at);
    if (type === null) return null;
    const end = content + lengthOf(type.value);
    if (type.end > header.value || end > payload.length) return null;
    fields.push({ serial: type.value, content: payload.subarray(content, end) });
    [at, content] = [type.end, end];
  }
  return { fields, rest: payload.subarray(content) };
}

/** `long`: its header's length, or its serial types, are varints that are a byte longer than SQLite would make them. */
export function encodeRecord({ fields, rest }: StoredRecord, long: "length" | "types" | null = null): Buffer {
  const types = Buffer.concat(
    fields.map(({ serial }) => varint(serial, long === "types" ? varint(serial).length + 1 : 1)),
  );
  let size = long === "length" ? 2 : 1;
  while (varint(types.length + size).length > size) size++;
  return Buffer.concat([varint(types.length + size, size), types, ...fields.map(({ content }) => content), rest]);
}

/** Bytes of an integer by its serial type, from 1 to 6. */
const WIDTHS: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8 };

/** Null where the field is no integer. */
export function integerOf({ serial, content }: Field): bigint | null {
  if (serial === 8 || serial === 9) return BigInt(serial - 8);
  if (WIDTHS[serial] === undefined) return null;
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString("hex")}`));
}

/** In the type that SQLite would choose, or as an integer of at least so many bytes. */
export function integerField(value: bigint, bytes = 0): Field {
  if (bytes === 0 && (value === 0n || value === 1n)) return { serial: 8 + Number(value), content: Buffer.alloc(0) };
  for (const [serial, width] of Object.entries(WIDTHS)) {
    if (width < bytes || (BigInt.asIntN(width * 8, value) !== value && width < 8)) continue;
    const hex = BigInt.asUintN(width * 8, value)
      .toString(16)
      .padStart(width * 2, "0");
    return { serial: Number(serial), content: Buffer.from(hex, "hex") };
  }
  throw new Error(`no integer of ${bytes} bytes`);
}

export const REAL = 7;

export function realField(value: number): Field {
  const content = Buffer.alloc(8);
  content.writeDoubleBE(value);
  return { serial: REAL, content };
}

export const NULL_FIELD: Field = { serial: 0, content: Buffer.alloc(0) };

export function isText({ serial }: Field): boolean {
  return serial >= 13 && serial % 2 === 1;
}

export function isBlob({ serial }: Field): boolean {
  return serial >= 12 && serial % 2 === 0;
}

export function textField(content: Buffer): Field {
  return { serial: 13 + 2 * content.length, content };
}

export function blobField(content: Buffer): Field {
  return { serial: 12 + 2 * content.length, content };
}
