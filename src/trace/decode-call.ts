/** Records of probes as calls and returns of SQLite. Pure. */
import { type CallEvent, keyOf64, type SqlText } from "../recording/source-event.ts";
import { type Decoder, type Page, tidAt } from "./decode.ts";
import { type EventFormat, type Field, fieldIfAny, fieldOf } from "./format.ts";
import { callOf, type Definition, isEnd, type SqliteFunction, textBytesOf } from "./probe-definition.ts";

/** What sqlite3_exec calls, without a length. Source: legacy.c */
const OF_EXEC: ReadonlySet<SqliteFunction> = new Set(["sqlite3_prepare", "sqlite3_prepare_v2"]);

/** The state of a statement that is at a row. Source: VDBE_RUN_STATE, vdbeInt.h */
const RUNS = 2;

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** @throws ParseError */
export function probeDecoder(format: EventFormat, { probe, side }: Definition): Decoder {
  const call = callOf(probe.function);
  const { library } = probe;
  const text = side === "call" && textBytesOf(probe) !== null ? textReader(format) : null;
  if (isEnd(call)) return endDecoder(format, library, call === "finalize", text);
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
  const state = fieldIfAny(format, "state", [1]);
  const limit = fieldIfAny(format, "bytes", [4]);
  const isNeverOfExec = call === "prepare" && !OF_EXEC.has(probe.function);
  return {
    length: lengthOf(format),
    decode(page, at, atMs) {
      const st = pointerAt(page.words, at, statement);
      // without a statement, what its pointer leads to was not read: it is left over from another event
      const without = statement !== null && st === null;
      const event: Changeable<CallEvent> = {
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
      if (isNeverOfExec || (limit !== null && limitAt(page.words, at, limit) >= 0)) event.isOfProgram = true;
      if (state !== null) event.isNewRun = !without && page.bytes[at + state.offset] !== RUNS;
      return event;
    },
  };
}

/** @throws ParseError */
function endDecoder(format: EventFormat, library: number, finalizes: boolean, text: TextReader | null): Decoder {
  const connection = fieldOf(format, ["db"], [8]);
  const statement = fieldOf(format, ["st"], [8]);
  return {
    length: lengthOf(format),
    decode(page, at, atMs) {
      const { words } = page;
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
        sql: text === null ? null : text(page, at),
      };
    },
  };
}

/** Of a record, with all that is in it. */
function lengthOf({ fields }: EventFormat): number {
  return Math.max(...Array.from(fields.values(), ({ offset, size }) => offset + size));
}

/** Null for a null pointer, and where there is no such field. */
function pointerAt(words: Uint32Array, at: number, field: Field | null): number | null {
  if (field === null) return null;
  const index = (at + field.offset) >> 2;
  const key = keyOf64(words[index] ?? 0, words[index + 1] ?? 0);
  return key === 0 ? null : key;
}

/** The length that a prepare was given; negative: up to the end of the text. */
function limitAt(words: Uint32Array, at: number, field: Field): number {
  return (words[(at + field.offset) >> 2] ?? 0) | 0;
}

/** An array has 1 to 64 words. Source: MAX_ARRAY_LEN, trace_probe.h */
const ARRAY_BYTES: readonly number[] = Array.from({ length: 64 }, (_, index) => (index + 1) * 8);

type TextReader = (page: Page, at: number) => SqlText | null;

/** @throws ParseError */
function textReader(format: EventFormat): TextReader {
  const field = fieldOf(format, ["sql"], ARRAY_BYTES);
  const taken = field.size;
  const pointer = fieldIfAny(format, "text", [8]);
  const limit = fieldIfAny(format, "bytes", [4]);
  return ({ words, bytes }, at) => {
    if (pointer !== null && pointerAt(words, at, pointer) === null) return null;
    const given = limit === null ? -1 : limitAt(words, at, limit);
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
