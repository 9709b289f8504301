/** Records of probes as calls and returns of SQLite. Pure. */
import { keyOf64, type SqlText } from "../recording/source-event.ts";
import { type Decoder, type Page, tidAt } from "./decode.ts";
import { type EventFormat, type Field, fieldIfAny, fieldOf } from "./format.ts";
import { callOf, type Definition, isEnd, TEXT_BYTES, takesText } from "./probe-definition.ts";

/** @throws ParseError */
export function probeDecoder(format: EventFormat, { probe, side }: Definition): Decoder {
  const call = callOf(probe.function);
  const { library } = probe;
  if (isEnd(call)) return endDecoder(format, library, call === "finalize");
  if (side === "return") {
    const code = fieldOf(format, ["rc"], [4]);
    return {
      length: code.offset + 4,
      decode: ({ words }, at, atMs) => ({
        kind: "return",
        atMs,
        tid: tidAt(words, at),
        call,
        library,
        code: (words[(at + code.offset) >> 2] ?? 0) | 0,
      }),
    };
  }
  const stack = fieldOf(format, ["sp"], [8]);
  const connection = fieldIfAny(format, "db", [8]);
  const statement = fieldIfAny(format, "st", [8]);
  const text = takesText(probe) ? textReader(format) : null;
  const ends = [...format.fields.values()].map(({ offset, size }) => offset + size);
  return {
    length: Math.max(...ends),
    decode(page, at, atMs) {
      const st = pointerAt(page.words, at, statement);
      // without a statement, what its pointer leads to was not read: it is left over from another event
      const without = statement !== null && st === null;
      return {
        kind: "call",
        atMs,
        tid: tidAt(page.words, at),
        pid: null,
        call,
        library,
        stackPointer: pointerAt(page.words, at, stack) ?? 0,
        connection: without ? null : pointerAt(page.words, at, connection),
        statement: st,
        sql: without || text === null ? null : text(page, at),
      };
    },
  };
}

/** @throws ParseError */
function endDecoder(format: EventFormat, library: number, finalizes: boolean): Decoder {
  const connection = fieldOf(format, ["db"], [8]);
  const statement = fieldOf(format, ["st"], [8]);
  return {
    length: Math.max(connection.offset, statement.offset) + 8,
    decode({ words }, at, atMs) {
      const st = pointerAt(words, at, statement);
      if (st === null) return null; // that of no statement is allowed, and does nothing
      return {
        kind: "reset",
        atMs,
        tid: tidAt(words, at),
        pid: null,
        library,
        connection: pointerAt(words, at, connection),
        statement: st,
        finalizes,
      };
    },
  };
}

/** Null for a null pointer, and where there is no such field. */
function pointerAt(words: Uint32Array, at: number, field: Field | null): number | null {
  if (field === null) return null;
  const index = (at + field.offset) >> 2;
  const key = keyOf64(words[index] ?? 0, words[index + 1] ?? 0);
  return key === 0 ? null : key;
}

type TextReader = (page: Page, at: number) => SqlText | null;

/** @throws ParseError */
function textReader(format: EventFormat): TextReader {
  const field = fieldOf(format, ["sql"], TEXT_BYTES);
  const taken = field.size;
  const pointer = fieldIfAny(format, "text", [8]);
  const limit = fieldIfAny(format, "bytes", [4]);
  return ({ words, bytes }, at) => {
    if (pointer !== null && pointerAt(words, at, pointer) === null) return null;
    const given = limit === null ? -1 : (words[(at + limit.offset) >> 2] ?? 0) | 0;
    const start = at + field.offset;
    const zero = bytes.indexOf(0, start);
    const end = zero < 0 ? taken : Math.min(zero - start, taken);
    const length = given < 0 ? end : Math.min(given, end);
    const cut = length === taken && given !== taken;
    const text = bytes.toString("utf8", start, start + (cut ? wholeCharacters(bytes, start, length) : length));
    if (text === "") return null;
    return cut ? { text, cut, length: { bytes: taken, atLeast: true } } : { text, cut };
  };
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
