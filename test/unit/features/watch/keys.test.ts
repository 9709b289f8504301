import { expect, test } from "vitest";
import { type Key, parseKeys } from "../../../../src/features/watch/keys.ts";

test.each<[string, Key[]]>([
  ["q", ["quit"]],
  ["Q", ["quit"]],
  ["\x03", ["interrupt"]],
  ["\x1a", ["suspend"]],
  ["\x0c", ["redraw"]],
  [" ", ["space"]],
  ["?h", ["help", "help"]],
  ["f\r\n", ["findings", "enter", "enter"]],
  ["x\x1b[20~", ["kill", "kill"]], // F9
  ["jkgG", ["down", "up", "first", "last"]],
  ["\x1b[5~\x1b[6~", ["page-up", "page-down"]],
  ["\x1b[H\x1bOH\x1b[1~\x1b[7~", ["first", "first", "first", "first"]],
  ["\x1b[F\x1bOF\x1b[4~\x1b[8~", ["last", "last", "last", "last"]],
  ["\x1b", ["escape"]],
  ["", []],
  // several at once, arrows in both modes
  ["jx\x1b[A\x1bOBp?q", ["down", "kill", "up", "down", "pause", "help", "quit"]],
  ["\x03\x1a\x1b", ["interrupt", "suspend", "escape"]],
  // unknown sequences are skipped as a whole
  ["\x1b[1;5A\x1b[15~\x1bOPyz", []],
  ["\x1bxq", ["quit"]],
])("%j", (text, keys) => {
  expect(parseKeys(text)).toEqual(keys);
});
