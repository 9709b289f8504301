import { expect, test } from "vitest";
import { parseNamed, parsePasswd, userNamed, userOf } from "../../../src/user/user.ts";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/bash",
  "web:x:1001:100:Web, of the shop:/srv/web:/bin/sh",
  "second:x:1001:200::/:/bin/false",
  "+nis::1002:1002:::",
  ":x:1003:1003:::",
  "short:x:1004",
  "words:x:1005:staff:::",
  "negative:x:1006:-1:::",
  "leading:x:01007:7:::",
  "",
].join("\n");

test.each<[string, number, number, string | null]>([
  ["an ordinary one", 0, 0, "root"],
  ["of two with this number the first counts", 1001, 100, "web"],
  ["a name of any characters", 1002, 1002, "+nis"],
  ["an entry without a name", 1003, 65534, null],
  ["an entry that is cut off", 1004, 65534, null],
  ["a group that is no number", 1005, 65534, null],
  ["a group that is negative", 1006, 65534, null],
  ["another spelling of the number", 1007, 65534, null],
  ["none", 61_001, 65534, null],
])("%s: user %d has group %d and name %s", (_, uid, gid, name) => {
  expect(parsePasswd(PASSWD, uid)).toEqual({ uid, gid, name });
});

test("without any list a user is in no group of others", () => {
  expect(parsePasswd("", 7)).toEqual({ uid: 7, gid: 65534, name: null });
});

test("the list of this machine", () => {
  expect(userOf(0)).toEqual({ uid: 0, gid: 0, name: "root" });
  expect(userOf(61_001)).toEqual({ uid: 61_001, gid: 65534, name: null });
});

test("a user by its name, with its own group where two have one number", () => {
  expect(parseNamed(PASSWD, "web")).toEqual({ uid: 1001, gid: 100, name: "web" });
  expect(parseNamed(PASSWD, "second")).toEqual({ uid: 1001, gid: 200, name: "second" });
  for (const name of ["we", "short", "words", "negative", "x"]) expect(parseNamed(PASSWD, name)).toBeNull();
});

test("by its number, or its name; what is no name is not looked up", () => {
  expect(userNamed("0")).toMatchObject({ uid: 0, name: "root" });
  expect(userNamed("root")).toMatchObject({ uid: 0, gid: 0 });
  expect(userNamed("61001")).toEqual({ uid: 61_001, gid: 65_534, name: null });
  for (const name of ["", "-s", "a b", "a:b", "../x", "no-such-user-here"]) expect(userNamed(name)).toBeNull();
});
