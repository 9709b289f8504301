import { expect, test } from "vitest";
import { type KeyAction, parseKeys } from "../../../../src/features/watch/keys.ts";

test.each<[string, KeyAction[]]>([
  ["q", ["quit"]],
  ["Q", ["quit"]],
  ["\x03", ["interrupt"]],
  ["\x1a", ["suspend"]],
  ["\x0c", ["redraw"]],
  [" ", ["pause"]],
  ["?h", ["help", "help"]],
  ["\x1b", ["back"]],
  ["", []],
  // several at once, arrows in both modes
  ["jk\x1b[A\x1bOBp?q", ["down", "kill", "up", "down", "pause", "help", "quit"]],
  ["\x03\x1a\x1b", ["interrupt", "suspend", "back"]],
  // unknown sequences are skipped as a whole
  ["\x1b[1;5A\x1b[15~\x1bOPxyz", []],
  ["\x1bkq", ["quit"]],
])("%j", (text, keys) => {
  expect(parseKeys(text)).toEqual(keys);
});
