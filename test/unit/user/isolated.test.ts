import { expect, test } from "vitest";
import { isMapped, isolatedUser } from "../../../src/user/isolated.ts";

const HOST = "         0          0 4294967295\n";
const CONTAINER = "         0     100000      65536\n";
const TWO = "0 1000 1\n1 100000 65536\n";

test.each<[string, string, number, boolean]>([
  ["the host has all", HOST, 1_900_000_000, true],
  ["the last of the host", HOST, 4_294_967_294, true],
  ["that number is no user", HOST, 4_294_967_295, false],
  ["a container has few", CONTAINER, 1_900_000_000, false],
  ["the first", CONTAINER, 0, true],
  ["the last", CONTAINER, 65535, true],
  ["the one after it", CONTAINER, 65536, false],
  ["numbers inside count, not those outside", CONTAINER, 100_000, false],
  ["of two lines, the first", TWO, 0, true],
  ["of two lines, the second", TWO, 65536, true],
  ["after both", TWO, 65537, false],
  ["no map", "", 0, false],
  ["no numbers", "a b c\n", 0, false],
])("%s", (_, map, id, expected) => {
  expect(isMapped(map, id)).toBe(expected);
});

test("each time another number, and one that no system gives", () => {
  const users = Array.from({ length: 5 }, isolatedUser);
  for (const user of users)
    if (user !== null) {
      expect(user.uid).toBeGreaterThanOrEqual(1_879_048_192);
      expect(user.uid).toBeLessThan(2_147_483_647);
      expect(user).toMatchObject({ gid: user.uid, name: null });
    }
});
