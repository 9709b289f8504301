import { expect, test } from "vitest";
import { type Sight, sightOf } from "../../../src/proc/sight.ts";

const status = (capabilities: string) =>
  ({ kind: "ok", value: `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${capabilities}\nCapBnd:\t0\n` }) as const;
const ALL = status("000001ffffffffff");

test.each<[string, Parameters<typeof sightOf>, Sight]>([
  ["root", [true, false, ALL], "full"],
  ["root without CAP_SYS_PTRACE", [true, false, status("000001fffff7ffff")], "limited"],
  ["root with CAP_SYS_PTRACE alone", [true, false, status("0000000000080000")], "limited"],
  ["root that may enter folders besides", [true, false, status("0000000000080004")], "full"],
  ["root whose capabilities cannot be read", [true, false, { kind: "gone" }], "limited"],
  ["root of a user namespace, which has all there", [true, true, ALL], "user-namespace"],
  ["an ordinary user", [false, false, status("0000000000000000")], "user"],
])("%s", (_, args, sight) => {
  expect(sightOf(...args)).toBe(sight);
});
