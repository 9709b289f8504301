/** Records of probes as calls and returns of SQLite. Pure. */
import { keyOf64, type SqlText } from "../recording/source-event.ts";
import type { Decoder, Page } from "./decode.ts";
import { type EventFormat, type Field, fieldIfAny, fieldOf } from "./format.ts";
import { callOf, type Definition, HEAD_WORDS } from "./probe-definition.ts";

/** @throws ParseError */
export function probeDecoder(format: EventFormat, { probe, side }: Definition): Decoder {
  const call = callOf(probe.function);
  const { library } = probe;
  if (side === "return") {
    const code = fieldOf(format, ["rc"], [4]);
    return {
      length: code.offset + 4,
      decode: ({ words }, at, _length, atMs) => ({
        kind: "return",
        atMs,
        tid: tidOf(words, at),
        call,
        library,
        code: (words[(at + code.offset) >> 2] ?? 0) | 0,
      }),
    };
  }
  const stack = fieldOf(format, ["sp"], [8]);
  const connection = fieldIfAny(format, "db", [8]);
  const statement = fieldIfAny(format, "st", [8]);
  const text = textReader(format);
  const ends = [...format.fields.values()].map(({ offset, size }) => offset + size);
  return {
    length: Math.max(...ends),
    decode(page, at, length, atMs) {
      const st = pointerAt(page.words, at, statement);
      // without a statement, what its pointer leads to was not read: it is left over from another event
      const without = statement !== null && st === null;
      return {
        kind: "call",
        atMs,
        tid: tidOf(page.words, at),
        pid: null,
        call,
        library,
        stackPointer: pointerAt(page.words, at, stack) ?? 0,
        connection: without ? null : pointerAt(page.words, at, connection),
        statement: st,
        sql: without || text === null ? null : text(page, at, length),
      };
    },
  };
}

function tidOf(words: Uint32Array, at: number): number {
  return (words[(at >> 2) + 1] ?? 0) | 0;
}

/** Null for a null pointer, and where there is no such field. */
function pointerAt(words: Uint32Array, at: number, field: Field | null): number | null {
  if (field === null) return null;
  const index = (at + field.offset) >> 2;
  const key = keyOf64(words[index] ?? 0, words[index + 1] ?? 0);
  return key === 0 ? null : key;
}

type TextReader = (page: Page, at: number, length: number) => SqlText | null;

/** Null where the probe takes no text. */
function textReader(format: EventFormat): TextReader | null {
  const whole = fieldIfAny(format, "sql", [4]);
  if (whole === null) return null;
  const pointer = fieldOf(format, ["text"], [8]);
  const head = fieldOf(format, ["head"], [HEAD_WORDS * 8]);
  const limit = fieldIfAny(format, "bytes", [4]);
  return ({ words, bytes }, at, length) => {
    // where it could not be read, sql is empty, and head is left over from another event
    if (pointerAt(words, at, pointer) === null) return null;
    const given = limit === null ? -1 : (words[(at + limit.offset) >> 2] ?? 0) | 0;
    const most = given < 0 ? Number.POSITIVE_INFINITY : given;
    const location = words[(at + whole.offset) >> 2] ?? 0;
    const [from, size] = [location & 0xffff, location >>> 16];
    if (from + size > length) return null;
    // with its final zero
    if (size > 1) return sqlText(bytes, at + from, Math.min(size - 1, most), false);
    const start = at + head.offset;
    const zero = bytes.indexOf(0, start);
    // short enough to have arrived as a string: it could not be read, or it is empty
    if (zero >= 0 && zero < start + head.size && !(most < zero - start)) return null;
    return most <= head.size ? sqlText(bytes, start, most, false) : sqlText(bytes, start, head.size, true);
  };
}

const FAULT = "(fault)";

function sqlText(bytes: Buffer, start: number, length: number, cut: boolean): SqlText | null {
  const text = bytes.toString("utf8", start, start + (cut ? wholeCharacters(bytes, start, length) : length));
  return text === "" || text === FAULT ? null : { text, cut };
}

/** The length without a last character of UTF-8 that is not complete. */
function wholeCharacters(bytes: Buffer, start: number, length: number): number {
  for (let back = 1; back <= Math.min(4, length); back += 1) {
    const byte = bytes[start + length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? length - back : length;
  }
  return length;
}
