import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { accountOf, parseAccount } from "../../../src/user/account.ts";
import { userOf } from "../../../src/user/user.ts";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/bash",
  "web:x:1001:100:Web, of the shop:/srv/web:/bin/zsh",
  "second:x:1001:200::/srv/second:/bin/false",
  "empty:x:1002:1002:::",
  "short:x:1003:1003",
].join("\n");

test.each([
  ["web", 1001, "/srv/web", "/bin/zsh"],
  ["second", 1001, "/srv/second", "/bin/false"],
  ["empty", 1002, "/", "/bin/sh"],
  ["short", 1003, "/", "/bin/sh"],
  ["web", 1002, "/", "/bin/sh"],
  [null, 1001, "/", "/bin/sh"],
])("user %s of number %d: %s, %s", (name, uid, home, shell) => {
  expect(parseAccount(PASSWD, { uid, gid: 1, name })).toEqual({ home, shell });
});

test("who runs this, from the list of this machine", () => {
  const { uid, homedir, shell } = userInfo();
  expect(accountOf(userOf(uid))).toEqual({ home: homedir, shell });
});
