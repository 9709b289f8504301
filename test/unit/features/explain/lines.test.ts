import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, Lines } from "../../../../src/features/explain/lines.ts";
import { CODE_POINT } from "../../../support/code-point.ts";

function linesOf(bytes: string | Uint8Array, chunk = Number.POSITIVE_INFINITY): Line[] {
  const all = Buffer.from(bytes);
  const lines = new Lines();
  const found: Line[] = [];
  for (let at = 0; at < all.length; at += Math.min(chunk, all.length))
    found.push(...lines.push(all.subarray(at, at + Math.min(chunk, all.length))));
  return [...found, ...lines.end()];
}

const texts = (bytes: string | Uint8Array, chunk?: number) =>
  linesOf(bytes, chunk).map((line) => `${line.number} ${line.text}`);

test("lines of all kinds of ends, numbered; empty ones are counted and left out", () => {
  expect(texts("a\nb\r\n\n\r\nc")).toEqual(["1 a", "2 b", "4 ", "5 c"]);
  expect(texts("")).toEqual([]);
  expect(texts("\n\n")).toEqual([]);
});

test("colours, NUL and characters over the border of two chunks", () => {
  const text = "\x1b[31mdatabase\x1b[0m is \x1b]8;;http://x\x07locked\x1b[K\nünïcode €\nl\0o\0c\0k\0";
  for (let chunk = 1; chunk < 30; chunk++)
    expect(texts(text, chunk)).toEqual(["1 database is locked", "2 ünïcode €", "3 lock"]);
});

test("UTF-16 reads as what of it is ASCII", () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("one\r\ndatabase is locked\r\n", "utf16le")]);
  for (const chunk of [1, 2, 3, 100]) expect(texts(bytes, chunk)).toEqual(["1 one", "2 database is locked"]);
});

test("a byte order mark is dropped, whatever the chunks; shorter texts stay", () => {
  for (const chunk of [1, 2, 100]) expect(texts("\ufefflocked", chunk)).toEqual(["1 locked"]);
  expect(texts("ab")).toEqual(["1 ab"]);
});

test("a long line comes in pieces that overlap, and nothing of it is lost", () => {
  const long = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(" ");
  for (const chunk of [1000, 65_536, Number.POSITIVE_INFINITY]) {
    const pieces = linesOf(`first\n${long}\nlast`, chunk);
    expect(pieces.at(0)?.text).toBe("first");
    expect(pieces.at(-1)).toEqual({ number: 3, text: "last", overlap: 0 });
    const own = pieces.slice(1, -1);
    expect(own.every((piece) => piece.number === 2 && piece.text.length <= 65_536 * 2)).toBe(true);
    expect(own.map((piece) => piece.text.slice(0, piece.text.length - piece.overlap)).join("")).toBe(long);
  }
});

test("what is no text", () => {
  const kind = (bytes: string | Uint8Array) => {
    const lines = new Lines();
    for (const _ of [...lines.push(Buffer.from(bytes)), ...lines.end()]);
    return [lines.empty, lines.binary];
  };
  expect(kind("")).toEqual([true, false]);
  expect(kind(" \n\t\r\n ...")).toEqual([true, false]);
  expect(kind("\0".repeat(1000))).toEqual([true, true]);
  expect(kind("database is locked")).toEqual([false, false]);
  expect(kind("Datenbank gesperrt: ü\tx\r\n")).toEqual([false, false]);
  expect(kind(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255)))).toEqual([false, true]);
});

test("any bytes, in any chunks, are the same lines", () => {
  const piece = fc.oneof(
    fc.string({ unit: CODE_POINT, maxLength: 20 }),
    fc.constantFrom("\n", "\r\n", "\r", "\0", "\x1b[0m", "x".repeat(5000)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 7000 }), (parts, chunk) => {
      const joined = (lines: readonly Line[]) => {
        const rows = new Map<number, string>();
        for (const { number, text, overlap } of lines)
          rows.set(number, (rows.get(number) ?? "") + text.slice(0, text.length - overlap));
        return [...rows].filter(([, text]) => text !== "" && text !== "\r");
      };
      expect(joined(linesOf(parts.join(""), chunk))).toEqual(joined(linesOf(parts.join(""))));
    }),
    { numRuns: 40 },
  );
});
