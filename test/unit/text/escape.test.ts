import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText } from "../../../src/text/escape.ts";

test.each([
  ["plain text", "plain text"],
  ["käse ✓ 日本語 😀", "käse ✓ 日本語 😀"],
  ["a\nb\r\tc", "a\\nb\\r\\tc"],
  ["\x1b[31mred\x1b[0m", "\\e[31mred\\e[0m"],
  ["\x1b]0;title\x07", "\\e]0;title\\x07"],
  ["\0\x7f\x9b", "\\x00\\x7f\\x9b"],
  ["evil\u202egnp.exe", "evil\\u{202e}gnp.exe"],
  ["\u2066a\u2069", "\\u{2066}a\\u{2069}"],
  ["zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"],
  ["line\u2028separator", "line\\u{2028}separator"],
  ["tag\u{e0041}", "tag\\u{e0041}"],
  ["soft\u00adhyphen", "soft\\xadhyphen"],
])("%j", (text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\ufeff\u{e0000}-\u{e007f}]/u;

const anyText = fc.string({
  unit: fc.oneof(
    fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)),
    fc.nat(0xa0).map((code) => String.fromCharCode(code)),
    fc.nat(0x200).map((code) => String.fromCharCode(0x1f00 + 2 * code)),
  ),
});

test("property: no control character, line break, or mark that reorders text comes out", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeText(text)).not.toMatch(UNSAFE);
    }),
    { numRuns: 2000 },
  );
});

test("every one of them, one by one", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const char = String.fromCodePoint(code);
    if (UNSAFE.test(char) && UNSAFE.test(escapeText(char)))
      throw new Error(`U+${code.toString(16)} comes out as it is`);
  }
});

test("property: escaping twice is escaping once", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeText(escapeText(text))).toBe(escapeText(text));
    }),
  );
});
