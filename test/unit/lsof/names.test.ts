import fc from "fast-check";
import { expect, test } from "vitest";
import { interpretationsOf } from "../../../src/lsof/names.ts";

test.each([
  ["/srv/db", ["/srv/db"]],
  ["/srv/a b", ["/srv/a b"]],
  ["/srv/a\\nb", ["/srv/a\nb", "/srv/a\\nb"]],
  ["/srv/a\\\\nb", ["/srv/a\\nb", "/srv/a\\\\nb"]],
  ["/srv/\\xc3\\xa9", ["/srv/é", "/srv/\\xc3\\xa9"]],
  ["/srv/^A", ["/srv/\x01", "/srv/^A"]],
  ["/srv/^?", ["/srv/\x7f", "/srv/^?"]],
  ["/srv/\\t^A", ["/srv/\t\x01", "/srv/\t^A", "/srv/\\t^A"]],
  ["/srv/a\\", ["/srv/a\\"]],
  ["/srv/\\xff", ["/srv/\ufffd", "/srv/\\xff"]],
  ["/srv/\xc3\xa9", ["/srv/é"]],
])("%j is one of these", (written, readings) => {
  expect(interpretationsOf(written)).toEqual(readings);
});

/** As safestrprt() of lsof 4.95 writes a name in the locale C. */
function written(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) => {
      const letter = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 92: "\\\\" }[byte];
      if (letter !== undefined) return letter;
      if (byte < 32) return `^${String.fromCharCode(byte + 64)}`;
      if (byte === 127) return "^?";
      return byte > 127 ? `\\x${byte.toString(16)}` : String.fromCharCode(byte);
    })
    .join("");
}

test("a name without a caret is read as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const name = text.replaceAll("^", "").toWellFormed();
      expect(interpretationsOf(written(name))[0]).toBe(name);
    }),
  );
});
