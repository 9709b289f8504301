import { expect, test } from "vitest";
import { type IdRange, unusedRange } from "../../../src/user/isolated.ts";

const HOST = "         0          0 4294967295\n";
const CONTAINER = "         0     100000      65536\n";
const ROOTLESS = "0 1000 1\n1 100000 65536\n";
const UNUSED = { first: 1_879_048_192, last: 2_147_483_647 };

test.each<[string, string, string, IdRange | null]>([
  ["the host has all", HOST, HOST, UNUSED],
  ["a container: the last ones that it has", CONTAINER, CONTAINER, { first: 65_035, last: 65_535 }],
  ["of two lines, the last ones", ROOTLESS, ROOTLESS, { first: 65_036, last: 65_536 }],
  ["only what is a user and a group", HOST, CONTAINER, { first: 65_035, last: 65_535 }],
  ["so few that programs may have each", "0 100000 1000\n", "0 100000 1000\n", null],
  ["a user that has mapped itself alone", "0 1000 1\n", "0 1000 1\n", null],
  ["no map", "", HOST, null],
  ["no numbers", "a b c\n", HOST, null],
])("%s", (_, uidMap, gidMap, expected) => {
  expect(unusedRange(uidMap, gidMap)).toEqual(expected);
});
