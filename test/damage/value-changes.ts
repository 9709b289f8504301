/** Other values for a stored one: equal to SQLite, nearly equal, or of equal look. */
import type { Random } from "./random.ts";
import {
  blobField,
  type Field,
  integerField,
  integerOf,
  isBlob,
  isText,
  NULL_FIELD,
  REAL,
  realField,
  textField,
} from "./record.ts";

/** The bytes of an ASCII text in the database. */
export type Encode = (text: string) => Buffer;

/** Null where there is no such change of the value. */
type Change = (field: Field, random: Random, encode: Encode) => Field | null;

function numberOf(field: Field): number | null {
  if (field.serial === REAL) return field.content.readDoubleBE(0);
  const integer = integerOf(field);
  return integer === null ? null : Number(integer);
}

function ofInteger(change: (value: bigint, field: Field, random: Random) => Field | null): Change {
  return (field, random) => {
    const value = integerOf(field);
    return value === null ? null : change(value, field, random);
  };
}

function ofText(change: (content: Buffer, random: Random, encode: Encode) => Buffer | null): Change {
  return (field, random, encode) => {
    const content = isText(field) ? change(Buffer.from(field.content), random, encode) : null;
    return content === null ? null : textField(content);
  };
}

function ofNumber(change: (value: number, random: Random) => Field | null): Change {
  return (field, random) => {
    const value = numberOf(field);
    return value === null ? null : change(value, random);
  };
}

function realOf(hex: string): Field {
  return { serial: REAL, content: Buffer.from(hex, "hex") };
}

/** As SQLite never stores them: it makes NULL of a NaN. */
const NANS = ["7ff8000000000000", "fff8000000000000", "7ff0000000000001", "7fffffffffffffff"].map(realOf);

const SPECIAL_REALS = [
  ...["8000000000000000", "0000000000000000", "7ff0000000000000", "fff0000000000000", "0000000000000001"].map(realOf),
  ...[2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 63, 1e308, 0.1, 1].map(realField),
];

const SPECIAL_INTEGERS = [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 0n, 1n];

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z]/.test(String.fromCharCode(byte));
}

export const VALUE_CHANGES: Readonly<Record<string, Change>> = {
  "wider-integer": ofInteger((value, { content }, random) =>
    content.length === 8 ? null : integerField(value, random.int(content.length + 1, 8)),
  ),
  "integer-as-real": ofInteger((value) => realField(Number(value))),
  "real-as-integer": (field) => {
    const value = field.serial === REAL ? numberOf(field) : null;
    return value !== null && Number.isSafeInteger(value) ? integerField(BigInt(value)) : null;
  },
  "next-integer": ofInteger((value, _field, random) => integerField(value + (random.oneIn(2) ? 1n : -1n))),
  "next-real": (field, random) => {
    if (field.serial !== REAL) return null;
    return {
      serial: REAL,
      content: integerField(BigInt(`0x${field.content.toString("hex")}`) + BigInt(random.int(1, 3)), 8).content,
    };
  },
  nan: ofNumber((_value, random) => random.pick(NANS)),
  "special-real": ofNumber((_value, random) => random.pick(SPECIAL_REALS)),
  "special-integer": ofNumber((_value, random) => integerField(random.pick(SPECIAL_INTEGERS))),
  "text-as-blob": (field) => (isText(field) ? blobField(field.content) : null),
  "blob-as-text": (field) => (isBlob(field) ? textField(field.content) : null),
  "number-as-text": (field, _random, encode) => {
    const value = numberOf(field);
    return value === null ? null : textField(encode(String(value)));
  },
  "text-as-number": (field) => {
    const text = isText(field) ? field.content.toString("latin1").replaceAll("\0", "") : "";
    return /^-?\d{1,15}$/.test(text) ? integerField(BigInt(text)) : null;
  },
  "other-case": ofText((content, random) => {
    const letters = [...content.keys()].filter((i) => isLetter(content[i]));
    if (letters.length === 0) return null;
    const at = random.pick(letters);
    content[at] = (content[at] ?? 0) ^ 0x20;
    return content;
  }),
  "blanks-at-the-end": ofText((content, random, encode) => {
    const blank = encode(" ");
    if (random.oneIn(2) && content.subarray(-blank.length).equals(blank)) return content.subarray(0, -blank.length);
    return Buffer.concat([content, encode(" ".repeat(random.int(1, 3)))]);
  }),
  "nul-at-the-end": ofText((content, _random, encode) => Buffer.concat([content, encode("\0")])),
  "nul-inside": ofText((content, random) => {
    if (content.length === 0) return null;
    content[random.int(0, content.length - 1)] = 0;
    return content;
  }),
  "shorter-by-a-byte": ofText((content) => (content.length === 0 ? null : content.subarray(0, -1))),
  "invalid-text": ofText((content, random) => {
    if (content.length === 0) return null;
    content[random.int(0, content.length - 1)] = random.pick([0x80, 0xc0, 0xd8, 0xdc, 0xed, 0xf5, 0xfe, 0xff]);
    return content;
  }),
  null: (field) => (field.serial === 0 ? null : NULL_FIELD),
  "instead-of-null": (field, random) =>
    field.serial === 0
      ? random.pick([integerField(0n), textField(Buffer.alloc(0)), blobField(Buffer.alloc(0)), ...NANS])
      : null,
};
