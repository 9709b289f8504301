import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeJson, escapeLines, escapeText, isVisible } from "../../../src/text/escape.ts";
import { OBEYED } from "../../support/hostile-names.ts";

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
  ["joined\u034fletters", "joined\\u{34f}letters"],
  ["fillers\u115f\u1160\u3164\uffa0\u17b4\u17b5", "fillers\\u{115f}\\u{1160}\\u{3164}\\u{ffa0}\\u{17b4}\\u{17b5}"],
  ["blank\u2800", "blank\\u{2800}"],
  ["variations\u180b\ufe00\ufe0f\u{e0101}\u{e01ef}", "variations\\u{180b}\\u{fe00}\\u{fe0f}\\u{e0101}\\u{e01ef}"],
  ["Ti\u0302\u0301ng Vi\u0323\u0302t, b\u05b0\u05bc\u0596", "Ti\u0302\u0301ng Vi\u0323\u0302t, b\u05b0\u05bc\u0596"],
  [`e${"\u0301".repeat(6)}f`, `e${"\u0301".repeat(4)}\\u{301}\\u{301}f`],
  ["\u0301 at the start", "\\u{301} at the start"],
  ["after what is escaped\u200b\u0301", "after what is escaped\\u{200b}\\u{301}"],
])("%j", (text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

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
      expect(escapeText(text)).not.toMatch(OBEYED);
    }),
    { numRuns: 2000 },
  );
});

test("every one of them, one by one", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const char = String.fromCodePoint(code);
    if (!OBEYED.test(char)) continue;
    const escaped = [escapeText(char), escapeJson(JSON.stringify(char))];
    if (escaped.some((text) => !/^[ -~]+$/.test(text))) throw new Error(`U+${code.toString(16)} comes out as it is`);
  }
});

test("property: escaping twice is escaping once", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeText(escapeText(text))).toBe(escapeText(text));
    }),
  );
});

test.each([
  ["plain", '"plain"'],
  ["käse 日本語 e\u0301", '"käse 日本語 e\u0301"'],
  ["\u009b\u009d\u202e", '"\\u009b\\u009d\\u202e"'],
  ["tag\u{e0041}", '"tag\\udb40\\udc41"'],
  ["\u0301", '"\\u0301"'],
  [`e${"\u0301".repeat(5)}`, `"e${"\u0301".repeat(4)}\\u0301"`],
])("as JSON: %j", (text, json) => {
  expect(escapeJson(JSON.stringify(text))).toBe(json);
  expect(JSON.parse(json)).toBe(text);
});

test("property: JSON is the same document, and nothing that a terminal obeys comes out", () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, fc.array(anyText)), (document) => {
      const json = escapeJson(JSON.stringify(document, null, 2));
      expect(JSON.parse(json)).toEqual(document);
      expect(json).not.toMatch(OBEYED);
      expect(json.split("\n")).toHaveLength(JSON.stringify(document, null, 2).split("\n").length);
    }),
  );
});

test("several lines", () => {
  expect(escapeLines("Error: \x1b\n    at x\r")).toBe("Error: \\e\n    at x\\r");
});

test("property: visible is what is not changed", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(isVisible(text)).toBe(escapeText(text) === text);
    }),
  );
});
